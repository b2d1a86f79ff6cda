/** A count or amount that may have no end. Amounts of resources are in thousandths, as admission rounds them. */
export type Extent = bigint | typeof INFINITE
export const INFINITE = 'infinite'

export function isEndless(value: Extent): value is typeof INFINITE {
  return value === INFINITE
}

export function plus(one: Extent, other: Extent): Extent {
  return isEndless(one) || isEndless(other) ? INFINITE : one + other
}

/** Nothing of what has no end is nothing. */
export function times(one: Extent, other: Extent): Extent {
  if (one === 0n || other === 0n) return 0n
  return isEndless(one) || isEndless(other) ? INFINITE : one * other
}

export function least(one: Extent, other: Extent): Extent {
  if (isEndless(one)) return other
  return isEndless(other) || one < other ? one : other
}

export function most(one: Extent, other: Extent): Extent {
  if (isEndless(one) || isEndless(other)) return INFINITE
  return one > other ? one : other
}

export function exceeds(one: Extent, other: Extent): boolean {
  if (isEndless(other)) return false
  return isEndless(one) || one > other
}

/** How many whole parts; of a part of nothing, endlessly many. */
export function wholes(of: Extent, part: bigint): Extent {
  return part <= 0n || isEndless(of) ? INFINITE : of / part
}

/** How many parts hold it all. */
export function partsFor(of: Extent, part: bigint): Extent {
  if (of === 0n) return 0n
  return isEndless(of) || part <= 0n ? INFINITE : (of + part - 1n) / part
}

export function ofNumber(count: number): Extent {
  return Number.isFinite(count) ? BigInt(Math.max(0, Math.floor(count))) : INFINITE
}

export function toNumber(value: Extent): number {
  return isEndless(value) ? Number.POSITIVE_INFINITY : Number(value)
}
