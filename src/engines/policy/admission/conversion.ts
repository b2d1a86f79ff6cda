import { type StructSchema, schemaOf, type ValueSchema } from '../../../cluster/admitted/schema.ts'
import { field, type JsonObject, string } from '../../../cluster/json.ts'

/**
 * The object in another version of its kind, where that is the same object under another name: every field of the version
 * that is asked for exists in the one that it is written in. Undefined where it is not (the metrics of a
 * HorizontalPodAutoscaler in v1), since the conversions of Kubernetes are not known here. Of kinds without a built-in type
 * the fields are taken to be the same, as they are for a CustomResourceDefinition that names no converter.
 */
export function asVersion(body: JsonObject, group: string, version: string): JsonObject | undefined {
  const kind = string(field(body, 'kind')) ?? ''
  const [written = '', ofGroup = ''] = (string(field(body, 'apiVersion')) ?? '').split('/').reverse()
  const key = `${ofGroup}/${written}/${group}/${version}/${kind}`
  const known = covered.get(key) ?? isCovered(schemaOf(group, version, kind), schemaOf(ofGroup, written, kind))
  covered.set(key, known)
  return known ? { ...body, apiVersion: group === '' ? version : `${group}/${version}` } : undefined
}

const covered = new Map<string, boolean>()

function isCovered(asked: StructSchema | undefined, written: StructSchema | undefined): boolean {
  return asked === undefined || written === undefined || hasFieldsOf(asked, written, new Set())
}

function hasFieldsOf(asked: StructSchema, written: StructSchema, seen: Set<string>): boolean {
  const pair = `${asked.name} ${written.name}`
  if (asked.name === written.name || seen.has(pair)) return true
  seen.add(pair)
  return [...asked.fields].every(([name, { value }]) => {
    const other = written.fields.get(name)
    return other !== undefined && isLike(value, other.value, seen)
  })
}

function isLike(asked: ValueSchema, written: ValueSchema, seen: Set<string>): boolean {
  if (asked.kind === 'pointer') return isLike(asked.of, written, seen)
  if (written.kind === 'pointer') return isLike(asked, written.of, seen)
  if (asked.kind !== written.kind) return false
  if ('of' in asked && 'of' in written) return isLike(asked.of, written.of, seen)
  return 'struct' in asked && 'struct' in written ? hasFieldsOf(asked.struct, written.struct, seen) : true
}
