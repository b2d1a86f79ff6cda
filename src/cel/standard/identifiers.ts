import type { Library } from '../library.ts'
import { TypeValue } from '../run/type-value.ts'
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  param,
  STRING,
  TIMESTAMP,
  type Type,
  typeOf,
  UINT,
} from '../type.ts'

const TYPES: readonly (readonly [name: string, type: Type])[] = [
  ['bool', BOOL],
  ['bytes', BYTES],
  ['double', DOUBLE],
  ['google.protobuf.Duration', DURATION],
  ['int', INT],
  ['list', listOf(param('A'))],
  ['map', mapOf(param('A'), param('B'))],
  ['null_type', NULL],
  ['string', STRING],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['type', typeOf(DYN)],
  ['uint', UINT],
]

/** The types' names: values of type `type`. */
export const IDENTIFIERS: NonNullable<Library['identifiers']> = TYPES.map(([name, type]) => ({
  name,
  type: typeOf(type),
  value: new TypeValue(type),
}))
