/**
 * Reading untrusted JSON: every field may be absent, of another type, or named like a member of `Object.prototype`.
 * All reads are of own properties, so that `constructor` or `__proto__` in a manifest is a key like any other.
 */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** One step into a JSON value: a key of an object or an index of an array. */
export type Step = string | number
export type Path = readonly Step[]

const NO_ITEMS: readonly Json[] = Object.freeze([])
const NO_FIELDS: JsonObject = Object.freeze({})
const NO_STRINGS: readonly string[] = Object.freeze([])
const NO_PAIRS: ReadonlyMap<string, string> = new Map()

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own field `key` of `value`, or undefined when `value` is no object or has no such field. */
export function field(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/** Follows `path` through own fields and array items. */
export function at(value: Json | undefined, ...path: Path): Json | undefined {
  let here = value
  for (let index = 0; index < path.length; index++) {
    const step = path[index] as Step
    if (typeof step === 'number') here = Array.isArray(here) ? (here as readonly Json[])[step] : undefined
    else here = field(here, step)
    if (here === undefined) return undefined
  }
  return here
}

export function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : NO_FIELDS
}

export function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : NO_ITEMS
}

export function string(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function boolean(value: Json | undefined): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

export function number(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** The string items of a list; other items are dropped. */
export function strings(value: Json | undefined): readonly string[] {
  const items = list(value)
  return items.length === 0 ? NO_STRINGS : items.filter((item) => typeof item === 'string')
}

/** String to string pairs, as labels and annotations; entries of other types are dropped. */
export function stringMap(value: Json | undefined): ReadonlyMap<string, string> {
  if (!isObject(value)) return NO_PAIRS
  const map = new Map<string, string>()
  for (const key of Object.keys(value)) {
    const item = value[key]
    if (typeof item === 'string') map.set(key, item)
  }
  return map
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/

/** `spec.containers[0].name`; keys that would read as something else are quoted: `metadata.labels["a.b/c"]`. */
export function formatPath(path: Path): string {
  let text = ''
  for (let index = 0; index < path.length; index++) {
    const step = path[index] as Step
    if (typeof step === 'number') text += `[${step}]`
    else if (PLAIN_KEY.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}
