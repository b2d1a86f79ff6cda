import { type Problem, problem } from '../errors.ts'
import { reason } from '../observe/files/source.ts'
import { ByteReader } from './byte-reader.ts'
import type { Bytes, HistoryLimits } from './bytes.ts'
import { unpacked } from './packings.ts'

const BLOCK = 512
/** They must not reach a terminal. */
const CONTROL = /[\0-\x1f\x7f]/g
const MAGIC = 257
const MOST_ENTRIES = 100_000
/** Of a name that does not fit into a header. */
const MOST_NAME = 64 * 1024

/** Whether it is a tar archive of POSIX or GNU (POSIX.1-1988 and later have the magic). */
export function isTar(head: Buffer): boolean {
  return head.length >= BLOCK && head.toString('latin1', MAGIC, MAGIC + 5) === 'ustar' && isHeader(head)
}

/** A file in an archive, its beginning, and all of it, to be read in the order of the archive. */
export interface Entry {
  readonly head: Bytes
  /** Whether the beginning is all of it. */
  readonly isWhole: boolean
  readonly bytes: Bytes
}

/** The files of an archive, each only valid until the next is asked for but for its `bytes`. Folders, links and hidden files are left out. */
export async function* entriesOf(
  archive: Bytes,
  limits: HistoryLimits,
  tell: (problem: Problem) => void,
): AsyncGenerator<Entry> {
  const shared = new Archive(archive)
  const cursor = new Cursor(archive, tell)
  try {
    for (let count = 0; ; count++) {
      const entry = await cursor.next()
      if (entry === undefined) return
      if (count === MOST_ENTRIES) {
        tell(problem('BH_TOO_MANY', { count: MOST_ENTRIES, of: 'files' }, { file: archive.name }))
        return
      }
      const { name, index } = entry
      const pieces: Buffer[] = []
      for await (const piece of cursor.content(limits.line)) pieces.push(Buffer.from(piece))
      yield {
        head: { name, chunks: (later) => unpacked(listed(pieces), name, limits.unpacked, later) },
        isWhole: cursor.isDone,
        bytes: { name, chunks: (later) => unpacked(shared.content(index, name, later), name, limits.unpacked, later) },
      }
    }
  } catch (error) {
    tell(problem('BH_READ', { why: reason(error) }, { file: archive.name }))
  } finally {
    await cursor.close()
  }
}

async function* listed(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces
}

/** Goes on where it was, as long as what is asked for stands behind that: all of it is unpacked once. */
class Archive {
  readonly #bytes: Bytes
  #free: Cursor | undefined

  constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  async *content(index: number, name: string, tell: (problem: Problem) => void): AsyncGenerator<Buffer> {
    const known = this.#free
    this.#free = undefined
    if (known && known.index >= index) await known.close()
    const cursor = known && known.index < index ? known : new Cursor(this.#bytes, tell)
    try {
      let entry = await cursor.next()
      while (entry && entry.index < index) entry = await cursor.next()
      if (entry) yield* cursor.content(Number.POSITIVE_INFINITY)
    } catch (error) {
      tell(problem('BH_READ', { why: reason(error) }, { file: name }))
    } finally {
      if (this.#free) await cursor.close()
      else this.#free = cursor
    }
  }
}

class Cursor {
  readonly #archive: string
  readonly #reader: ByteReader
  /** Of what is left of the file that it stands in, and behind it to the next header. */
  #rest = 0
  #padding = 0
  /** Of the file that it stands in. */
  index = -1

  constructor(archive: Bytes, tell: (problem: Problem) => void) {
    this.#archive = archive.name
    this.#reader = new ByteReader(archive.chunks(tell))
  }

  /** Whether its file was read to its end. */
  get isDone(): boolean {
    return this.#rest === 0
  }

  /** The next file; throws where the archive is broken. */
  async next(): Promise<{ readonly name: string; readonly index: number } | undefined> {
    let long: string | undefined
    let longSize: number | undefined
    for (;;) {
      if (!(await this.#reader.skip(this.#rest + this.#padding))) throw this.#broken()
      this.#rest = 0
      this.#padding = 0
      const from = this.#reader.position
      const header = await this.#reader.take(BLOCK)
      if (header === undefined && this.#reader.position === from) return undefined
      if (header === undefined) throw this.#broken()
      if (header.every((byte) => byte === 0)) return undefined
      if (!isHeader(header)) throw this.#broken()
      const kind = String.fromCharCode(header[156] as number)
      const size = (kind === '0' ? longSize : undefined) ?? numberAt(header, 124, 12)
      const isNamed = kind === 'L' || kind === 'x'
      const own = isNamed ? '' : nameOf(header)
      if (!(size >= 0 && Number.isSafeInteger(size))) throw this.#broken()
      this.#rest = size
      this.#padding = (BLOCK - (size % BLOCK)) % BLOCK
      if (isNamed) {
        const text = size <= MOST_NAME ? await this.#reader.take(size) : undefined
        if (text === undefined) throw this.#broken()
        this.#rest = 0
        if (kind === 'L') long = text.toString().replace(/\0.*$/s, '')
        else {
          const { path, size: told } = paxOf(text)
          long = path ?? long
          longSize = told ?? longSize
        }
        continue
      }
      const name = long ?? own
      long = undefined
      longSize = undefined
      const isFile = kind === '0' || kind === '\0' || kind === '7'
      const base = name.slice(name.lastIndexOf('/') + 1)
      if (!isFile || size === 0 || base === '' || base.startsWith('.')) continue
      this.index++
      return {
        name: `${this.#archive}/${name.replace(/^(\.?\/)+/, '').replace(CONTROL, '?')}`,
        index: this.index,
      }
    }
  }

  /** Up to `most` bytes of the file that it stands in. */
  async *content(most: number): AsyncGenerator<Buffer> {
    const count = Math.min(this.#rest, most)
    const from = this.#reader.position
    const before = this.#rest
    try {
      for await (const piece of this.#reader.pieces(count)) yield piece
      if (this.#reader.position - from < count) throw this.#broken()
    } finally {
      this.#rest = before - (this.#reader.position - from)
    }
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }

  #broken(): Error {
    return new Error(`the tar archive is broken or cut off at byte ${this.#reader.position}`)
  }
}

/** The sum of its bytes, its own as spaces. */
function isHeader(block: Buffer): boolean {
  let sum = 0
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 0x20 : (block[at] as number)
  return numberAt(block, 148, 8) === sum
}

/** In octal, or where the first bit is set as a number of 256 (GNU). */
function numberAt(block: Buffer, from: number, length: number): number {
  const first = block[from] as number
  if ((first & 0x80) === 0) {
    const digits = /^ *([0-7]+)[ \0]*$/.exec(block.toString('latin1', from, from + length))?.[1]
    return digits === undefined ? Number.NaN : Number.parseInt(digits, 8)
  }
  let value = first & 0x3f
  for (let at = from + 1; at < from + length; at++) value = value * 256 + (block[at] as number)
  return (first & 0x40) === 0 ? value : Number.NaN
}

function nameOf(header: Buffer): string {
  const text = (from: number, length: number): string =>
    header.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  const prefix = text(MAGIC, 6) === 'ustar' ? text(345, 155) : ''
  return prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`
}

/** `27 path=…\n`, each with its own length before it (POSIX.1-2001). */
function paxOf(text: Buffer): { readonly path?: string; readonly size?: number } {
  let path: string | undefined
  let size: number | undefined
  for (let from = 0; from < text.length; ) {
    const [head, digits = ''] = /^(\d{1,6}) /.exec(text.toString('latin1', from, from + 8)) ?? []
    const length = Number(digits)
    if (head === undefined || length <= head.length || from + length > text.length) break
    const record = text.toString('utf8', from + head.length, from + length - 1)
    if (record.startsWith('path=')) path = record.slice('path='.length)
    if (/^size=\d{1,15}$/.test(record)) size = Number(record.slice('size='.length))
    from += length
  }
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size }) }
}
