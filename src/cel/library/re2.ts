import { RE2JS, RE2JSException } from 're2js'
import { spend } from '../run/work.ts'
import { withoutGroupNames } from './re2-names.ts'

/** A compiled pattern with the semantics of Go's `regexp`: leftmost-first, linear time, Perl syntax without lookaround. */
export interface Regex {
  /** Does the pattern match anywhere in the text? */
  matches(text: string): boolean
  /** The leftmost match, or the empty string: Go's FindString. */
  find(text: string): string
  /** The successive matches, at most `limit` (negative: all): Go's FindAllString. */
  findAll(text: string, limit: number): readonly string[]
}

/**
 * The pattern, or what Go's `regexp.Compile` has against it, in its words. Matching counts its work (`spend`), which
 * throws `Unknown` for a text and a pattern that are too large together.
 */
export function compileRegex(pattern: string): Regex | string {
  const wellFormed = pattern.toWellFormed()
  if (wellFormed.length > MAX_PATTERN) return whole('expression too large', wellFormed)
  const compiled = compile(wellFormed)
  if (typeof compiled !== 'string') return new Compiled(compiled)
  if (!compiled.includes('duplicate capture group name')) return compiled
  const nameless = withoutGroupNames(wellFormed)
  const unnamed = compile(nameless)
  return typeof unnamed === 'string'
    ? unnamed.replace(`\`${nameless}\``, () => `\`${wellFormed}\``)
    : new Compiled(unnamed)
}

const MAX_PATTERN = 1 << 20

function compile(pattern: string): RE2JS | string {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSException) return goText(error.message, pattern)
    if (error instanceof RangeError) return whole('expression nests too deeply', pattern)
    throw error
  }
}

/** Where Go names the whole expression, or the nothing behind its end. */
function goText(message: string, pattern: string): string {
  if (message.endsWith('expression nests too deeply')) return whole('expression nests too deeply', pattern)
  if (message.endsWith('expression too large')) return whole('expression too large', pattern)
  return message.endsWith('trailing backslash at end of expression') ? `${message}: \`\`` : message
}

const whole = (problem: string, pattern: string): string => `error parsing regexp: ${problem}: \`${pattern}\``

const CACHE_SIZE = 500
const cache = new Map<string, Regex | string>()

/** `compileRegex`, remembered for the patterns that were asked for lately. */
export function cachedRegex(pattern: string): Regex | string {
  const known = cache.get(pattern)
  if (known !== undefined) return known
  const compiled = compileRegex(pattern)
  if (pattern.length > CACHED_PATTERN) return compiled
  if (cache.size >= CACHE_SIZE) cache.clear()
  cache.set(pattern, compiled)
  return compiled
}

const CACHED_PATTERN = 4096

class Compiled implements Regex {
  readonly #regex: RE2JS
  /** How many instructions one character may take. */
  readonly #weight: number
  /** May a search look far behind the match that it finds? */
  readonly #unbounded: boolean
  constructor(regex: RE2JS) {
    this.#regex = regex
    this.#unbounded = /[*+]|,\}/.test(regex.pattern())
    this.#weight = regex.programSize()
  }

  matches(text: string): boolean {
    spend(text.length * this.#weight)
    return this.#regex.test(utf8(text))
  }

  find(text: string): string {
    // Whether there is a match is told a hundred times faster than where it is.
    return this.matches(text) ? (this.#regex.re2().find(utf8(text)) as string) : ''
  }

  findAll(text: string, limit: number): readonly string[] {
    if (limit === 0 || !this.matches(text)) return []
    const all = utf8(text)
    const re = this.#regex.re2()
    const found: string[] = []
    let previous = -1
    for (let at = 0; at <= all.length; ) {
      if (this.#unbounded) spend(1 + (all.length - at) * this.#weight)
      const [start, end] = (re.matchWithGroup(all, at, all.length, UNANCHORED, 1)[1] ?? []) as [number?, number?]
      if (!this.#unbounded) spend(1 + (Math.min(all.length, (end ?? all.length) + this.#weight) - at) * this.#weight)
      if (start === undefined || end === undefined) break
      // An empty match right behind the one before is none; the search then goes on behind the next code point.
      if (end > at || start !== previous) found.push(all.slice(start, end))
      if (found.length === limit) break
      at = end > at ? end : at + ((all.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
      previous = end
    }
    return found
  }
}

const UNANCHORED = 0

/** As the text reads once it was UTF-8: a lone surrogate is U+FFFD. */
function utf8(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed()
}
