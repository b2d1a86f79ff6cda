import { CelError } from '../../error.ts'
import { adapt, type CelMap, Double, type JsonMap, Uint, type Value } from '../../value.ts'
import { type Failure, type Frame, isFailure, type Outcome } from '../frame.ts'
import { isFields, isOpaque } from '../kind.ts'
import { find, mapKeys } from '../map.ts'
import { goType } from './qualify.ts'

/** What a comprehension goes through: elements of a list or keys of a map, and with a second variable what they hold. */
export type Range = readonly Value[] | JsonMap | CelMap

/** The slots of the variables; without a second one a list gives elements and a map keys. */
export interface Variables {
  readonly first: number
  readonly second: number | undefined
  /** With two variables cel-go v0.22 of 1.32 takes an error for a range of the wrong type. */
  readonly renamesErrors: boolean
}

const RENAMED = new CelError('unsupported comprehension range type: *types.Err')

/** The range that an outcome is, or the failure of one that is none. */
export function rangeOf(outcome: Outcome, { second, renamesErrors }: Variables): Range | Failure {
  if (renamesErrors && outcome instanceof CelError) return RENAMED
  if (Array.isArray(outcome) || isFailure(outcome) || isMap(outcome)) return outcome
  if (second === undefined) return new CelError(`got '${goType(outcome)}', expected iterable type`)
  return new CelError(`unsupported comprehension range type: ${goType(outcome)}`)
}

function isMap(value: Value): value is JsonMap | CelMap {
  if (typeof value !== 'object' || value === null) return false
  if (value.constructor === Object) return !isFields(value)
  return !(
    value instanceof Uint8Array ||
    value instanceof Double ||
    value instanceof Uint ||
    isOpaque(value) ||
    isFields(value)
  )
}

/** One for each turn: the elements of a list, the keys of a map. */
export function turnsOf(range: Range): readonly Value[] {
  return isList(range) ? range : mapKeys(range)
}

const isList = (range: Range): range is readonly Value[] => Array.isArray(range)

/** Sets the variables of the i-th turn. */
export function bind(
  { slots }: Frame,
  { first, second }: Variables,
  range: Range,
  turns: readonly Value[],
  i: number,
): void {
  const turn = turns[i] as Value
  const value = typeof turn === 'number' ? (adapt(turn) as Value) : turn
  if (second === undefined) slots[first] = value
  else if (isList(range)) {
    slots[first] = i
    slots[second] = value
  } else {
    slots[first] = value
    slots[second] = find(range, value) as Value
  }
}
