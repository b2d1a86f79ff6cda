import type { Cluster } from '../../cluster/cluster.ts'
import { type Member, membersOf, type PodMember } from './members.ts'
import { type OtherPolicy, otherPolicies } from './other-policies.ts'
import { type InvalidPolicy, policiesOf } from './policies.ts'
import type { Policy } from './policy.ts'
import { type Selection, selection } from './selection.ts'
import { resolveServices, type Services } from './services.ts'
import { type SetTable, setTable } from './sets.ts'

/** Pods and what selects them: all that can be said of a network without the reach between its members. */
export interface Pods {
  readonly members: readonly Member[]
  readonly sets: SetTable
  readonly selection: Selection
  readonly policies: readonly Policy[]
  readonly invalid: readonly InvalidPolicy[]
  /** Those of kinds that this release does not evaluate. */
  readonly unsupported: readonly OtherPolicy[]
  readonly services: Services
  membersOf(workload: string): readonly PodMember[]
  /** How many shapes of pods the input shows in a namespace. */
  populationOf(namespace: string): number
}

const found = new WeakMap<Cluster, Pods>()

/** Made once for a cluster; its parts when they are first asked for. */
export function podsOf(cluster: Cluster): Pods {
  const known = found.get(cluster) ?? make(cluster)
  found.set(cluster, known)
  return known
}

function make(cluster: Cluster): Pods {
  const members = membersOf(cluster)
  const sets = setTable(members.length)
  const select = selection(members, cluster.namespaces, sets)
  const pods = members.filter((member) => member.kind !== 'node')
  const { valid, invalid } = policiesOf(cluster)
  const ofWorkload = Map.groupBy(pods, ({ id }) => id)
  const there = Map.groupBy(pods, ({ namespace }) => namespace.name)
  let services: Services | undefined
  let unsupported: readonly OtherPolicy[] | undefined
  return {
    members,
    sets,
    selection: select,
    policies: valid,
    invalid,
    get unsupported() {
      unsupported ??= otherPolicies(cluster)
      return unsupported
    },
    get services() {
      services ??= resolveServices(cluster, members, select)
      return services
    },
    membersOf: (workload) => ofWorkload.get(workload) ?? [],
    populationOf: (namespace) => there.get(namespace)?.length ?? 0,
  }
}
