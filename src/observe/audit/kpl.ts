import { createHash, timingSafeEqual } from 'node:crypto'

const MAGIC = Buffer.from('f3899ac2', 'hex')
const DIGEST = 16
const USER_RECORD = 3
const DATA = 3
const VARINT = 0
const FIXED_64 = 1
const BYTES = 2
const FIXED_32 = 5

/**
 * The records that the Kinesis Producer Library put into one (awslabs/amazon-kinesis-producer aggregation-format.md): a magic
 * number, an AggregatedRecord of protobuf, its MD5. Undefined where it is none, or why it is broken.
 */
export function deaggregated(bytes: Buffer): readonly Buffer[] | string | undefined {
  if (bytes.length < MAGIC.length + DIGEST || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const message = bytes.subarray(MAGIC.length, bytes.length - DIGEST)
  const digest = createHash('md5').update(message).digest()
  if (!timingSafeEqual(digest, bytes.subarray(bytes.length - DIGEST)))
    return 'a record of several with a wrong checksum'
  const records: Buffer[] = []
  for (const field of fieldsOf(message)) {
    if (field === undefined) return BROKEN
    if (field.number !== USER_RECORD || field.bytes === undefined) continue
    for (const part of fieldsOf(field.bytes)) {
      if (part === undefined) return BROKEN
      if (part.number === DATA && part.bytes !== undefined) records.push(part.bytes)
    }
  }
  return records
}

const BROKEN = 'a record of several that is broken'

interface Field {
  readonly number: number
  /** Of one that has a length. */
  readonly bytes?: Buffer
}

/** The fields of a message of protobuf; undefined, and no more, where it is none. */
function* fieldsOf(message: Buffer): Generator<Field | undefined> {
  let at = 0
  const varint = (): number | undefined => {
    let value = 0
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = message[at++]
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    return undefined
  }
  while (at < message.length) {
    const key = varint()
    const kind = (key ?? 0) % 8
    const number = Math.floor((key ?? 0) / 8)
    let length: number | undefined = kind === FIXED_64 ? 8 : kind === FIXED_32 ? 4 : 0
    if (key === undefined || number === 0) length = undefined
    else if (kind === VARINT) length = varint() === undefined ? undefined : 0
    else if (kind === BYTES) length = varint()
    else if (length === 0) length = undefined
    if (length === undefined || length > message.length - at) {
      yield undefined
      return
    }
    yield { number, ...(kind === BYTES ? { bytes: message.subarray(at, at + length) } : {}) }
    at += length
  }
}
