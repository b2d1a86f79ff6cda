import type { StructSchema } from '../../../cluster/admitted/schema.ts'
import { field, isObject, type Json, type JsonObject } from '../../../cluster/json.ts'
import { itemKeys } from './list-item.ts'
import { type Invalid, invalidIn, itemOf, type Typed, texts, typedField } from './typed-value.ts'

/**
 * The object with an apply configuration merged into it, as the structured merge of the API server does it
 * (k8s.io/apiserver pkg/admission/plugin/policy/mutating/patch/smd.go): lists by the keys of their items, sets by value.
 * What would replace an atomic list, map or struct is refused, or what it does not name would be lost.
 */
export function merge(
  schema: StructSchema,
  live: JsonObject,
  patch: JsonObject,
): { readonly value: JsonObject } | { readonly error: string } {
  const root: Typed = { value: { kind: 'struct', struct: schema }, isAtomic: false }
  const wrong: Invalid[] = []
  invalidIn(root, patch, '', wrong, 0)
  if (wrong.length > 0) return { error: `failed to convert patch object to typed object: ${texts(wrong)}` }
  const atomics = atomicsIn(root, patch, '')
  if (atomics.length > 0)
    return { error: `invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}` }
  return { value: merged(root, live, patch) as JsonObject }
}

function atomicsIn(typed: Typed, value: Json, path: string): readonly string[] {
  const { value: schema, isAtomic, list } = typed
  if (schema.kind === 'pointer') return atomicsIn({ ...typed, value: schema.of }, value, path)
  if (Array.isArray(value) && schema.kind === 'list') {
    const items = (value as readonly Json[]).flatMap((item, index) =>
      atomicsIn(itemOf(schema.of), item, `${path}[${index}]`),
    )
    return list === undefined ? [path, ...items] : items
  }
  if (!isObject(value)) return []
  const inner =
    schema.kind !== 'struct'
      ? []
      : Object.entries(value).flatMap(([key, each]) => {
          const known = schema.struct.fields.get(key)
          return known ? atomicsIn(typedField(known), each, `${path}.${key}`) : []
        })
  return isAtomic ? [path, ...inner] : inner
}

/** What is on one side only is taken from there. */
function merged(typed: Typed, live: Json | undefined, patch: Json | undefined): Json | undefined {
  const { value: schema, isAtomic, list } = typed
  if (schema.kind === 'pointer') return merged({ ...typed, value: schema.of }, live, patch)
  if (patch === undefined) return live
  if (schema.kind === 'list' && list !== undefined && Array.isArray(patch))
    return mergedList(typed, Array.isArray(live) ? (live as readonly Json[]) : [], patch as readonly Json[])
  if ((schema.kind !== 'struct' && schema.kind !== 'map') || isAtomic || !isObject(patch) || !isObject(live))
    return patch
  const of = (key: string): Typed | undefined => {
    if (schema.kind !== 'struct') return itemOf(schema.of)
    const known = schema.struct.fields.get(key)
    return known && typedField(known)
  }
  const out = new Map(Object.entries(live))
  for (const key of Object.keys(patch)) {
    const inner = of(key)
    if (inner) out.set(key, merged(inner, field(live, key), patch[key]) as Json)
  }
  return Object.fromEntries(out)
}

/**
 * The order of structured-merge-diff typed/merge.go visitListItems: items of both in the order of the patch, those of the
 * object alone before the shared item that they stood before.
 */
function mergedList({ value, list }: Typed, live: readonly Json[], patch: readonly Json[]): readonly Json[] {
  if (value.kind !== 'list') return patch
  const item = itemOf(value.of)
  const keysOfLive = itemKeys(value.of, list, live)
  const keysOfPatch = itemKeys(value.of, list, patch)
  const firstLive = new Map<string, number>()
  const twice = new Set<string>()
  for (const [index, key] of keysOfLive.entries()) {
    if (firstLive.has(key)) twice.add(key)
    else firstLive.set(key, index)
  }
  const inPatch = new Set(keysOfPatch)
  const shared = keysOfPatch.filter((key) => firstLive.has(key))
  const done = new Set<string>()
  const out: Json[] = []
  // An item that the object holds twice is not merged: the patch's takes its place.
  const liveOf = (key: string): Json | undefined => (twice.has(key) ? undefined : live[firstLive.get(key) ?? -1])
  const take = (index: number): void => {
    const key = keysOfPatch[index] as string
    out.push(merged(item, liveOf(key), patch[index]) as Json)
    done.add(key)
  }
  let next = shared.shift()
  let [left, right] = [0, 0]
  while (left < live.length || right < patch.length) {
    const key = keysOfLive[left]
    if (left < live.length && right < patch.length) {
      if (key === keysOfPatch[right]) {
        take(right)
        left++
        right++
        next = shared.shift()
        continue
      }
      if (inPatch.has(key as string) && next !== undefined && next !== key) {
        left++
        continue
      }
    }
    if (left < live.length) {
      if (!inPatch.has(key as string)) {
        out.push(live[left] as Json)
        left++
        continue
      }
      if (done.has(key as string)) left++
    }
    if (right < patch.length) {
      take(right)
      if (next === keysOfPatch[right]) next = shared.shift()
      right++
    }
  }
  return out
}
