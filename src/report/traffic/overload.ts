import type { Applications } from '../../cluster/application/application.ts'
import type { Exhaustion } from '../../engines/traffic/overload/exhaustion.ts'
import type { Overload } from '../../engines/traffic/overload/overload.ts'
import type { Evidence, Witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'

export interface OverloadItem extends Omit<Exhaustion, 'because'> {
  readonly because: readonly Evidence[]
}

export interface TrafficOverload {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'TrafficOverload'
  /** Applications whose availability counts. */
  readonly applications: number
  readonly items: readonly OverloadItem[]
  readonly left: Overload['left']
}

export function trafficOverload(overload: Overload, applications: Applications, seen: Witness): TrafficOverload {
  return {
    apiVersion: API_VERSION,
    kind: 'TrafficOverload',
    applications: applications.all.filter(({ workloads }) => workloads.length > 0).length,
    items: overload.items.map((item) => ({ ...item, because: seen.evidence(item.because) })),
    left: overload.left,
  }
}

/** The part of a Report: the worst few, with what they rest on. */
export interface OverloadSection {
  readonly items: readonly OverloadItem[]
  /** How many more there are. */
  readonly more: number
}

const MOST_IN_REPORT = 8

export function overloadSection({ items, left }: Overload, seen: Witness): OverloadSection {
  const told = items.slice(0, MOST_IN_REPORT)
  return {
    items: told.map((item) => ({ ...item, because: seen.evidence(item.because) })),
    more: items.length - told.length + left.reduce((sum, { count }) => sum + count, 0),
  }
}
