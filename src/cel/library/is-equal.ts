import { CelError } from '../error.ts'
import { equal } from '../run/equality.ts'
import type { Value } from '../value.ts'

/** Go's `a.Equal(b) == types.True`: what cannot be compared is not equal. */
export function isEqual(a: Value, b: Value): boolean {
  try {
    return equal(a, b)
  } catch (error) {
    if (error instanceof CelError) return false
    throw error
  }
}
