import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { each, HOURS, type Money } from '../prices/money.ts'
import type { PriceBook } from '../prices/price-book.ts'
import type { NodeBill } from './bill.ts'
import { asked } from './demand.ts'
import { type Extent, INFINITE, isEndless, least, most, plus, times, toNumber } from './extent.ts'
import type { Cap, Load } from './loads.ts'
import { type Monthly, podMonth, podPrices, strictSum } from './monthly.ts'
import { fitted } from './node-plan.ts'
import type { Placing } from './placing.ts'

/** What a controller's pods are priced by. */
export interface Pricing {
  readonly nodes: NodeBill | undefined
  readonly all: readonly NodeBill[]
  readonly placing: Placing
  readonly prices: PriceBook
  readonly isUnseen: boolean
  readonly cluster: Cluster
}

export interface Computed {
  readonly monthly: Monthly
  readonly worst: number
  readonly uncapped: number
  readonly caps: readonly Cap[]
  /** Of a DaemonSet: nodes that take it. Undefined where none was seen. */
  readonly now?: number
}

/** Pods of one controller: their part of nodes, or what they ask for. */
export function podsMonthly(given: Load, { nodes, all, placing, prices, isUnseen }: Pricing): Computed {
  const load = nodes ? fitted(given, nodes.nodes, nodes.nodes.allocatable) : given
  const worst = Math.max(load.now, toNumber(load.capped))
  const uncapped = Math.max(load.now, toNumber(load.uncapped))
  const counts = { worst, uncapped, caps: load.caps }
  const month = (count: Extent, grown: boolean): Money | undefined => {
    if (!nodes) return undefined
    if (nodes.nodes.billed === 'pods') {
      const demand = new Map(['cpu', 'memory'].map((name) => [name, times(count, asked(load, name, grown))] as const))
      if (count !== 0n && [...demand.values()].every((amount) => amount === 0n))
        return isEndless(count) ? INFINITE : undefined
      return podMonth(demand, podPrices(prices, isUnseen))
    }
    // Each node takes some of them, however large it is.
    return isEndless(count) ? INFINITE : shareOf(load, nodes, count, grown)
  }
  const monthly = {
    now: month(BigInt(load.now), false),
    worst: month(most(BigInt(load.now), load.capped), true),
    uncapped: month(most(BigInt(load.now), load.uncapped), true),
  }
  // Under a quota requests cannot grow beyond it; and pools cost no more than all their nodes.
  const bound = quotaMonth(load, nodes, prices, isUnseen)
  const classes = placing.classesOf.get(given.workload.id) ?? []
  const bills = all.filter((bill) => classes.includes(bill.nodes))
  const pool = bills.every((bill) => bill.nodes.billed === 'nodes')
    ? strictSum(bills.map((bill) => bill.monthly)).worst
    : undefined
  let { worst: money } = monthly
  let caps = load.caps
  if (money !== undefined && bound && least(money, bound.money) !== money) {
    money = bound.money
    caps = [bound.cap]
  }
  if (money !== undefined && pool !== undefined && least(money, pool) !== money && nodes) {
    money = pool
    caps = nodes.caps.length > 0 ? nodes.caps : (bills.find((bill) => bill.caps.length > 0)?.caps ?? caps)
  }
  return { ...counts, caps, monthly: { ...monthly, worst: money } }
}

/** The most that quotas on CPU and memory let pods cost that ask for all of them. */
function quotaMonth(
  load: Load,
  nodes: NodeBill | undefined,
  prices: PriceBook,
  isUnseen: boolean,
): { readonly money: Money; readonly cap: Cap } | undefined {
  if (![...load.grown.values()].some(isEndless) || !nodes) return undefined
  for (const quota of load.quotas) {
    const limits = new Map(
      ['cpu', 'memory'].map(
        (name) => [name, quota.hard.get(`requests.${name}`) ?? quota.hard.get(name) ?? INFINITE] as const,
      ),
    )
    if ([...limits.values()].some(isEndless)) continue
    const money =
      nodes.nodes.billed === 'pods'
        ? podMonth(limits as ReadonlyMap<string, Extent>, podPrices(prices, isUnseen))
        : ofShares(limits as ReadonlyMap<string, Extent>, nodes)
    if (money === undefined) continue
    const label = `ResourceQuota ${quota.object.name} requests`
    return { money, cap: { label, because: because(label, quota.object, ['spec', 'hard']) } }
  }
  return undefined
}

/** The part of nodes that so many pods take by the resource of which they take most, for a month. */
function shareOf(load: Load, bill: NodeBill, count: Extent, grown: boolean): Money | undefined {
  const room = bill.nodes.allocatable
  const demand = new Map<string, Extent>()
  for (const name of room.keys()) demand.set(name, times(count, asked(load, name, grown)))
  return ofShares(demand, bill)
}

function ofShares(demand: ReadonlyMap<string, Extent>, { nodes }: NodeBill): Money | undefined {
  if (nodes.allocatable.size === 0) return undefined
  let money: Money | undefined = nodes.price ? 0n : undefined
  for (const [name, amount] of demand) {
    const own = nodes.allocatable.get(name)
    if (own === undefined || own <= 0n) continue
    if (isEndless(amount)) return INFINITE
    if (money !== undefined && nodes.price) {
      const part = (each(nodes.price.price, amount) * HOURS) / own
      money = most(money, part)
    }
  }
  return money
}

/** One pod on each node that takes it. */
export function daemonMonthly(load: Load, { all, placing }: Pricing): Computed {
  const takes = placing.placed.filter(({ daemons }) => daemons.includes(load)).map(({ nodes }) => nodes)
  const bills = all.filter(({ nodes }) => takes.includes(nodes))
  const count = (key: 'worst' | 'uncapped'): Extent => bills.reduce<Extent>((sum, bill) => plus(sum, bill[key]), 0n)
  const money = (key: 'now' | 'worst' | 'uncapped'): Money | undefined => {
    const parts = bills.map((bill) => {
      const nodes = key === 'now' ? BigInt(bill.nodes.now) : bill[key]
      return shareOf(load, bill, nodes, false)
    })
    return parts.some((part) => part === undefined)
      ? undefined
      : parts.reduce<Money>((sum, part) => plus(sum, part as Money), 0n)
  }
  if (bills.length === 0)
    return {
      monthly: { now: undefined, worst: undefined, uncapped: undefined },
      worst: load.now,
      uncapped: load.now,
      caps: [],
    }
  return {
    now: bills.reduce((sum, { nodes }) => sum + nodes.now, 0),
    monthly: { now: money('now'), worst: money('worst'), uncapped: money('uncapped') },
    worst: toNumber(count('worst')),
    uncapped: toNumber(count('uncapped')),
    caps: bills.flatMap(({ caps }) => caps).slice(0, 1),
  }
}
