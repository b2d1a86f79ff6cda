import type { Cluster } from '../../../cluster/cluster.ts'
import type { Known } from '../../known.ts'
import type { Route } from '../routes/route.ts'
import { type Exhaustion, expected, type ResourceKind, type SourceKind, type Worth } from './exhaustion.ts'
import { byGrowth } from './growth.ts'
import { nodes } from './nodes.ts'
import { byRequests, stores } from './requests.ts'
import { sharedServices } from './shared-services.ts'
import { surveyOf } from './survey.ts'

/** Who can exhaust what: the third view of the radius. It says nothing of control, and changes no risk and no plan. */
export interface Overload {
  /** The greatest expected loss first. */
  readonly items: readonly Exhaustion[]
  /** Of kinds with very many, how many more there are; each of them is no worse than those that are told. */
  readonly left: readonly { readonly source: SourceKind; readonly resource: ResourceKind; readonly count: number }[]
}

/** Of one kind of source and one kind of resource: the worst of them, which are those that anybody reads. */
const MOST_OF_KIND = 50

export function overloadOf(cluster: Cluster, known: Known, routes: readonly Route[], worth: Worth): Overload {
  const survey = surveyOf(cluster, known, routes, worth)
  const all = [
    ...byRequests(survey),
    ...stores(survey),
    ...nodes(survey),
    ...byGrowth(survey),
    ...sharedServices(survey),
  ].sort((a, b) => expected(b, worth) - expected(a, worth) || b.share - a.share || (keyOf(a) < keyOf(b) ? -1 : 1))
  const counts = new Map<string, { source: SourceKind; resource: ResourceKind; count: number }>()
  const items = all.filter((item) => {
    const key = `${item.source} ${item.exhausts.kind}`
    const own = counts.get(key) ?? { source: item.source, resource: item.exhausts.kind, count: 0 }
    counts.set(key, own)
    own.count++
    return own.count <= MOST_OF_KIND
  })
  const left = [...counts.values()]
    .filter(({ count }) => count > MOST_OF_KIND)
    .map((each) => ({ ...each, count: each.count - MOST_OF_KIND }))
  return { items, left }
}

function keyOf({ source, exhausts }: Exhaustion): string {
  return `${source} ${exhausts.kind} ${exhausts.id}`
}
