import { Unknown } from '../../error.ts'
import type { Minor } from '../../library.ts'
import { type Failure, isFailure, NO_SUCH_OVERLOAD, type Outcome, type Step } from '../frame.ts'
import { type Kind, kindOf } from '../kind.ts'
import { untold } from './invocation.ts'
import type { Planned } from './planned.ts'

/** Of two failures the one that counts: an unknown before an error, else the first. */
export function stronger(first: Failure | undefined, outcome: Outcome): Failure {
  if (outcome instanceof Unknown) return first instanceof Unknown ? first : outcome
  return first ?? (isFailure(outcome) ? outcome : NO_SUCH_OVERLOAD)
}

/** The terms of a chain of `&&` (which false decides) or of `||` (true). */
export interface Junction {
  readonly decisive: boolean
  readonly terms: readonly Step[]
}

/** `a && b`, `a || b`: what decides wins over unknowns, these over errors (cel-go interpreter/interpretable.go, evalAnd). */
export function planJunction(operands: readonly Planned[], decisive: boolean): Planned {
  const terms = operands.flatMap(({ run, junction }) => (junction?.decisive === decisive ? junction.terms : [run]))
  return {
    run: terms.length === 2 ? planPair(terms as [Step, Step], decisive) : planTerms(terms, decisive),
    junction: { decisive, terms },
  }
}

function planPair([first, second]: readonly [Step, Step], decisive: boolean): Step {
  const neutral = !decisive
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
    for (let i = 0; i < terms.length; i++) {
      const value = (terms[i] as Step)(frame)
      if (value === decisive) return decisive
      if (value !== !decisive) failure = stronger(failure, value)
    }
    return failure ?? !decisive
  }
}

/** `!a`. */
export function planNot(operand: Step, minor: Minor): Step {
  return (frame) => {
    const value = operand(frame)
    frame.meter.charge(1)
    if (typeof value === 'boolean') return !value
    if (isFailure(value)) return value
    // cel-go v0.16 of 1.28 asks for what can be negated.
    return minor > 28 || NEGATED.has(kindOf(value)) ? NO_SUCH_OVERLOAD : untold('!_', value)
  }
}

const NEGATED: ReadonlySet<Kind> = new Set(['bool', 'int', 'double', 'duration'])

/** Whether a fold goes on: only false ends it, not a failure. */
export function planNotStrictlyFalse(operand: Step): Step {
  return (frame) => {
    const value = operand(frame)
    frame.meter.charge(1)
    return typeof value === 'boolean' ? value : true
  }
}
