import { CelError } from '../error.ts'
import { adapt, type CelMap, Double, type JsonMap, Uint, type Value } from '../value.ts'
import { isFields, isOpaque } from './kind.ts'
import { find, forEachEntry, mapSize } from './map.ts'
import { compareNumbers } from './number.ts'
import { Exhausted, spend } from './work.ts'

/** JSON of YAML anchors nests as deep as its reader allows; deeper than that nothing is compared. */
const DEPTH = 1_000

/**
 * `a == b` of values of any kinds: numbers by their value, everything else by its kind (cel-go common/types, `Equal`).
 * Throws `CelError` where an opaque value refuses the comparison.
 */
export function equal(a: Value, b: Value): boolean {
  return equalAt(a, b, 0)
}

function equalAt(a: Value, b: Value, depth: number): boolean {
  if (typeof a === 'string' || typeof a === 'boolean') return a === b
  if (a === null || b === null) return a === b
  if (typeof a === 'number' && typeof b === 'number') return a === b
  if (isNumeric(a)) return isNumeric(b) && compareNumbers(adapt(a) as Value, adapt(b) as Value) === 0
  if (typeof a !== 'object') return false
  // First, since it may refuse the comparison with a scalar.
  if (isOpaque(a)) return a.equals(b)
  if (typeof b !== 'object') return false
  if (depth > DEPTH) throw new Exhausted('whether values are equal that nest too deeply')
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b, depth)
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b)
  if (Array.isArray(b) || b instanceof Uint8Array || b instanceof Double || b instanceof Uint || isOpaque(b))
    return false
  return equalMaps(a as JsonMap | CelMap, b as JsonMap | CelMap, depth)
}

const isNumeric = (value: Value): boolean =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof Double || value instanceof Uint

/** Inside lists and maps an error counts as equal: cel-go asks only whether the answer is False. */
function equalWithin(a: Value, b: Value, depth: number): boolean {
  try {
    return equalAt(a, b, depth)
  } catch (error) {
    if (error instanceof CelError) return true
    throw error
  }
}

function equalLists(a: readonly Value[], b: readonly Value[], depth: number): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) {
    spend(1)
    if (!equalWithin(a[i] as Value, b[i] as Value, depth + 1)) return false
  }
  return true
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function equalMaps(a: JsonMap | CelMap, b: JsonMap | CelMap, depth: number): boolean {
  if (isFields(a) || isFields(b)) return a === b
  if (mapSize(a) !== mapSize(b)) return false
  return forEachEntry(a, (key, value) => {
    spend(1)
    const other = find(b, key)
    return other !== undefined && equalWithin(value, other, depth + 1)
  })
}
