import type { Column } from './column.ts'

/** The least value that a share of the clients does not exceed, of those that did anything and are not left out; 0 of none. */
export function quantile({ values, length }: Column, share: number, without: ReadonlySet<number>): number {
  const found = new Float64Array(length)
  let count = 0
  for (let number = 0; number < length; number++) {
    const value = values[number] as number
    if (value > 0 && !without.has(number)) found[count++] = value
  }
  if (count === 0) return 0
  const sorted = found.subarray(0, count).sort()
  return sorted[Math.min(count - 1, Math.ceil(share * count) - 1)] as number
}

/** The clients above a value, and their requests. */
export function above(
  column: Column,
  value: number,
  total: Column,
  without: ReadonlySet<number>,
): { readonly clients: number; readonly requests: number; readonly greatest: number } {
  let clients = 0
  let requests = 0
  let greatest = 0
  for (let number = 0; number < column.length; number++) {
    const own = column.values[number] as number
    if (without.has(number)) continue
    if (own > greatest) greatest = own
    if (own <= value) continue
    clients++
    requests += total.values[number] ?? 0
  }
  return { clients, requests, greatest }
}
