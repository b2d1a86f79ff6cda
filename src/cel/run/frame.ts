import { CelError, Unknown } from '../error.ts'
import type { Value } from '../value.ts'
import type { Meter } from './meter.ts'
import { Exhausted } from './work.ts'

/** What a step gives: failures are values here, as in cel-go, since `||` may swallow thousands of them. */
export type Outcome = Value | CelError | Unknown

/** What one evaluation knows. */
export interface Frame {
  /** The activation, then the variables of comprehensions. */
  readonly slots: (Outcome | undefined)[]
  meter: Meter
}

/** One node of a planned expression. Adds its cost to the frame's meter. */
export type Step = (frame: Frame) => Outcome

/** What is no value. */
export type Failure = CelError | Unknown

/** Is it an error or unknown? */
export function isFailure(outcome: Outcome): outcome is Failure {
  return outcome instanceof CelError || outcome instanceof Unknown
}

/** cel-go's error for an operand that an operator does not take. */
export const NO_SUCH_OVERLOAD = new CelError('no such overload')

/** What `make` gives or throws; an exhausted engine (a string too long, a stack too deep) is an unknown answer. */
export function attempt(make: () => Value): Outcome {
  try {
    return make()
  } catch (error) {
    return caught(error)
  }
}

/** The failure that was thrown; everything else is thrown on. */
export function caught(error: unknown): Failure {
  if (error instanceof Exhausted) throw error
  if (error instanceof CelError || error instanceof Unknown) return error
  if (error instanceof RangeError) {
    return new Unknown('the result: too large for this evaluator')
  }
  throw error
}
