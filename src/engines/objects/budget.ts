import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, type Json, object, type Path } from '../../cluster/json.ts'
import { parseSelector, type Selector } from '../../cluster/labels.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { type Match, podsOf } from './pods.ts'

/** policy PodDisruptionBudget, as pkg/controller/disruption reads it. */
export interface Budget {
  readonly object: KubeObject
  /** Undefined: it selects nothing. */
  readonly selector: Selector | undefined
  readonly minAvailable: IntOrPercent | undefined
  readonly maxUnavailable: IntOrPercent | undefined
  readonly selected: readonly Match[]
}

export interface IntOrPercent {
  readonly value: number
  readonly isPercent: boolean
  readonly path: Path
}

export interface Budgets {
  readonly all: readonly Budget[]
  /** Those that select the workload, or may. */
  of(workload: string): readonly (Match & { readonly budget: Budget })[]
}

/** Two are too many for one pod already. */
const MOST_TOLD = 20

const known = new WeakMap<Cluster, Budgets>()

export function budgetsOf(cluster: Cluster): Budgets {
  const done = known.get(cluster) ?? make(cluster)
  known.set(cluster, done)
  return done
}

function make(cluster: Cluster): Budgets {
  const pods = podsOf(cluster)
  const all = cluster.ofKind('PodDisruptionBudget', 'policy').map((object): Budget => {
    const spec = field(object.body, 'spec')
    const selector = selectorOf(object)
    return {
      object,
      selector,
      minAvailable: intOrPercent(field(spec, 'minAvailable'), ['spec', 'minAvailable']),
      maxUnavailable: intOrPercent(field(spec, 'maxUnavailable'), ['spec', 'maxUnavailable']),
      selected: selector ? pods.selectedBy(object.namespace, selector) : [],
    }
  })
  const ofWorkload = new Map<string, (Match & { readonly budget: Budget })[]>()
  for (const budget of all) {
    for (const match of budget.selected) {
      const own = ofWorkload.get(match.workload.id)
      if (own && own.length < MOST_TOLD) own.push({ ...match, budget })
      else if (!own) ofWorkload.set(match.workload.id, [{ ...match, budget }])
    }
  }
  return { all, of: (workload) => ofWorkload.get(workload) ?? [] }
}

/** An empty selector is every pod of the namespace in v1 and none in v1beta1; one that is refused selects nothing. */
function selectorOf({ body, version }: KubeObject): Selector | undefined {
  const value = at(body, 'spec', 'selector')
  const selector = parseSelector(value)
  if (selector === undefined || typeof selector === 'string') return undefined
  return version === 'v1beta1' && Object.keys(object(value)).length === 0 ? undefined : selector
}

function intOrPercent(value: Json | undefined, path: Path): IntOrPercent | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) return { value, isPercent: false, path }
  const percent = typeof value === 'string' ? /^(\d{1,9})%$/.exec(value) : null
  return percent ? { value: Number(percent[1]), isPercent: true, path } : undefined
}

/** The controller rounds up what percents come to, of both fields. */
export function scaled({ value, isPercent }: IntOrPercent, total: number): number {
  return isPercent ? Math.ceil((value * total) / 100) : value
}

export function budgetText({ value, isPercent }: IntOrPercent): string {
  return isPercent ? `${value}%` : `${value}`
}

/** How many healthy pods the budget wants of so many. */
export function wanted({ minAvailable, maxUnavailable }: Budget, total: number): number | undefined {
  if (maxUnavailable) return Math.max(0, total - scaled(maxUnavailable, total))
  return minAvailable && scaled(minAvailable, total)
}
