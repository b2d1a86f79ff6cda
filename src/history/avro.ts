import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import { AvroFault, type AvroType, avroSchema } from './avro-schema.ts'
import { AvroValues, longAt } from './avro-value.ts'
import { ByteReader } from './byte-reader.ts'
import { NOTHING, type Slice, tooLong, whole } from './lines.ts'

const inflated = promisify(inflateRaw)
const MAGIC = Buffer.from('Obj\u0001')
const SYNC = 16
const LONGEST_NUMBER = 10
const MOST_HEADER = 1024 ** 2
/** Of a block, packed and unpacked, in longest lines. */
const LINES_A_BLOCK = 4

export function isAvro(head: Buffer): boolean {
  return head.subarray(0, MAGIC.length).equals(MAGIC)
}

interface Block {
  readonly count: number
  readonly bytes: Buffer
}

/**
 * The records of an Avro object container file (Avro 1.11, “Object Container Files”): of Event Hubs Capture what each event
 * carries, of others each record as JSON. They stand in line 1, and are numbered in their order.
 */
export async function* avroRecords(chunks: AsyncIterable<Buffer>, limit: number): AsyncIterable<readonly Slice[]> {
  const reader = new ByteReader(chunks)
  let record = 0
  try {
    const { schema, codec, sync } = await headerOf(reader)
    for (;;) {
      const found = await blockOf(reader, sync, LINES_A_BLOCK * limit)
      if (found === undefined) return
      if (typeof found === 'number') {
        yield [faulty(`an Avro block of more than ${LINES_A_BLOCK * limit} bytes`, `${record + 1}`)]
        record += found
        continue
      }
      const values = new AvroValues(await unpackedBlock(found.bytes, codec, LINES_A_BLOCK * limit))
      let slices: Slice[] = []
      let size = 0
      for (let rest = found.count; rest > 0; rest--) {
        const item = `${++record}`
        const carried = values.read(schema)
        const bytes = 'bytes' in carried ? carried.bytes : Buffer.from(JSON.stringify(carried.value))
        slices.push(...slicesOf(bytes, item, limit))
        size += bytes.length
        if (size < limit) continue
        yield slices
        slices = []
        size = 0
      }
      if (slices.length > 0) yield slices
      if (!values.isDone) throw new AvroFault('an Avro block that holds more than it says')
    }
  } catch (error) {
    if (!(error instanceof AvroFault)) throw error
    yield [faulty(record === 0 ? error.message : `${error.message}; what follows was not read`, `${record + 1}`)]
  } finally {
    await reader.close()
  }
}

/** An event may carry several lines. */
function slicesOf(bytes: Buffer, item: string, limit: number): readonly Slice[] {
  if (bytes.length > limit) return [faulty(tooLong(limit), item)]
  const text = bytes.indexOf(NEWLINE) < 0 ? undefined : bytes.toString()
  if (text === undefined || isJson(text)) return [{ ...whole([bytes], 1), item }]
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, at) => ({ ...whole([Buffer.from(line)], 1), item: `${item}.${at + 1}` }))
}

const NEWLINE = 0x0a

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

interface Header {
  readonly schema: AvroType
  readonly codec: string
  readonly sync: Buffer
}

async function headerOf(reader: ByteReader): Promise<Header> {
  const magic = await reader.take(MAGIC.length)
  if (magic === undefined || !isAvro(magic)) throw new AvroFault('no Avro file')
  const known = new Map<string, string>()
  for (let count = await longOf(reader); count !== 0; count = await longOf(reader)) {
    if (count < 0) await longOf(reader)
    for (let rest = Math.abs(count); rest > 0; rest--) {
      const name = (await bytesOf(reader)).toString()
      known.set(name, (await bytesOf(reader)).toString())
    }
  }
  const sync = await reader.take(SYNC)
  if (sync === undefined) throw new AvroFault('an Avro file that ends within its header')
  const codec = known.get('avro.codec') ?? 'null'
  if (codec !== 'null' && codec !== 'deflate')
    throw new AvroFault(`an Avro file of codec ${JSON.stringify(codec.slice(0, 32))}, which is not read`)
  return { schema: avroSchema(known.get('avro.schema') ?? ''), codec, sync: Buffer.from(sync) }
}

/** Undefined at the end; how many records it has where it is too large. */
async function blockOf(reader: ByteReader, sync: Buffer, limit: number): Promise<Block | number | undefined> {
  const count = await longOf(reader, true)
  if (count === undefined) return undefined
  const size = await longOf(reader)
  if (count < 0 || size < 0) throw new AvroFault('an Avro block with a count or size below zero')
  let bytes: Buffer | undefined
  if (size > limit) await reader.skip(size)
  else bytes = await reader.take(size)
  const end = bytes === undefined && size <= limit ? undefined : await reader.take(SYNC)
  if (end === undefined) throw new AvroFault('an Avro file that ends within a block')
  if (!end.equals(sync)) throw new AvroFault('an Avro block that does not end where it says')
  return bytes === undefined ? count : { count, bytes }
}

async function unpackedBlock(bytes: Buffer, codec: string, limit: number): Promise<Buffer> {
  if (codec === 'null') return bytes
  try {
    return await inflated(bytes, { maxOutputLength: limit })
  } catch (error) {
    const isTooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw new AvroFault(isTooLarge ? `an Avro block of more than ${limit} bytes` : 'an Avro block that is not whole')
  }
}

async function longOf(reader: ByteReader): Promise<number>
async function longOf(reader: ByteReader, mayEnd: true): Promise<number | undefined>
async function longOf(reader: ByteReader, mayEnd = false): Promise<number | undefined> {
  const bytes: number[] = []
  while (bytes.length < LONGEST_NUMBER) {
    const next = await reader.take(1)
    if (next === undefined && mayEnd && bytes.length === 0) return undefined
    if (next === undefined) break
    bytes.push(next[0] as number)
    if ((next[0] as number) >= 0x80) continue
    return longAt(Buffer.from(bytes), 0)?.value
  }
  throw new AvroFault('an Avro file that ends within a number')
}

async function bytesOf(reader: ByteReader): Promise<Buffer> {
  const length = await longOf(reader)
  if (length < 0 || length > MOST_HEADER || reader.position > MOST_HEADER)
    throw new AvroFault('an Avro file whose header is too large')
  const bytes = await reader.take(length)
  if (bytes === undefined) throw new AvroFault('an Avro file that ends within its header')
  return bytes
}

function faulty(fault: string, item: string): Slice {
  return { bytes: NOTHING, from: 0, to: 0, line: 1, item, fault }
}
