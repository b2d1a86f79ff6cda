import { Unknown } from '../error.ts'

/**
 * What one evaluation may do that its cost does not bound: cel-go compares whole objects, searches lists and joins lists
 * and strings of unknown types at cost 1. An API server is saved by its request timeout; here it is a count of elements
 * and characters, after which the answer is unknown.
 */
const LIMIT = 100_000_000

/** More than this evaluator does: unlike other unknowns, nothing absorbs it. */
export class Exhausted extends Unknown {}

let spent = 0

/** Counts `amount` elements or characters that are looked at or made. Throws `Exhausted` when it is too much. */
export function spend(amount: number): void {
  spent += amount
  if (spent > LIMIT) throw new Exhausted('the result: more work than an evaluation may take')
}

/** A new evaluation begins, from `count` (what the evaluation around it had spent). Returns what was spent before. */
export function restartWork(count = 0): number {
  const before = spent
  spent = count
  return before
}
