import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Problem, type ProblemCode, problem } from '../errors.ts'
import { MEBIBYTE, reason } from '../observe/files/source.ts'
import { isZstd, unzstd } from './zstd.ts'

/** Ways in which a file is compressed that are read, by its first bytes. */
interface Packing {
  readonly code: ProblemCode
  is(head: Buffer): boolean
  unpack(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer>
}

const CHUNK = 256 * 1024
/** Bytes by which all of them are told. */
export const HEAD = 4

const PACKINGS: readonly Packing[] = [
  { code: 'BH_GZIP', is: (head) => head[0] === 0x1f && head[1] === 0x8b, unpack: gunzipped },
  { code: 'BH_ZSTD', is: isZstd, unpack: (packed) => unzstd(packed, CHUNK) },
]

/** Others, in the order of their first bytes, and what unpacks them. */
const OTHERS: readonly (readonly [magic: Buffer, what: string])[] = [
  [Buffer.from('BZh'), 'data compressed with bzip2, which is not read: unpack it (bunzip2)'],
  [Buffer.from('fd377a585a00', 'hex'), 'data compressed with xz, which is not read: unpack it (unxz)'],
  [Buffer.from('04224d18', 'hex'), 'data compressed with LZ4, which is not read: unpack it (unlz4)'],
  [Buffer.from('ff060000734e61507059', 'hex'), 'data compressed with Snappy, which is not read: unpack it'],
  [Buffer.from('504b0304', 'hex'), 'a zip archive, which is not read: unpack it and name the folder (unzip)'],
  [Buffer.from('PAR1'), 'a Parquet file, which is not read: export the log as JSON'],
]

/** What a file holds that is compressed in a way that is not read, by its first bytes. */
export function otherPacking(head: Buffer): string | undefined {
  return OTHERS.find(([magic]) => head.subarray(0, magic.length).equals(magic))?.[1]
}

export function isPacked(head: Buffer): boolean {
  return packingOf(head) !== undefined
}

function packingOf(head: Buffer): Packing | undefined {
  return PACKINGS.find((each) => each.is(head))
}

/** Firehose compresses what CloudWatch has compressed already, where it is told to. */
const MOST_PACKINGS = 2

class TooLarge extends Error {}

/** Why what was packed in some way is not whole. */
class Broken extends Error {
  readonly code: ProblemCode

  constructor(code: ProblemCode, cause: unknown) {
    super(reason(cause))
    this.code = code
  }
}

/** The bytes of a file, unpacked where they are compressed, also one way over the other, to `limit` of them. Each chunk is its own memory. */
export async function* unpacked(
  source: AsyncIterable<Buffer>,
  name: string,
  limit: number,
  tell: (problem: Problem) => void,
): AsyncGenerator<Buffer> {
  try {
    yield* layered(source, limit, MOST_PACKINGS)
  } catch (error) {
    if (error instanceof TooLarge) tell(problem('BH_TOO_LARGE', { limit: `${limit / MEBIBYTE} MiB` }, { file: name }))
    else if (error instanceof Broken) tell(problem(error.code, { why: error.message }, { file: name }))
    else tell(problem('BH_READ', { why: reason(error) }, { file: name }))
  }
}

/** `most`: how often it may still have been compressed. */
async function* layered(source: AsyncIterable<Buffer>, limit: number, most: number): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]()
  try {
    const { done, value: first } = await chunks.next()
    if (done === true) return
    const whole = atMost(most === MOST_PACKINGS ? Number.POSITIVE_INFINITY : limit, first, chunks)
    const packing = most > 0 ? packingOf(first) : undefined
    yield* packing ? layered(taken(packing, whole), limit, most - 1) : whole
  } finally {
    await chunks.return?.()
  }
}

async function* taken(packing: Packing, packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* packing.unpack(packed)
  } catch (error) {
    throw error instanceof TooLarge || error instanceof Broken ? error : new Broken(packing.code, error)
  }
}

async function* atMost(limit: number, first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  let size = first.length
  if (size > limit) throw new TooLarge()
  yield first
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    size += next.value.length
    if (size > limit) throw new TooLarge()
    yield next.value
  }
}

async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const source = Readable.from(packed, { objectMode: false })
  const gunzip = createGunzip({ chunkSize: CHUNK })
  source.on('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  try {
    for await (const chunk of gunzip) yield chunk as Buffer
  } finally {
    source.destroy()
    gunzip.destroy()
  }
}
