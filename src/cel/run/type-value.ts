import { DYN, type Type, typeOf } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { erasedName } from './kind.ts'

/** A type as a value: `type(1)`, `int`. Two are equal when their names without parameters are. */
export class TypeValue implements Opaque {
  readonly opaque = true
  readonly type: Type = typeOf(DYN)
  readonly of: Type
  constructor(of: Type) {
    this.of = of
  }
  get name(): string {
    return erasedName(this.of)
  }
  equals(other: Value): boolean {
    return other instanceof TypeValue && other.name === this.name
  }
}
