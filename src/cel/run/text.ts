import { type CelMap, Double, type JsonMap, Uint, type Value } from '../value.ts'
import { formatShortest } from './float.ts'
import { isFields, isOpaque } from './kind.ts'
import { forEachEntry } from './map.ts'
import { Optional } from './optional.ts'
import { TypeValue } from './type-value.ts'

const DEPTH = 50

/** A value as Go's `%v` prints it in errors. */
export function formatValue(value: Value, depth = 0): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : formatShortest(value)
  if (value === null || typeof value !== 'object') return value === null ? 'null' : String(value)
  if (depth > DEPTH) return '…'
  if (value instanceof Double) return formatShortest(value.value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) return `[${value.join(' ')}]`
  if (Array.isArray(value)) return `[${value.map((each) => formatValue(each, depth + 1)).join(', ')}]`
  if (value instanceof Optional) {
    return value.value === undefined ? 'optional.none()' : `optional(${formatValue(value.value, depth + 1)})`
  }
  if (value instanceof TypeValue) return value.name
  if (isOpaque(value) || isFields(value)) return String(value)
  const entries: string[] = []
  forEachEntry(value as JsonMap | CelMap, (key, held) => {
    entries.push(`${formatValue(key, depth + 1)}: ${formatValue(held, depth + 1)}`)
    return true
  })
  return `{${entries.join(', ')}}`
}
