import { Unknown } from '../../error.ts'
import { type Failure, isFailure, NO_SUCH_OVERLOAD, type Outcome, type Step } from '../frame.ts'

/** Of two failures the one that counts: an unknown before an error, else the first. */
export function stronger(first: Failure | undefined, outcome: Outcome): Failure {
  if (outcome instanceof Unknown) return first instanceof Unknown ? first : outcome
  return first ?? (isFailure(outcome) ? outcome : NO_SUCH_OVERLOAD)
}

/** `a && b`: false wins over unknowns, these over errors (cel-go interpreter/interpretable.go, evalAnd). */
export function planAnd(terms: readonly Step[]): Step {
  return planJunction(terms, false)
}

/** `a || b`. */
export function planOr(terms: readonly Step[]): Step {
  return planJunction(terms, true)
}

function planJunction(terms: readonly Step[], decisive: boolean): Step {
  const neutral = !decisive
  if (terms.length !== 2) return planTerms(terms, decisive)
  const [first, second] = terms as readonly [Step, Step]
  return (frame) => {
    const left = first(frame)
    if (left === decisive) return decisive
    const right = second(frame)
    if (right === decisive) return decisive
    if (left === neutral && right === neutral) return neutral
    const failure = left === neutral ? undefined : stronger(undefined, left)
    return right === neutral ? (failure as Failure) : stronger(failure, right)
  }
}

function planTerms(terms: readonly Step[], decisive: boolean): Step {
  return (frame) => {
    let failure: Failure | undefined
    for (const term of terms) {
      const value = term(frame)
      if (value === decisive) return decisive
      if (value !== !decisive) failure = stronger(failure, value)
    }
    return failure ?? !decisive
  }
}

/** `!a`. */
export function planNot(operand: Step): Step {
  return (frame) => {
    const value = operand(frame)
    frame.meter.charge(1)
    if (typeof value === 'boolean') return !value
    return isFailure(value) ? value : NO_SUCH_OVERLOAD
  }
}

/** Whether a fold goes on: only false ends it, not a failure. */
export function planNotStrictlyFalse(operand: Step): Step {
  return (frame) => {
    const value = operand(frame)
    frame.meter.charge(1)
    return typeof value === 'boolean' ? value : true
  }
}
