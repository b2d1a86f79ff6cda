import type { Issue } from '../error.ts'

/** The lines of an expression's text, for what people read. */
export class Source {
  readonly text: string
  readonly #lines: readonly number[]

  constructor(text: string) {
    this.text = text
    const lines = [0]
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1)
    this.#lines = lines
  }

  /** An issue at a UTF-16 offset; without one at line -1, column -1, as cel-go's NoLocation. */
  issue(message: string, at?: number): Issue {
    return at === undefined ? { message, line: -1, column: -1 } : { message, ...this.place(at) }
  }

  /**
   * Line from 1, column from 0, in code points; column -1 where `at` is negative, as cel-go shows parts that are missing, and
   * where there is no text at all.
   */
  place(at: number): { readonly line: number; readonly column: number } {
    if (at < 0 || this.text === '') return { line: 1, column: -1 }
    let low = 0
    let high = this.#lines.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#lines[middle]! <= at) low = middle
      else high = middle
    }
    return { line: low + 1, column: codePoints(this.text, this.#lines[low]!, at) }
  }
}

/** How many code points stand between two UTF-16 offsets. */
export function codePoints(text: string, from = 0, to = text.length): number {
  let count = 0
  for (let at = from; at < to; at++) {
    const low = text.charCodeAt(at + 1)
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (low & 0xfc00) === 0xdc00 && at + 1 < to) at++
    count++
  }
  return count
}

/** cel-go reports so many issues and counts the rest (common/errors.go maxErrorsToReport). */
export const MAX_ISSUES = 100

/** Issues in the order of their places, as cel-go's Errors.ToDisplayString shows them. */
export function sorted(issues: readonly Issue[]): readonly Issue[] {
  return issues.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
