import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { typeName } from '../kinds.ts'
import type { Application, Proposal } from './application.ts'
import { becauseOf, type Claim, markOf } from './claim.ts'

/** What more applications share than this connects nothing: it is a hub (a shared volume, the default account). */
const MAX_SHARED = 3

/** Structure that suggests one application: not policies and permissions, which join what has nothing else in common. */
const JOINS: ReadonlySet<string> = new Set([
  'Service',
  'Ingress',
  'HTTPRoute.gateway.networking.k8s.io',
  'VirtualService.networking.istio.io',
  'ServiceAccount',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
])

/** Labels that mean the whole rather than the part; `app` was taken where both stand. */
const WHOLE = 'application'

/** Step 7: applications that may be one. Sets are not chained, since one shared volume would then glue everything. */
export function proposalsOf(
  cluster: Cluster,
  applications: readonly Application[],
  applicationsOf: (objectId: string) => readonly Application[],
  claimsOf: ReadonlyMap<string, readonly Claim[]>,
): readonly Proposal[] {
  const found = new Map<string, { applications: readonly string[]; because: Because[] }>()
  const propose = (ids: readonly string[], why: Because): void => {
    const key = ids.join(' ')
    const known = found.get(key)
    if (known) known.because.push(why)
    else found.set(key, { applications: ids, because: [why] })
  }
  for (const object of cluster.objects) {
    const type = typeName(object.group, object.kind)
    if (!JOINS.has(type) || (type === 'ServiceAccount' && object.name === 'default')) continue
    const users = applicationsOf(object.id).filter(({ workloads }) => workloads.length > 0)
    if (users.length < 2 || users.length > MAX_SHARED) continue
    propose(users.map(({ id }) => id).sort(), because(`they share ${type} ${object.name}`, object))
  }
  for (const [ids, why] of sharedLabels(applications, claimsOf)) propose(ids, why)
  return [...found.values()].sort((a, b) => (a.applications.join(' ') < b.applications.join(' ') ? -1 : 1))
}

function sharedLabels(
  applications: readonly Application[],
  claimsOf: ReadonlyMap<string, readonly Claim[]>,
): readonly (readonly [readonly string[], Because])[] {
  const byLabel = new Map<string, { ids: Set<string>; why: Because }>()
  for (const { id, workloads, step } of applications) {
    if (step < 6) continue
    for (const workload of workloads) {
      for (const claim of claimsOf.get(workload) ?? []) {
        if (markOf(claim)?.key !== WHOLE) continue
        const key = `${markOf(claim)?.place.object.namespace} ${claim.name}`
        const known = byLabel.get(key)
        if (known) known.ids.add(id)
        else byLabel.set(key, { ids: new Set([id]), why: becauseOf(claim) })
      }
    }
  }
  return [...byLabel.values()].filter(({ ids }) => ids.size > 1).map(({ ids, why }) => [[...ids].sort(), why] as const)
}
