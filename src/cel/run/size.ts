import { CelMap, Double, type JsonMap, Uint, type Value } from '../value.ts'
import { isFields, isOpaque } from './kind.ts'
import { mapSize } from './map.ts'
import { Optional } from './optional.ts'

/** A search is faster than a look at each character, but not for short texts. */
const SEARCHED = 16
const SURROGATE = /[\ud800-\udbff]/

/** How many code points a string has; a lone surrogate is one. */
export function codePoints(text: string): number {
  let count = text.length
  if (count > SEARCHED && !SURROGATE.test(text)) return count
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--
      i++
    }
  }
  return count
}

/** The size by which calls are charged (cel-go interpreter/runtimecost.go `actualSize`): 1 for what has none. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return codePoints(value)
  if (typeof value !== 'object' || value === null) return 1
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (value instanceof CelMap) return mapSize(value)
  if (value.constructor === Object) return isFields(value) ? 1 : mapSize(value as JsonMap)
  if (value instanceof Optional) return value.value === undefined ? 1 : sizeOf(value.value)
  if (isOpaque(value)) return value.size?.() ?? 1
  return value instanceof Double || value instanceof Uint || isFields(value) ? 1 : mapSize(value as JsonMap)
}
