import type { Because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Known } from '../../known.ts'
import { type PodAmounts, podAmounts } from '../bounds/pod-amounts.ts'
import type { Route } from '../routes/route.ts'
import type { Counted, Exhaustion, Resource, SourceKind, Worth } from './exhaustion.ts'

/** What all kinds of exhaustion are asked of. */
export interface Survey {
  readonly cluster: Cluster
  readonly known: Known
  readonly routes: readonly Route[]
  readonly worth: Worth
  /** Workloads that run, or may. */
  readonly workloads: readonly Workload[]
  /** What a pod asks for; of several shapes the first. */
  amountsOf(workload: Workload): PodAmounts | undefined
  /** Workloads that are configured to call this one, with why. */
  callersOf(workload: string): ReadonlyMap<string, readonly Because[]>
  /** Exposed workloads by which one client's requests come in without a limit that works. */
  readonly unlimited: ReadonlyMap<string, Unlimited>
  /** The whole of what suffers when these do: their applications, and the share of availability that they are. */
  hits(workloads: Iterable<string>): Hits
}

export interface Unlimited {
  readonly routes: readonly Route[]
  readonly truth: 'yes' | 'unknown'
  readonly because: readonly Because[]
}

export type Hits = Exhaustion['hits'] & { readonly share: number }

const MOST_EXAMPLES = 20

export function surveyOf(cluster: Cluster, known: Known, routes: readonly Route[], worth: Worth): Survey {
  const workloads = cluster.workloads.filter(({ finished }) => !finished)
  const amounts = new Map<string, PodAmounts | undefined>()
  const callers = new Map<string, Map<string, readonly Because[]>>()
  for (const { from, to, because } of known.dependencies.services) {
    for (const callee of to) {
      if (callee === from) continue
      const own = callers.get(callee) ?? new Map<string, readonly Because[]>()
      callers.set(callee, own)
      if (!own.has(from)) own.set(from, because)
    }
  }
  return {
    cluster,
    known,
    routes,
    worth,
    workloads,
    amountsOf(workload) {
      if (!amounts.has(workload.id)) {
        const [shape] = workload.specs
        amounts.set(workload.id, shape && podAmounts(cluster, workload.namespace, shape))
      }
      return amounts.get(workload.id)
    },
    callersOf: (workload) => callers.get(workload) ?? NOBODY,
    unlimited: unlimitedOf(routes),
    hits: (all) => hitsOf(all, known, worth),
  }
}

const NOBODY: ReadonlyMap<string, readonly Because[]> = new Map()

function hitsOf(all: Iterable<string>, known: Known, worth: Worth): Hits {
  const workloads = [...new Set(all)].sort()
  const applications = [...new Set(workloads.flatMap((id) => known.applicationOf(id) ?? []))].sort()
  const lost = applications.reduce((sum, id) => sum + worth.of(id), 0)
  return {
    workloads: counted(workloads),
    applications: counted(applications),
    share: worth.total === 0 ? 0 : Math.min(1, lost / worth.total),
  }
}

function counted(all: readonly string[]): Counted {
  return { count: all.length, examples: all.slice(0, MOST_EXAMPLES) }
}

/** Limits that hold one client back: of requests or connections, counted by client, and neither shadow nor wide open. */
function unlimitedOf(routes: readonly Route[]): ReadonlyMap<string, Unlimited> {
  const found = new Map<string, { routes: Route[]; truth: 'yes' | 'unknown'; because: Because[] }>()
  for (const route of routes) {
    const held = heldBack(route)
    if (held === 'yes') continue
    const truth = held === 'no' && route.exposed === 'yes' ? 'yes' : 'unknown'
    for (const workload of route.target.workloads) {
      const own = found.get(workload)
      if (!own) found.set(workload, { routes: [route], truth, because: route.because.slice(0, 2) })
      else {
        own.routes.push(route)
        if (own.truth === 'unknown' && truth === 'yes') {
          own.truth = truth
          own.because = route.because.slice(0, 2)
        }
      }
    }
  }
  return found
}

/** Whether a limit of the route keeps one client from sending as much as it likes. */
export function heldBack({ limits }: Route): 'yes' | 'no' | 'unknown' {
  const meant = limits.filter(
    ({ limit, inert }) =>
      inert === undefined &&
      limit.shadow === undefined &&
      (limit.kind === 'requests' || limit.kind === 'connections') &&
      // A share of each worker process, or of all clients together, is what a client takes from the others.
      limit.key.kind !== 'everyone' &&
      limit.key.kind !== 'expression',
  )
  if (meant.some(({ state }) => state === 'effective')) return 'yes'
  return meant.some(({ state }) => state === 'unknown') ? 'unknown' : 'no'
}

/** One exhaustion by sources that differ in their names only. */
export interface Found {
  readonly source: SourceKind
  readonly exhausts: Resource
  readonly ids: readonly string[]
  readonly via?: readonly string[]
  readonly hits: Hits
  readonly truth: 'yes' | 'unknown'
  readonly because: readonly Because[]
  readonly caps: readonly string[]
}

const MOST_SOURCES = 10
const MOST_REASONS = 8

export function exhaustion({ source, exhausts, ids, via = [], hits, truth, because, caps }: Found): Exhaustion {
  const { share, ...suffering } = hits
  return {
    source,
    sources: { count: ids.length, examples: ids.slice(0, MOST_SOURCES) },
    via,
    exhausts,
    hits: suffering,
    share,
    truth,
    because: because.slice(0, MOST_REASONS),
    caps,
  }
}
