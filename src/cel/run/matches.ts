import { CelError } from '../error.ts'
import { compileRegex, type Regex } from '../library/re2.ts'

const compiled = new Map<string, Regex>()
const MAX_COMPILED = 200
const MAX_CHARACTERS = 100_000

let characters = 0

/** `text.matches(pattern)` with a pattern that is known only now. Throws `CelError`. */
export function matches(text: string, pattern: string): boolean {
  return regexOf(pattern).matches(text)
}

function regexOf(pattern: string): Regex {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const made = compileRegex(pattern)
  if (typeof made === 'string') throw new CelError(made)
  characters += pattern.length
  if (compiled.size >= MAX_COMPILED || characters > MAX_CHARACTERS) {
    compiled.clear()
    characters = pattern.length
  }
  compiled.set(pattern, made)
  return made
}
