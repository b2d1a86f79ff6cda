import { type Extent, exceeds, INFINITE, isEndless, least, plus, times, wholes } from './extent.ts'
import type { Load } from './loads.ts'
import { countedName, ONE, usedOf } from './quotas.ts'

/** What a pod asks of a node: `pods` is one. */
export function asked(load: Load, resource: string, grown: boolean): Extent {
  if (resource === 'pods') return ONE
  return (grown ? load.grown.get(resource) : load.amounts.requests.get(resource)) ?? 0n
}

/** All that these controllers may ask of a resource if no quota counted them. */
export function uncappedDemand(loads: readonly Load[], resource: string): Extent {
  return loads.reduce<Extent>((sum, load) => plus(sum, times(load.uncapped, asked(load, resource, true))), 0n)
}

/**
 * The most that controllers of one namespace may ask of a resource under its quotas: never more than any one of them
 * leaves, with the pods that ask most for what it counts least.
 */
export function cappedDemand(loads: readonly Load[], resource: string): Extent {
  const full = (some: readonly Load[]): Extent =>
    some.reduce<Extent>((sum, load) => plus(sum, times(load.capped, asked(load, resource, true))), 0n)
  let most = full(loads)
  const quotas = new Set(loads.flatMap((load) => load.quotas))
  for (const quota of quotas) {
    const counted = loads.filter((load) => load.quotas.includes(quota))
    const others = full(loads.filter((load) => !load.quotas.includes(quota)))
    for (const [name, hard] of quota.hard) {
      const under = plus(within(counted, name, hard, resource), others)
      most = least(most, under)
    }
  }
  return most
}

interface Item {
  readonly count: Extent
  readonly weight: bigint
  readonly value: Extent
}

function within(loads: readonly Load[], name: string, hard: bigint, resource: string): Extent {
  const items = loads.map(
    (load): Item => ({
      count: load.capped,
      weight: usedOf(name, load.amounts) ?? 0n,
      value: asked(load, resource, true),
    }),
  )
  const total = filled(items, hard)
  // What it counts itself stays within it, however far requests grow.
  return countedName(name) === resource ? least(total, hard) : total
}

/**
 * The greatest value first that a weight buys. One alone is bought in whole pods; of several the last one that fits is
 * counted in part, for another mix of whole ones may be worth more than whole ones in this order.
 */
function filled(items: readonly Item[], capacity: bigint): Extent {
  const sorted = [...items].sort(byWorth)
  const isAlone = items.filter(({ count, weight }) => weight > 0n && count !== 0n).length <= 1
  let left = capacity
  let total: Extent = 0n
  for (const { count, weight, value } of sorted) {
    if (weight === 0n) {
      total = plus(total, times(count, value))
      continue
    }
    const taken = least(count, wholes(left, weight))
    total = plus(total, times(taken, value))
    if (isEndless(total) || isEndless(taken)) return total
    left -= taken * weight
    if (isAlone || !exceeds(count, taken)) continue
    // A part of the next one, rounded up.
    return isEndless(value) ? INFINITE : plus(total, (value * left + weight - 1n) / weight)
  }
  return total
}

function byWorth(one: Item, other: Item): number {
  if (one.weight === 0n || other.weight === 0n) return one.weight === other.weight ? 0 : one.weight === 0n ? -1 : 1
  const left = times(one.value, other.weight)
  const right = times(other.value, one.weight)
  return exceeds(left, right) ? -1 : exceeds(right, left) ? 1 : 0
}
