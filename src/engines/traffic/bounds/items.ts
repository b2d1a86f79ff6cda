import type { Because } from '../../../cluster/because.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Exposed } from '../../known.ts'
import { each } from '../prices/money.ts'
import type { PriceBook } from '../prices/price-book.ts'
import type { Balancer } from './balancers.ts'
import { type Extent, isEndless } from './extent.ts'
import type { Cap, Load } from './loads.ts'
import { type Monthly, strictSum, volumeMonthly } from './monthly.ts'
import { pathOf } from './paths.ts'
import { daemonMonthly, type Pricing, podsMonthly } from './pods-bill.ts'
import type { Volumes } from './volumes.ts'

export interface BoundItem {
  /** The id of the controller, claim or load balancer. */
  readonly controller: string
  readonly object: KubeObject | undefined
  /** Pods (of a claim or load balancer, 1). Undefined: what would tell is not in the input. */
  readonly now: number | undefined
  readonly worst: number | undefined
  readonly uncapped: number | undefined
  /** Of the worst, those that are there only while a rollout lasts. */
  readonly surge: number
  /** Beyond the worst, those that a rollout adds while it lasts at the maximum of an autoscaler. */
  readonly rollout: number
  /** Whether the money has no end. */
  readonly unbounded: boolean
  readonly monthly: Monthly
  readonly requests: ReadonlyMap<string, Extent>
  /** What stops it first. */
  readonly caps: readonly Cap[]
  /** From whatever makes it grow to the money. */
  readonly path: readonly Because[]
  readonly exposed: 'yes' | 'unknown' | 'no'
}
interface ItemInput extends Pricing {
  readonly volumes: readonly Volumes[]
  readonly exposed: readonly Exposed[]
}

export function itemOf(load: Load, input: ItemInput): BoundItem {
  const { workload, growth } = load
  const compute = load.isDaemon ? daemonMonthly(load, input) : podsMonthly(load, input)
  const storage = input.volumes.map((volume) => volumeMonthly(volume, input.prices))
  const monthly = storage.length === 0 ? compute.monthly : strictSum([compute.monthly, ...storage])
  const isKnown = load.isDaemon ? compute.now !== undefined : growth.most !== undefined
  const unbounded = monthly.worst !== undefined && isEndless(monthly.worst)
  const draft = {
    controller: workload.id,
    object: workload.object ?? load.shape.object,
    now: growth.now === undefined ? compute.now : load.now,
    worst: isKnown ? compute.worst : undefined,
    uncapped: isKnown ? compute.uncapped : undefined,
    surge: growth.surge ?? 0,
    rollout: growth.rollout ?? 0,
    unbounded,
    monthly: isKnown ? monthly : { now: monthly.now, worst: undefined, uncapped: undefined },
    requests: load.grown,
    caps: compute.caps.length > 0 || unbounded ? compute.caps : ownCaps(load),
    exposed: exposedAs(input.exposed),
  }
  return { ...draft, path: pathOf(load, { ...input, caps: compute.caps, unbounded, monthly }) }
}

export function claimItem(volume: Volumes, prices: PriceBook): BoundItem {
  return {
    controller: volume.of,
    object: volume.object,
    now: 1,
    worst: 1,
    uncapped: 1,
    surge: 0,
    rollout: 0,
    unbounded: false,
    monthly: volumeMonthly(volume, prices),
    requests: new Map(volume.size === undefined ? [] : [['storage', volume.size]]),
    caps: [],
    path: [volume.because],
    exposed: 'no',
  }
}

export function balancerItem({ object, because: why }: Balancer, prices: PriceBook): BoundItem {
  const money = prices.loadBalancer && each(prices.loadBalancer.price, 1n)
  return {
    controller: object.id,
    object,
    now: 1,
    worst: 1,
    uncapped: 1,
    surge: 0,
    rollout: 0,
    unbounded: false,
    monthly: { now: money, worst: money, uncapped: money },
    requests: new Map(),
    caps: [],
    path: [why],
    exposed: 'no',
  }
}

/** The maximum of whatever scales it, where that is all that stops it. */
function ownCaps({ growth, now }: Load): readonly Cap[] {
  const [why] = growth.because
  const steady = (growth.most ?? 0) - (growth.surge ?? 0)
  return why && Number.isFinite(steady) && steady > now
    ? [{ label: `${shortKind(why.object)}${steady}`, because: why }]
    : []
}

/** `HPA web: `. */
function shortKind(object: KubeObject | undefined): string {
  if (!object) return ''
  return `${object.kind === 'HorizontalPodAutoscaler' ? 'HPA' : object.kind} ${object.name}: `
}

function exposedAs(exposed: readonly Exposed[]): BoundItem['exposed'] {
  return exposed.some(({ truth }) => truth === 'yes') ? 'yes' : exposed.length > 0 ? 'unknown' : 'no'
}

/** The dearest first; what has no end before all, what is not known after. */
export function byWorst(one: BoundItem, other: BoundItem): number {
  const left = one.monthly.worst
  const right = other.monthly.worst
  if (one.unbounded !== other.unbounded) return one.unbounded ? -1 : 1
  const a = left === undefined ? -1n : isEndless(left) ? 0n : left
  const b = right === undefined ? -1n : isEndless(right) ? 0n : right
  if (a !== b) return a > b ? -1 : 1
  return one.controller < other.controller ? -1 : 1
}
