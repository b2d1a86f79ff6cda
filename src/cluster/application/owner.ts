import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { at, string } from '../json.ts'
import { idOf } from '../object.ts'
import type { Workload } from '../workload.ts'
import type { Owner } from './application.ts'
import type { Claim } from './claim.ts'
import { type ApplicationConfig, DEFAULT_OWNER_KEYS } from './config.ts'
import { ruleFor } from './configured.ts'
import { type Place, placeOf, say, textAt } from './places.ts'

interface Named {
  readonly name: string
  /** Lower is stronger. */
  readonly rank: number
  readonly because: () => Because
}

const A8R = 'a8r.io/owner'
const MAX_NAME = 253

export interface Owners {
  of(workload: Workload, places: readonly Place[], claims: readonly Claim[]): Named | undefined
}

/**
 * Who answers for a workload: the configuration, `a8r.io/owner`, the Backstage component, the configured keys on the
 * object, on its pods and on its namespace, and last the Argo CD project.
 */
export function ownersIn(cluster: Cluster, config: ApplicationConfig): Owners {
  const keys = config.ownerKeys ?? DEFAULT_OWNER_KEYS
  const backstage = backstageOwners(cluster)
  return {
    of: (workload, places, claims) => {
      const rule = ruleFor(workload, config, cluster, 'team')
      if (rule)
        return {
          name: rule.value,
          rank: 0,
          because: () => because(`the configuration says so (rule ${rule.index + 1})`),
        }
      const namespace = cluster.namespaces.get(workload.namespace)?.object
      const all = namespace ? [...places, placeOf(namespace, 'namespace')] : places
      const entity = claims.find((claim) => claim.source === 'backstage')
      return (
        firstOf(all, [A8R], 1) ??
        (entity ? backstage.get(entity.name) : undefined) ??
        firstOf(all, keys, 3) ??
        projectOf(claims, cluster)
      )
    },
  }
}

function firstOf(places: readonly Place[], keys: readonly string[], rank: number): Named | undefined {
  for (const [index, place] of places.entries()) {
    for (const key of keys) {
      for (const from of ['labels', 'annotations'] as const) {
        const value = textAt(place, from, key)?.trim()
        if (!value || value.length > MAX_NAME) continue
        return { name: value, rank: rank + index / 100, because: () => say({ place, from, key }) }
      }
    }
  }
  return undefined
}

/** Catalog files that lie beside the manifests: `spec.owner` of the Component with a `backstage.io/kubernetes-id`. */
function backstageOwners(cluster: Cluster): ReadonlyMap<string, Named> {
  const owners = new Map<string, Named>()
  for (const component of cluster.ofKind('Component', 'backstage.io')) {
    const owner = string(at(component.body, 'spec', 'owner'))?.trim()
    const id = string(at(component.body, 'metadata', 'annotations', 'backstage.io/kubernetes-id')) ?? component.name
    if (!owner || owner.length > MAX_NAME) continue
    owners.set(id, {
      name: owner,
      rank: 2,
      because: () => because(`the Backstage component ${component.name} says so`, component, ['spec', 'owner']),
    })
  }
  return owners
}

function projectOf(claims: readonly Claim[], cluster: Cluster): Named | undefined {
  const claim = claims.find(({ source }) => source === 'argocd')
  if (!claim) return undefined
  const namespace = claim.scope.slice(claim.scope.indexOf('/') + 1)
  const application =
    namespace === ''
      ? cluster.ofKind('Application', 'argoproj.io').find(({ name }) => name === claim.name)
      : cluster.get(idOf('Application.argoproj.io', namespace, claim.name))
  const project = string(at(application?.body, 'spec', 'project'))
  // Every Argo CD has a project `default`, which is nobody's.
  if (!application || !project || project === 'default' || project.length > MAX_NAME) return undefined
  return {
    name: project,
    rank: 5,
    because: () => because(`its Argo CD Application is of project ${project}`, application, ['spec', 'project']),
  }
}

/** Of what its workloads say: the strongest, then the most frequent, then the first by name. */
export function chooseOwner(named: readonly Named[]): Owner | undefined {
  const best = named.reduce((least, { rank }) => Math.min(least, Math.floor(rank)), Number.POSITIVE_INFINITY)
  const votes = new Map<string, Named[]>()
  for (const each of named) {
    if (Math.floor(each.rank) !== best) continue
    const same = votes.get(each.name)
    if (same) same.push(each)
    else votes.set(each.name, [each])
  }
  const [first, ...others] = [...votes.entries()].sort(([a, as], [b, bs]) => bs.length - as.length || (a < b ? -1 : 1))
  if (!first) return undefined
  const [name, [vote]] = first
  const because = [(vote as Named).because()]
  return { name, because: [...because, ...others.slice(0, 3).map(([, [other]]) => (other as Named).because())] }
}
