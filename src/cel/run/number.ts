import { Double, Uint, type Value } from '../value.ts'

/** Any of int, uint, double as cel-go compares them: with a double both become doubles. NaN: undefined. */
export function compareNumbers(a: Value, b: Value): -1 | 0 | 1 | undefined {
  if (a instanceof Double || b instanceof Double) {
    const x = toFloat(a)
    const y = toFloat(b)
    if (Number.isNaN(x) || Number.isNaN(y)) return undefined
    return x < y ? -1 : x > y ? 1 : 0
  }
  const x = a instanceof Uint ? a.value : (a as number | bigint)
  const y = b instanceof Uint ? b.value : (b as number | bigint)
  return x < y ? -1 : x > y ? 1 : 0
}

/** The double of an int, uint or double. */
export function toFloat(value: Value): number {
  if (value instanceof Double) return value.value
  return Number(value instanceof Uint ? value.value : (value as number | bigint))
}
