import { isUtf8 } from 'node:buffer'
import type { Json } from '../cluster/json.ts'

/** A line, or one JSON value that is written over several, and where it begins, 1-based. */
export interface Slice {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  readonly line: number
  /** Why there are no bytes. */
  readonly fault?: string
  /** What it is, where there is nothing to read. */
  readonly leftOut?: string
  /** Which of several that begin in that line, as `RecordPlace.item`. */
  readonly item?: string
  /** Of what is cut out of something that tells what it means: makes the least whole that holds nothing but it. */
  readonly wrap?: Wrap
}

export type Wrap = (value: Json) => Json

export interface Text {
  readonly text: string
  readonly line: number
  /** Why there is no text. */
  readonly fault?: string
  readonly wrap?: Wrap
  /** What was made of it already. */
  readonly value?: Json
}

const NEWLINE = 0x0a
const BOM = '\uFEFF'
const REPLACEMENT = '\uFFFD'
export const NOT_UTF8 = 'not valid UTF-8'
export const NOTHING = Buffer.alloc(0)
/** Behind the last byte stand some with which no value goes on, so that a scan may look ahead. */
const END = Buffer.alloc(8, '\n')

/**
 * The lines of each chunk that end in it, without empty ones. A line that is longer than `limit` is told, and never held
 * whole. `isPassing`: what is told lives only until the next is asked for.
 */
export async function* lines(
  chunks: AsyncIterable<Buffer>,
  limit: number,
  isPassing = false,
): AsyncIterable<readonly Slice[]> {
  const slices = new Slices(isPassing)
  let line = 1
  let carried: Buffer[] = []
  let length = 0
  let isSkipping = false
  const carry = (piece: Buffer): void => {
    length += piece.length
    if (length > limit) {
      isSkipping = true
      carried = []
    } else if (!isSkipping && piece.length > 0) carried.push(Buffer.from(piece))
  }
  const finish = (): Slice => {
    const made = isSkipping ? { bytes: NOTHING, from: 0, to: 0, line, fault: tooLong(limit) } : whole(carried, line)
    carried = []
    length = 0
    isSkipping = false
    return made
  }
  // In a function of its own, which is compiled better than a generator.
  const cut = (chunk: Buffer): readonly Slice[] => {
    let from = 0
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      if (length > 0) {
        carry(chunk.subarray(from, to))
        slices.add(finish())
      } else if (to - from > limit) slices.add({ bytes: NOTHING, from: 0, to: 0, line, fault: tooLong(limit) })
      else if (to > from) slices.addPart(chunk, from, to, line)
      line++
      from = to + 1
    }
    carry(chunk.subarray(from))
    return slices.take()
  }
  for await (const chunk of chunks) {
    const found = cut(chunk)
    if (found.length > 0) yield found
  }
  if (length > 0) yield [finish()]
}

/** Slices of one chunk after another: in passing the same objects again for each. */
class Slices {
  readonly #isPassing: boolean
  readonly #parts: { bytes: Buffer; from: number; to: number; line: number }[] = []
  #found: Slice[] = []
  #count = 0

  constructor(isPassing: boolean) {
    this.#isPassing = isPassing
  }

  add(slice: Slice): void {
    this.#found[this.#count++] = slice
  }

  addPart(bytes: Buffer, from: number, to: number, line: number): void {
    const known = this.#isPassing ? this.#parts[this.#count] : undefined
    if (known === undefined) {
      const made = { bytes, from, to, line }
      if (this.#isPassing) this.#parts[this.#count] = made
      this.add(made)
      return
    }
    known.bytes = bytes
    known.from = from
    known.to = to
    known.line = line
    this.add(known)
  }

  /** All that were added since. */
  take(): readonly Slice[] {
    const found = this.#found
    found.length = this.#count
    this.#count = 0
    if (!this.#isPassing) this.#found = []
    return found
  }
}

/** `\uFFFD` stands for what is not UTF-8, but may also be what was written. */
export function textOf({ bytes, from, to, line, fault, wrap }: Slice): Text {
  if (fault !== undefined) return { text: '', line, fault }
  const text = bytes.toString('utf8', from, to)
  if (text.includes(REPLACEMENT) && !isUtf8(bytes.subarray(from, to))) return { text: '', line, fault: NOT_UTF8 }
  const told = line === 1 && text.startsWith(BOM) ? text.slice(1) : text
  return wrap === undefined ? { text: told, line } : { text: told, line, wrap }
}

export function tooLong(limit: number): string {
  return `longer than ${limit} bytes`
}

/** The documents of a YAML stream; one that is longer than `limit` is told. */
export async function* documents(chunks: AsyncIterable<Buffer>, limit: number): AsyncIterable<readonly Text[]> {
  let begun = 1
  let next = 1
  let held: string[] = []
  let length = 0
  let fault: string | undefined
  const finish = (): Text => {
    const made = { text: held.join(''), line: begun, ...(fault === undefined ? {} : { fault }) }
    held = []
    length = 0
    fault = undefined
    return made
  }
  for await (const batch of lines(chunks, limit)) {
    const found: Text[] = []
    for (const slice of batch) {
      const each = textOf(slice)
      const isSeparator = /^---(\s|$)/.test(each.text)
      if (isSeparator && length > 0) found.push(finish())
      if (length === 0) {
        begun = each.line
        next = each.line
      }
      if (isSeparator) continue
      // `lines` leaves out the empty ones, which block scalars and places need.
      const text = `${'\n'.repeat(each.line - next)}${each.text}\n`
      next = each.line + 1
      length += text.length
      if (each.fault !== undefined) fault ??= each.fault
      else if (length > limit) fault ??= tooLong(limit)
      if (fault === undefined) held.push(text)
      else held = []
    }
    if (found.length > 0) yield found
  }
  if (length > 0) yield [finish()]
}

/** Of the pieces of one value. */
export function whole(pieces: readonly Buffer[], line: number): Slice {
  const bytes = Buffer.concat([...pieces, END])
  return { bytes, from: 0, to: bytes.length - END.length, line }
}
