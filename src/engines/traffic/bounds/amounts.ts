import { parseQuantity, roundedUp } from '../../../cluster/admitted/quantity.ts'
import { isObject, type Json } from '../../../cluster/json.ts'

/** Amounts of resources by their name, in thousandths. */
export type Amounts = ReadonlyMap<string, bigint>

export const NO_AMOUNTS: Amounts = new Map()

/** Thousandths, rounded up as the API server does; undefined for what is no quantity, or less than none. */
export function thousandths(value: Json | undefined): bigint | undefined {
  const quantity = value === undefined ? undefined : parseQuantity(value)
  if (!quantity || quantity.value < 0n) return undefined
  const { value: amount, scale } = roundedUp(quantity, -3)
  return amount * 10n ** BigInt(scale + 3)
}

export function amountsIn(value: Json | undefined): Map<string, bigint> {
  const found = new Map<string, bigint>()
  if (!isObject(value)) return found
  for (const [name, given] of Object.entries(value)) {
    const amount = thousandths(given)
    if (amount !== undefined) found.set(name, amount)
  }
  return found
}

export function addTo(total: Map<string, bigint>, amounts: Amounts): void {
  for (const [name, amount] of amounts) total.set(name, (total.get(name) ?? 0n) + amount)
}

export function raiseTo(total: Map<string, bigint>, amounts: Amounts): void {
  for (const [name, amount] of amounts) if (amount > (total.get(name) ?? -1n)) total.set(name, amount)
}

/** Of `from` what `to` lacks. */
export function fillFrom(to: Map<string, bigint>, from: Amounts): void {
  for (const [name, amount] of from) if (!to.has(name)) to.set(name, amount)
}
