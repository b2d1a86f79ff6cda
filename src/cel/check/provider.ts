import type { Type } from '../type.ts'
import type { Value } from '../value.ts'

/** Structures that an environment knows beyond the libraries' types (cel-go common/types/provider.go). */
export interface TypeProvider {
  /** The type by its full name, so that `Name{…}` makes one and `Name` is its type. */
  findType(name: string): Type | undefined
  /** The type of a field of an object type; undefined: there is no such field. */
  findField(type: string, field: string): Type | undefined
  /** What `Name{…}` makes of its fields; absent: a JSON object of them. Throws `CelError`. */
  makeValue?(type: string, fields: ReadonlyMap<string, Value>): Value
}
