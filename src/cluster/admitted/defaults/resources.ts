import { field, isObject, type Json, type JsonObject } from '../../json.ts'
import { type FieldChange, type Fill, inside, member, set, shaped } from '../fill.ts'
import { formatQuantity, isPlainQuantity, parseQuantity, roundedUp } from '../quantity.ts'

/** Amounts are rounded up to thousandths (SetDefaults_ResourceList in pkg/apis/core/v1/defaults.go). */
export const amounts: Fill = (map) => {
  let changed: Map<string, Json> | undefined
  for (const key of Object.keys(map)) {
    const amount = map[key] as Json
    const quantity = isPlainQuantity(amount) ? undefined : parseQuantity(amount)
    const shown = quantity ? formatQuantity(roundedUp(quantity, -3)) : amount
    if (shown === amount) continue
    changed ??= new Map(Object.entries(map))
    changed.set(key, shown)
  }
  return changed ? Object.fromEntries(changed) : map
}

const NO_DEFAULTS: JsonObject = {}
const AMOUNTS: readonly FieldChange[] = [
  { key: 'limits', change: member(amounts) },
  { key: 'requests', change: member(amounts) },
]

/** Limits and requests. */
export const resources: Fill = (given) => shaped(given, NO_DEFAULTS, AMOUNTS)

export function roundedAmounts(object: JsonObject, key: string): JsonObject {
  return inside(object, key, amounts)
}

export function roundedResources(object: JsonObject): JsonObject {
  return inside(object, 'resources', resources)
}

/** Of a Pod, but not of a template: what is limited and not requested is requested as it is limited. */
export function requestsFromLimits(container: JsonObject): JsonObject {
  const resources = field(container, 'resources')
  const limits = field(resources, 'limits')
  if (!isObject(resources) || !isObject(limits)) return container
  return set(container, 'resources', set(resources, 'requests', withMissing(field(resources, 'requests'), limits)))
}

/** The entries of `from` that `map` lacks, added. */
export function withMissing(map: unknown, from: JsonObject): JsonObject {
  const present = isObject(map) ? map : {}
  const missing = Object.entries(from).filter(([key]) => !Object.hasOwn(present, key))
  if (missing.length === 0) return present
  return Object.fromEntries([...Object.entries(present), ...missing])
}
