import { Readable } from 'node:stream'
// Node before 22.15 has no zstd, and no such export.
import zlib from 'node:zlib'
import { ByteReader } from './byte-reader.ts'

const FRAME = 0xfd2f_b528
/** The last four bits are anything. */
const SKIPPABLE = 0x184d_2a50
/** Of a window that a frame may ask for: 128 MiB, as the command of zstd allows without being told. */
const MOST_WINDOW_LOG = 27
const RESERVED_BLOCK = 3
const RUN_BLOCK = 1

export function isZstd(bytes: Buffer): boolean {
  if (bytes.length < 4) return false
  const magic = bytes.readUInt32LE(0)
  return magic === FRAME || (magic & ~0xf) >>> 0 === SKIPPABLE
}

/**
 * Of one frame after another: Node’s own stream ends silently with the first. Where a frame ends is read from the headers of
 * its blocks (RFC 8878, 3.1.1).
 */
export async function* unzstd(packed: AsyncIterable<Buffer>, chunkSize: number): AsyncGenerator<Buffer> {
  if (typeof zlib.createZstdDecompress !== 'function')
    throw new Error('this Node has no zstd; Node 22.15 and later have')
  const reader = new ByteReader(packed)
  try {
    for (;;) {
      const from = reader.position
      const head = await reader.take(4)
      if (head === undefined && reader.position === from) return
      if (head === undefined) throw new Error('it ends within a frame')
      const magic = head.readUInt32LE(0)
      if (magic !== FRAME) {
        if (!isZstd(head)) throw new Error('something else follows its last frame')
        const size = await reader.take(4)
        if (size === undefined || !(await reader.skip(size.readUInt32LE(0)))) throw new Error('it ends within a frame')
        continue
      }
      const unpacking = zlib.createZstdDecompress({
        chunkSize,
        params: { [zlib.constants.ZSTD_d_windowLogMax]: MOST_WINDOW_LOG },
      })
      const frame = Readable.from(frameOf(Buffer.from(head), reader), { objectMode: false })
      frame.on('error', (error) => unpacking.destroy(error))
      try {
        for await (const chunk of frame.pipe(unpacking)) yield chunk as Buffer
      } finally {
        unpacking.destroy()
        frame.destroy()
      }
    }
  } finally {
    await reader.close()
  }
}

/** Its bytes; of one that is cut off what there is, as whoever unpacks it sees for himself. */
async function* frameOf(magic: Buffer, reader: ByteReader): AsyncGenerator<Buffer> {
  yield magic
  const first = await reader.take(1)
  if (first === undefined) return
  const flags = first[0] as number
  yield Buffer.from(first)
  const isSingle = (flags & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][flags & 3] as number
  const size = [isSingle ? 1 : 0, 2, 4, 8][flags >>> 6] as number
  yield* copied(reader, (isSingle ? 0 : 1) + dictionary + size)
  for (let isLast = false; !isLast; ) {
    const head = await reader.take(3)
    if (head === undefined) return
    const word = head.readUIntLE(0, 3)
    yield Buffer.from(head)
    isLast = (word & 1) === 1
    const kind = (word >>> 1) & 3
    if (kind === RESERVED_BLOCK) throw new Error('a block of no known kind')
    yield* copied(reader, kind === RUN_BLOCK ? 1 : word >>> 3)
  }
  if ((flags & 4) !== 0) yield* copied(reader, 4)
}

async function* copied(reader: ByteReader, count: number): AsyncGenerator<Buffer> {
  for await (const piece of reader.pieces(count)) yield Buffer.from(piece)
}
