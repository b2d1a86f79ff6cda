import { BOOL, BYTES, DOUBLE, DYN, INT, listOf, mapOf, NULL, STRING, type Type, UINT } from '../type.ts'
import { CelMap, Double, type Fields, type Opaque, Uint, type Value } from '../value.ts'

/** What values are told apart by at run time. */
export type Kind =
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'list'
  | 'map'
  | 'fields'
  | 'duration'
  | 'timestamp'
  | 'opaque'

/** JSON has no functions, so that no JSON object can pass for one of these. */
export function isOpaque(value: object): value is Opaque {
  return (value as Partial<Opaque>).opaque === true && typeof (value as Partial<Opaque>).equals === 'function'
}

/** Is it an object that is computed field by field? */
export function isFields(value: object): value is Fields {
  return (value as Partial<Fields>).fields === true && typeof (value as Partial<Fields>).get === 'function'
}

/** What a value is. A JSON number with a fraction is a double though no `Double` stands for it yet. */
export function kindOf(value: Value): Kind {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? 'int' : 'double'
    case 'bigint':
      return 'int'
    default:
      return value === null ? 'null' : kindOfObject(value as object)
  }
}

function kindOfObject(value: object): Kind {
  if (Array.isArray(value)) return 'list'
  if (value.constructor === Object) return isFields(value) ? 'fields' : 'map'
  if (value instanceof Double) return 'double'
  if (value instanceof Uint) return 'uint'
  if (value instanceof CelMap) return 'map'
  if (value instanceof Uint8Array) return 'bytes'
  if (isOpaque(value)) {
    const { kind } = value.type
    return kind === 'duration' || kind === 'timestamp' ? kind : 'opaque'
  }
  return isFields(value) ? 'fields' : 'map'
}

const TYPES: Readonly<Partial<Record<Kind, Type>>> = {
  null: NULL,
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  list: listOf(DYN),
  map: mapOf(DYN, DYN),
  fields: mapOf(STRING, DYN),
}

/** The type of a value at run time: parameters are erased. */
export function typeOfValue(value: Value): Type {
  return TYPES[kindOf(value)] ?? (value as Opaque).type
}

/** The name of a type without its parameters: cel-go common/types/types.go, `TypeName`. */
export function erasedName(type: Type): string {
  switch (type.kind) {
    case 'null':
      return 'null_type'
    case 'timestamp':
      return 'google.protobuf.Timestamp'
    case 'duration':
      return 'google.protobuf.Duration'
    case 'object':
    case 'opaque':
    case 'param':
      return type.name
    default:
      return type.kind
  }
}

/** `int`, `list`, `google.protobuf.Duration`: what errors call the type of a value. */
export function typeName(value: Value): string {
  return erasedName(typeOfValue(value))
}
