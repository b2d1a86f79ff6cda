import { type StructSchema, schemaOf, type ValueSchema } from '../../../cluster/admitted/schema.ts'
import { isObject, type Json, type JsonObject, type Path } from '../../../cluster/json.ts'
import { type Refusal, unreadable } from './refusal.ts'

/** No admission policy is deeper. */
const MAX_DEPTH = 50

/** Fields that the kind does not have: `kubectl` asks for their refusal (`fieldValidation=Strict`). */
export function unknownFieldRefusals(body: JsonObject, minor: number): readonly Refusal[] {
  const { apiVersion, kind } = body
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return []
  const [group = '', version = ''] = apiVersion.split('/')
  const schema = schemaOf(group, version, kind, minor)
  return schema ? inStruct(schema, body, []) : []
}

function inStruct(schema: StructSchema, value: Json, path: Path): readonly Refusal[] {
  if (!isObject(value) || path.length > MAX_DEPTH) return []
  return Object.keys(value).flatMap((key) => {
    const known = schema.fields.get(key)
    const here = [...path, key]
    return known ? inValue(known.value, value[key] as Json, here) : [unreadable(here, 'unknown field')]
  })
}

function inValue(schema: ValueSchema, value: Json, path: Path): readonly Refusal[] {
  switch (schema.kind) {
    case 'struct':
      return inStruct(schema.struct, value, path)
    case 'pointer':
      return inValue(schema.of, value, path)
    case 'list':
      return Array.isArray(value)
        ? value.flatMap((item, index) => inValue(schema.of, item as Json, [...path, index]))
        : []
    case 'map':
      return isObject(value)
        ? Object.keys(value).flatMap((key) => inValue(schema.of, value[key] as Json, [...path, key]))
        : []
    default:
      return []
  }
}
