import type { Growth } from '../growth.ts'
import { keyText } from '../limit.ts'
import type { JudgedLimit } from '../routes/route.ts'
import type { Found } from './found.ts'

/** How many pods answered, and how that is known. */
export interface Answering {
  readonly count: number
  readonly from: 'flag' | 'address' | 'cluster'
}

export interface PerPod {
  readonly low: number
  readonly best: number | undefined
  readonly high: number | undefined
}

/** A limit of requests of the route, as what it lets through in a second over all replicas of its engine. */
export interface Through {
  readonly least: number
  /** Undefined where its engine may have any number of replicas. */
  readonly most: number | undefined
  /** `client address`: each of them has it for its own. */
  readonly key: string
  readonly isShared: boolean
  readonly state: JudgedLimit['state']
}

/** What a measured capacity means beside the limit of its route and the autoscaler of its workload; requests a second. */
export interface Comparison {
  readonly perPod: PerPod | undefined
  readonly limits: readonly Through[]
  /** Pods that there may come to be; `Infinity` without a cap, undefined where nothing tells. */
  readonly mostPods: number | undefined
  /** What the most pods hold, by the low end; undefined where either is. */
  readonly mostHeld: number | undefined
  /**
   * Whether the limits keep the load below what is held: `no`: what is let through is more than the most pods hold; `client`:
   * each client is kept below, and nobody keeps them together.
   */
  readonly isProtected: 'yes' | 'no' | 'client' | 'none' | 'unknown'
}

export function compare(
  found: Found,
  answering: Answering | undefined,
  limits: readonly JudgedLimit[],
  growth: Growth | undefined,
): Comparison {
  const perPod =
    answering === undefined || found.low === undefined || found.verdict === 'unknown'
      ? undefined
      : {
          low: found.low / answering.count,
          best: found.best === undefined ? undefined : found.best / answering.count,
          high: found.high === undefined ? undefined : found.high / answering.count,
        }
  const through = limits.flatMap(throughOf)
  const mostPods = growth?.most === undefined ? undefined : growth.most - (growth.surge ?? 0)
  const mostHeld = perPod && mostPods !== undefined ? perPod.low * mostPods : undefined
  return { perPod, limits: through, mostPods, mostHeld, isProtected: protection(through, mostHeld) }
}

function throughOf({ limit, state, total }: JudgedLimit): readonly Through[] {
  const { kind, rate, period, key, shadow } = limit
  if (kind !== 'requests' || rate === undefined || shadow || state === 'inert') return []
  const second = rate / (period ?? 1)
  const isShared = key.kind === 'everyone'
  return [
    {
      least: total ? total.least / (period ?? 1) : second,
      most: total ? (total.most === undefined ? undefined : total.most / (period ?? 1)) : second,
      key: keyText(key),
      isShared,
      state,
    },
  ]
}

function protection(limits: readonly Through[], held: number | undefined): Comparison['isProtected'] {
  const effective = limits.filter(({ state }) => state === 'effective')
  if (effective.length === 0) return limits.length === 0 ? 'none' : 'unknown'
  if (held === undefined) return 'unknown'
  const isBelow = ({ most }: Through): boolean => most !== undefined && most <= held
  if (effective.some((each) => each.isShared && isBelow(each))) return 'yes'
  return effective.some((each) => !each.isShared && isBelow(each)) ? 'client' : 'no'
}
