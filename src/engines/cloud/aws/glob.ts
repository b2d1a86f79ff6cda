import { type Answer, answerOf } from './answer.ts'

/**
 * A pattern with `*` (any characters, or none) and `?` (one character): text, or units where a value that was put in for
 * a variable is literal.
 */
export type Glob = string | readonly number[]

export const ANY = -1
export const ONE = -2

const STAR = 42
const MARK = 63

function unitAt(glob: Glob, index: number): number | undefined {
  if (typeof glob !== 'string') return glob[index]
  if (index >= glob.length) return undefined
  const code = glob.charCodeAt(index)
  return code === STAR ? ANY : code === MARK ? ONE : code
}

/** Steps a match may take for each character of pattern and text: no pattern of use takes more than a few. */
const STEPS = 64

/** Whether a pattern matches a whole text, in time linear in both: one that would take longer is `maybe`. */
export function matches(glob: Glob, text: string): Answer {
  let steps = STEPS * (glob.length + text.length + 1)
  let at = 0
  let read = 0
  let star = -1
  let resume = 0
  while (read < text.length) {
    steps -= 1
    if (steps < 0) return 'maybe'
    const unit = unitAt(glob, at)
    if (unit === ANY) {
      star = at
      at += 1
      resume = read
    } else if (unit === ONE || unit === text.charCodeAt(read)) {
      at += 1
      read += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      read = resume
    } else return 'no'
  }
  while (unitAt(glob, at) === ANY) at += 1
  return answerOf(unitAt(glob, at) === undefined)
}
