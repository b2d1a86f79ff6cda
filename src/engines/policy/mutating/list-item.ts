import type { FieldSchema, StructSchema, ValueSchema } from '../../../cluster/admitted/schema.ts'
import { field, isObject, type Json } from '../../../cluster/json.ts'

/** What an item of a list is told apart by: `[name="a"]`, of a set `[="a"]`. Items without keys are all of one. */
export function itemKeys(of: ValueSchema, list: FieldSchema['list'], items: readonly Json[]): readonly string[] {
  return items.map((item) => itemKey(of, list, item))
}

/** As structured-merge-diff fieldpath/element.go prints it. */
export function itemKey(of: ValueSchema, list: FieldSchema['list'], item: Json): string {
  if (list?.type !== 'map') return `[=${JSON.stringify(item)}]`
  const struct = of.kind === 'struct' ? of.struct : undefined
  const pairs = [...list.keys].sort().flatMap((key) => {
    const value = field(item, key) ?? (struct && absent(struct, key))
    return value === undefined ? [] : [`${key}=${JSON.stringify(value)}`]
  })
  return `[${pairs.join(',')}]`
}

/** Why an item of a list has no key. */
export function keyless(list: NonNullable<FieldSchema['list']>, item: Json): string | undefined {
  if (list.type === 'map') {
    if (item === null) return 'associative list with keys may not have a null element'
    return isObject(item) ? undefined : 'associative list with keys may not have non-map elements'
  }
  if (isObject(item)) return "associative list without keys has an element that's a map type"
  if (Array.isArray(item)) return 'not supported: associative list with lists as elements'
  return item === null ? "associative list without keys has an element that's an explicit null" : undefined
}

/** The published schema has a default for what is always written, and for the protocol of a port. */
function absent(struct: StructSchema, key: string): Json | undefined {
  if (key === 'protocol') return 'TCP'
  const known = struct.fields.get(key)
  if (!known || known.omitEmpty) return undefined
  switch (known.value.kind) {
    case 'string':
      return ''
    case 'int32':
    case 'int64':
      return 0
    default:
      return undefined
  }
}
