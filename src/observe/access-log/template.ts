import type { Clock } from './clock.ts'
import { type Field, TAKES, type Take } from './field.ts'
import { MARK, type Request } from './request.ts'

/**
 * How the value of a field ends: before the next literal (`plain`); the same, but a list that is written `a, b : c` is one
 * value (`list`); before the next quote that no backslash escapes (`quoted`); anywhere, since whoever sends the request
 * chooses it and spaces in it are not escaped (`free`): then the first end counts with which the rest of the line fits.
 */
export type Ends = 'plain' | 'list' | 'quoted' | 'free'

export interface Part {
  readonly field: Field
  readonly ends: Ends
  /** What stands behind it; empty behind the last. */
  readonly before: string
}

/** The lines of one format: a literal, then fields each of which a literal follows. */
export interface Template {
  readonly start: string
  readonly parts: readonly Part[]
  /** The engine escapes no quote: a line with more of them than this may hold fields that its sender made up. */
  readonly quotes?: number
  /** More may stand behind what the template says (fields that a later version of the engine adds). */
  readonly isOpen?: true
}

const MOST_TRIES = 32
const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
const COMMA = 0x2c
const COLON = 0x3a

/** Fills the record from the bytes of one line; false for a line of another format. */
export type ReadLine = (bytes: Uint8Array, from: number, to: number, request: Request, clock: Clock) => boolean

export function compile(template: Template): ReadLine {
  const start = Buffer.from(template.start)
  const takes: readonly (Take | undefined)[] = template.parts.map(({ field }) => TAKES[field])
  const ends: readonly Ends[] = template.parts.map((part) => part.ends)
  const literals: readonly Uint8Array[] = template.parts.map(({ before }) => new Uint8Array(Buffer.from(before)))
  const count = takes.length
  const { quotes } = template
  const isOpen = template.isOpen === true

  return (bytes, from, to, request, clock) => {
    for (let index = 0; index < start.length; index++) if (bytes[from + index] !== start[index]) return false
    if (quotes !== undefined && countQuotes(bytes, from, to, quotes) !== quotes) return false
    let at = from + start.length
    let part = 0
    /** The last free field, and from where its end is looked for again when what follows does not fit. */
    let freePart = -1
    let freeFrom = 0
    let freeNext = 0
    let tries = 0
    let search = at
    for (;;) {
      let fits = true
      let end = to
      let next = to
      const literal = literals[part] as Uint8Array
      if (literal.length > 0) {
        end = endOf(bytes, search, to, literal, ends[part] as Ends)
        if (end < 0) fits = false
        else next = end + literal.length
      }
      if (fits) {
        if (ends[part] === 'free' && literal.length > 0) {
          freePart = part
          freeFrom = at
          freeNext = end + 1
        }
        const take = takes[part]
        if (take !== undefined && !take(request, bytes, at, end, clock)) fits = false
      }
      if (fits) {
        part++
        at = next
        search = at
        if (part < count) continue
        if (at === to || isOpen) return true
      }
      if (freePart < 0 || ++tries > MOST_TRIES) return false
      // What was made of a wrong end is forgotten.
      request.time = Number.NaN
      request.mark = MARK.untold
      part = freePart
      at = freeFrom
      search = freeNext
    }
  }
}

/** Where the literal begins that ends a field; negative where there is none. */
function endOf(bytes: Uint8Array, from: number, to: number, literal: Uint8Array, ends: Ends): number {
  const first = literal[0] as number
  const length = literal.length
  if (ends === 'quoted') {
    let at = from
    while (at < to && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
    return at < to && isAt(bytes, at, to, literal, length) ? at : -1
  }
  for (let at = from; at + length <= to; at++) {
    if (bytes[at] !== first || (length > 1 && !isAt(bytes, at, to, literal, length))) continue
    if (ends === 'list' && first === SPACE) {
      // `10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80`
      if (bytes[at - 1] === COMMA || (bytes[at - 1] === COLON && bytes[at - 2] === SPACE)) continue
      if (bytes[at + 1] === COLON && bytes[at + 2] === SPACE) continue
    }
    return at
  }
  return -1
}

function isAt(bytes: Uint8Array, at: number, to: number, literal: Uint8Array, length: number): boolean {
  if (at + length > to) return false
  for (let index = 0; index < length; index++) if (bytes[at + index] !== literal[index]) return false
  return true
}

function countQuotes(bytes: Uint8Array, from: number, to: number, enough: number): number {
  let count = 0
  for (let at = from; at < to && count <= enough; at++) if (bytes[at] === QUOTE) count++
  return count
}
