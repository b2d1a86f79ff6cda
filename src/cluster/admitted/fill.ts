import { field, isObject, type Json, type JsonObject } from '../json.ts'

/** Steps of which defaulting is made. Each gives the object itself where nothing changes, and never changes it. */
export type Fill = (object: JsonObject) => JsonObject

/** The same of what differs between releases of Kubernetes, 1.`minor`. */
export type FillOf = (object: JsonObject, minor: number) => JsonObject

/** With the fields of `defaults` that are absent. An empty text that Go would take for absent is gone by then. */
export function filled(object: JsonObject, defaults: JsonObject): JsonObject {
  return shaped(object, defaults, [])
}

export function isUnset(object: JsonObject, key: string): boolean {
  const value = field(object, key)
  return value === undefined || value === null
}

/** With `value` in the field; undefined takes the field away. */
export function set(object: JsonObject, key: string, value: Json | undefined): JsonObject {
  if (field(object, key) === value) return object
  if (value !== undefined) return { ...object, [key]: value }
  const { [key]: _, ...rest } = object
  return rest
}

/** What becomes of the value of a field. */
export type Change = (value: Json) => Json

export interface FieldChange {
  readonly key: string
  readonly change: Change
}

/** An object through `fill`; other values stay. */
export function member(fill: Fill): Change {
  return (value) => (isObject(value) ? fill(value) : value)
}

/** Each object of a list through `fill`. */
export function items(fill: Fill): Change {
  return (value) => {
    if (!Array.isArray(value)) return value
    const list = value as readonly Json[]
    let made: Json[] | undefined
    for (let index = 0; index < list.length; index++) {
      const item = list[index] as Json
      const filledItem = isObject(item) ? fill(item) : item
      if (made) made.push(filledItem)
      else if (filledItem !== item) made = [...list.slice(0, index), filledItem]
    }
    return made ?? list
  }
}

/** Defaults, and what becomes of the fields that are there, with one copy for all of it. */
export function shaped(object: JsonObject, defaults: JsonObject, changes: readonly FieldChange[]): JsonObject {
  let made: Record<string, Json> | undefined
  for (let at = 0; at < changes.length; at++) {
    const { key, change } = changes[at] as FieldChange
    const value = field(object, key)
    if (value === undefined) continue
    const changed = change(value)
    if (changed === value) continue
    made ??= { ...object }
    made[key] = changed
  }
  const keys = Object.keys(defaults)
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as string
    if (!isUnset(object, key)) continue
    made ??= { ...object }
    made[key] = defaults[key] as Json
  }
  return made ?? object
}

/** The object in the field through `fill`; a field without an object stays. */
export function inside(object: JsonObject, key: string, fill: Fill): JsonObject {
  const value = field(object, key)
  return isObject(value) ? set(object, key, fill(value)) : object
}

/** Each object of the list in the field through `fill`. */
export function each(object: JsonObject, key: string, fill: Fill): JsonObject {
  const value = field(object, key)
  return value === undefined ? object : set(object, key, items(fill)(value))
}

/** Each value of the map in the field through `change`; undefined takes the entry away. */
export function entries(
  object: JsonObject,
  key: string,
  change: (value: Json, name: string) => Json | undefined,
): JsonObject {
  const map = field(object, key)
  if (!isObject(map)) return object
  let same = true
  const made: [string, Json][] = []
  for (const name of Object.keys(map)) {
    const value = change(map[name] as Json, name)
    if (value !== map[name]) same = false
    if (value !== undefined) made.push([name, value])
  }
  return same ? object : { ...object, [key]: Object.fromEntries(made) }
}
