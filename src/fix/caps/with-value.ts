import { field, isObject, type Json, type JsonObject } from '../../cluster/json.ts'

/** The object with one value set at a path of keys; nothing is changed in place. */
export function withValue(body: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [key, ...rest] = path
  if (key === undefined) return body
  const inner = field(body, key)
  const next = rest.length === 0 ? value : withValue(isObject(inner) ? inner : {}, rest, value)
  return Object.fromEntries([...Object.entries(body).filter(([each]) => each !== key), [key, next]])
}

/** As it would be applied: without what the cluster writes into it. */
export function applicable(body: JsonObject): JsonObject {
  const metadata = field(body, 'metadata')
  const { status: _, ...rest } = body
  if (!isObject(metadata)) return rest
  const written = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields', 'selfLink']
  const kept = Object.entries(metadata).filter(([key]) => !written.includes(key))
  return { ...rest, metadata: Object.fromEntries(kept) }
}
