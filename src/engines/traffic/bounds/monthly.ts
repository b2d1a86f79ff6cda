import { HOURS, type Money, perGib, perWhole } from '../prices/money.ts'
import type { PriceBook, Quote } from '../prices/price-book.ts'
import { type Extent, INFINITE, isEndless, least, most, plus } from './extent.ts'
import type { Volumes } from './volumes.ts'

/** Three figures of a month: as it is, the worst that the caps leave, and the worst without them. Undefined: no price. */
export interface Monthly {
  readonly now: Money | undefined
  readonly worst: Money | undefined
  readonly uncapped: Money | undefined
}

export function podPrices(prices: PriceBook, isUnseen: boolean): { cpu: Quote | undefined; memory: Quote | undefined } {
  return isUnseen
    ? { cpu: prices.vcpuHour, memory: prices.gbHour }
    : { cpu: prices.podVcpuHour ?? prices.vcpuHour, memory: prices.podGbHour ?? prices.gbHour }
}

/** A month of pods that ask for so much. */
export function podMonth(
  demand: ReadonlyMap<string, Extent>,
  prices: { cpu: Quote | undefined; memory: Quote | undefined },
): Money | undefined {
  const cpu = demand.get('cpu') ?? 0n
  const memory = demand.get('memory') ?? 0n
  if (isEndless(cpu) || isEndless(memory) || isEndless(demand.get('pods') ?? 0n)) return INFINITE
  // Pods that ask for nothing take something.
  const isSilent = cpu === 0n && memory === 0n && (demand.get('pods') ?? 0n) !== 0n
  if (isSilent || !prices.cpu || !prices.memory) return undefined
  return (perWhole(prices.cpu.price, cpu) + perGib(prices.memory.price, memory)) * HOURS
}

export function volumeMonthly(volume: Volumes, prices: PriceBook): Monthly {
  const quote = prices.storage(volume.storageClass)
  const { size } = volume
  const month = (count: Extent): Money | undefined => {
    if (count === 0n) return 0n
    if (isEndless(count)) return INFINITE
    return quote && size !== undefined ? perGib(quote.price, size * count) : undefined
  }
  return { now: month(BigInt(volume.now)), worst: month(volume.worst), uncapped: month(volume.uncapped) }
}

/** The known parts; no end of one is no end of all. Where none is known, neither is the sum. */
export function sumOf(parts: readonly Monthly[]): Monthly {
  const total = (key: keyof Monthly): Money | undefined => {
    const known = parts.flatMap((part) => part[key] ?? [])
    return parts.length > 0 && known.length === 0 ? undefined : known.reduce<Money>((sum, part) => plus(sum, part), 0n)
  }
  return { now: total('now'), worst: total('worst'), uncapped: total('uncapped') }
}

/** One part that is not known makes the sum unknown, but for one without an end. */
export function strictSum(parts: readonly Monthly[]): Monthly {
  const total = (key: keyof Monthly): Money | undefined => {
    const all = parts.map((part) => part[key])
    if (all.some((part) => part !== undefined && isEndless(part))) return INFINITE
    return all.some((part) => part === undefined)
      ? undefined
      : all.reduce<Money>((sum, part) => plus(sum, part as Money), 0n)
  }
  return { now: total('now'), worst: total('worst'), uncapped: total('uncapped') }
}

/** All volumes of a namespace: a quota on what they request ends the sum, at the price of the dearest; what is there stays. */
export function underQuota(limit: bigint | undefined, volumes: readonly Volumes[], prices: PriceBook): Monthly {
  const sum = sumOf(volumes.map((volume) => volumeMonthly(volume, prices)))
  if (limit === undefined || sum.worst === undefined || sum.now === undefined) return sum
  const dearest = volumes.reduce((price, each) => {
    const own = prices.storage(each.storageClass)?.price ?? 0n
    return own > price ? own : price
  }, 0n)
  return { ...sum, worst: most(sum.now, least(sum.worst, perGib(dearest, limit))) }
}
