import { adapt, CelMap, Double, type Fields, int, type JsonMap, type MapKey, Uint, type Value } from '../value.ts'

/** Two values are the same key when Go's `==` says so: by kind and value; lists and maps by identity. */
export function keyOf(value: Value): MapKey {
  if (typeof value === 'string') return value.startsWith(ESCAPE) ? `${ESCAPE}s${value}` : value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : `${ESCAPE}d${value}`
  if (value instanceof Uint) return `${ESCAPE}u${value.value}`
  if (value instanceof Double) return `${ESCAPE}d${value.value}`
  return value
}

const ESCAPE = '\u0000'

/** The entry of a key, or of a number of another kind that is equal (cel-go common/types/map.go, refValMapAccessor). */
export function findEntry(
  entries: ReadonlyMap<MapKey, readonly [key: Value, value: Value]>,
  key: Value,
): readonly [key: Value, value: Value] | undefined {
  const found = entries.get(keyOf(key))
  if (found !== undefined || typeof key === 'string') return found
  const whole = wholeOf(adapt(key) as Value)
  if (whole === undefined) return undefined
  const asInt = int(whole)
  const byInt = asInt === undefined ? undefined : entries.get(keyOf(asInt))
  return byInt ?? (whole < 0n ? undefined : entries.get(keyOf(new Uint(whole))))
}

/** A number without a fraction as a bigint. */
function wholeOf(value: Value): bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value)
  if (value instanceof Uint) return value.value
  return value instanceof Double && Number.isInteger(value.value) ? BigInt(value.value) : undefined
}

/** The value under a key of a map, or undefined. */
export function find(map: JsonMap | CelMap | Fields, key: Value): Value | undefined {
  if (map instanceof CelMap) return findEntry(map.entries, key)?.[1]
  if (typeof key !== 'string') return undefined
  if (isComputed(map)) return adapt(map.get(key))
  return Object.hasOwn(map, key) ? adapt(map[key]) : undefined
}

const isComputed = (map: JsonMap | Fields): map is Fields =>
  map.fields === true && typeof (map as Partial<Fields>).get === 'function'

/** How many entries a map has; what is computed field by field has none to count. */
export function mapSize(map: JsonMap | CelMap): number {
  return map instanceof CelMap ? map.entries.size : Object.keys(map).length
}

/** Keys in the order of the map. */
export function mapKeys(map: JsonMap | CelMap): readonly Value[] {
  if (map instanceof CelMap) return Array.from(map.entries.values(), ([key]) => key)
  return Object.keys(map)
}

/** Keys and values in the order of the map. */
export function entriesOf(map: JsonMap | CelMap): readonly (readonly [key: Value, value: Value])[] {
  if (map instanceof CelMap) return Array.from(map.entries.values())
  return Object.keys(map).map((key) => [key, adapt(map[key]) as Value])
}

/** Visits entries until `visit` says false; was it never false? */
export function forEachEntry(map: JsonMap | CelMap, visit: (key: Value, value: Value) => boolean): boolean {
  if (map instanceof CelMap) {
    for (const [key, value] of map.entries.values()) if (!visit(key, value)) return false
    return true
  }
  for (const key of Object.keys(map)) if (!visit(key, adapt(map[key]) as Value)) return false
  return true
}

/** A map of entries; of equal keys the last one counts. */
export function makeMap(entries: Iterable<readonly [key: Value, value: Value]>): CelMap {
  const own = new Map<MapKey, readonly [Value, Value]>()
  for (const entry of entries) own.set(keyOf(entry[0]), entry)
  return new CelMap(own)
}
