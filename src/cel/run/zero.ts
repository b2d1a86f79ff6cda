import { adapt, Double, Uint, type Value } from '../value.ts'
import { Duration } from './duration.ts'
import { isOpaque } from './kind.ts'
import { sizeOf } from './size.ts'
import { FIRST_SECOND, Timestamp } from './timestamp.ts'

/** Is it null, false, 0, empty (cel-go `traits.Zeroer`)? A timestamp is zero in the year 1. */
export function isZero(value: Value): boolean {
  const own = adapt(value) as Value
  if (own === null || own === false || own === 0 || own === '') return true
  if (own instanceof Double) return own.value === 0
  if (own instanceof Uint) return own.value === 0n
  if (own instanceof Duration) return own.nanos === 0n
  if (own instanceof Timestamp) return own.seconds === FIRST_SECOND && own.nanos === 0
  return typeof own === 'object' && !isOpaque(own) && sizeOf(own) === 0
}
