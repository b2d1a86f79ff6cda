import { CelError } from '../error.ts'
import { DYN, optionalOf as optionalType, type Type } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { equal } from './equality.ts'

const TYPE = optionalType(DYN)

/** `optional.of(x)`, or `optional.none()` where the value is undefined (cel-go common/types/optional.go). */
export class Optional implements Opaque {
  readonly opaque = true
  readonly type: Type = TYPE
  readonly value: Value | undefined
  constructor(value: Value | undefined) {
    this.value = value
  }
  /** The value; throws `CelError` where there is none. */
  take(): Value {
    if (this.value === undefined) throw new CelError('optional.none() dereference')
    return this.value
  }
  equals(other: Value): boolean {
    if (!(other instanceof Optional)) return false
    if (this.value === undefined || other.value === undefined) return this.value === other.value
    return equal(this.value, other.value)
  }
}

/** `optional.none()`. */
export const NONE = new Optional(undefined)

/** `optional.of(value)`. */
export function optionalOf(value: Value): Optional {
  return new Optional(value)
}
