import type { Minor } from '../../library.ts'
import type { Value } from '../../value.ts'
import { equal } from '../equality.ts'
import { caught, isFailure, type Outcome, type Step } from '../frame.ts'
import { isOpaque } from '../kind.ts'
import { codePoints, sizeOf } from '../size.ts'
import type { Planned } from './planned.ts'

/** `a == b` and `a != b`: the one gives an error of the comparison, to the other it is a difference. */
export function planEquality(equals: boolean, first: Planned, second: Planned, minor: Minor): Step {
  const text = second.constant?.value
  if (typeof text === 'string') return planWithText(equals, first.run, text)
  const leading = first.constant?.value
  if (typeof leading === 'string') return planWithText(equals, second.run, leading)
  const left = first.run
  const right = second.run
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    if (typeof a === 'string' && typeof b === 'string') {
      frame.meter.charge(shorterTextCost(a, b))
      return (a === b) === equals
    }
    if (isScalar(a) && isScalar(b)) {
      frame.meter.charge(1)
      return (a === b) === equals
    }
    frame.meter.charge(equalityCost(a, b, equals, minor))
    return compared(a, b, equals)
  }
}

/** ints in their one form, booleans and null are equal when they are the same. */
const isScalar = (value: Outcome): boolean => typeof value === 'number' || typeof value === 'boolean' || value === null

function compared(a: Outcome, b: Outcome, equals: boolean): Outcome {
  if (isFailure(a)) return a
  if (isFailure(b)) return b
  try {
    return equal(a, b) === equals
  } catch (error) {
    const failure = caught(error)
    return equals || !('message' in failure) ? failure : true
  }
}

function planWithText(equals: boolean, left: Step, text: string): Step {
  const cost = textCost(text)
  return (frame) => {
    const value = left(frame)
    if (typeof value === 'string') {
      frame.meter.charge(cost(value))
      return (value === text) === equals
    }
    frame.meter.charge(Math.ceil(Math.min(isFailure(value) ? 1 : sizeOf(value), codePoints(text)) * 0.1))
    return compared(value, text, equals)
  }
}

/** What comparing a text with this one costs: a tenth of the shorter of the two, in code points. */
function textCost(text: string): (other: string) => number {
  const size = codePoints(text)
  if (size === 0) return () => 0
  if (size <= 10) return (other) => (other.length === 0 ? 0 : 1)
  const whole = Math.ceil(size * 0.1)
  return (other) => (other.length >= 2 * size ? whole : Math.ceil(Math.min(codePoints(other), size) * 0.1))
}

/** The same of two texts that are known only now. */
function shorterTextCost(a: string, b: string): number {
  const shorter = a.length < b.length ? a : b
  if (shorter.length <= 10) return shorter.length === 0 ? 0 : 1
  return Math.ceil(Math.min(codePoints(a), codePoints(b)) * 0.1)
}

/** k8s.io/apiserver pkg/cel/library/cost.go charges 1 for its own types on the left of `==`. */
function equalityCost(a: Outcome, b: Outcome, equals: boolean, minor: Minor): number {
  if (equals && minor >= 32 && isObject(a) && isOpaque(a) && a.size !== undefined) return 1
  return Math.ceil(Math.min(outcomeSize(a), outcomeSize(b)) * 0.1)
}

const isObject = (value: Outcome): value is Value & object =>
  typeof value === 'object' && value !== null && !isFailure(value)

const outcomeSize = (outcome: Outcome): number => (isFailure(outcome) ? 1 : sizeOf(outcome))
