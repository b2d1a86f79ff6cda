import { CelError } from '../error.ts'
import { codePoints } from '../run/size.ts'
import { spend } from '../run/work.ts'
import type { Value } from '../value.ts'
import { pointsBefore, unitsBefore, utf8Length } from './text.ts'

/** What changed between releases of cel-go: an offset behind the end, an empty string to look for. */
export interface Search {
  /** An offset behind the end is an error (before 0.22). */
  readonly strict: boolean
  /** The empty string is found at the end at the latest, and a negative offset is an error for it too (0.29). */
  readonly clamped: boolean
  /** A text shorter than what is looked for, in bytes, is not looked into (0.26), though it may be empty. */
  readonly short: boolean
}

const outOfRange = (at: Value): CelError => new CelError(`index out of range: ${at}`)

/** The code point at an index; the empty string just behind the last one. */
export function charAt(text: Value, at: Value): string {
  const unit = unitOf(text as string, at)
  const point = (text as string).codePointAt(unit)
  return point === undefined ? '' : String.fromCodePoint(point)
}

/** From one code point, up to another or the end. */
export function substring(text: string, start: Value, end?: Value): string {
  if (end !== undefined && Number(start) > Number(end)) {
    throw new CelError(`invalid substring range. start: ${start}, end: ${end}`)
  }
  const from = unitOf(text, start)
  return text.slice(from, end === undefined ? undefined : unitOf(text, end))
}

/** The unit where a code point begins; from none to all of them may lie before it. */
function unitOf(text: string, at: Value): number {
  const units = at as number | bigint
  if (units < 0 || units > text.length) throw outOfRange(at)
  const unit = unitsBefore(text, Number(at))
  if (unit === undefined) throw outOfRange(at)
  return unit
}

/** The answer where the text need not be looked into. */
function early(search: Search, text: string, part: string, offset: Value): Value | undefined {
  const at = offset as number | bigint
  if (search.clamped && at < 0) throw outOfRange(offset)
  const length = codePoints(text)
  if (part === '') return search.clamped && at > length ? length : offset
  if (at < 0) throw outOfRange(offset)
  if (at < length) return undefined
  if (search.strict) throw outOfRange(offset)
  return -1
}

/** Where a text is first found, in code points, not before `offset`; -1: nowhere. */
export function indexOf(search: Search, text: string, part: string, offset: Value): Value {
  const answer = early(search, text, part, offset)
  if (answer !== undefined) return answer
  spend(text.length)
  return pointsBefore(text, text.indexOf(part, unitsBefore(text, Number(offset))))
}

/** Where a text is found that begins last, not behind `offset`. */
export function lastIndexOf(search: Search, text: string, part: string, offset: Value): Value {
  const answer = early(search, text, part, offset)
  if (answer !== undefined) return answer
  spend(text.length)
  return pointsBefore(text, text.lastIndexOf(part, unitsBefore(text, Number(offset))))
}

/** Where a text is found that begins last of all. */
export function lastIndexOfAll(search: Search, text: string, part: string): Value {
  if (part === '') return codePoints(text)
  if (search.short && utf8Length(text) < utf8Length(part)) return -1
  return lastIndexOf(search, text, part, codePoints(text) - 1)
}
