import { ownersOf } from '../application/places.ts'
import { type Because, because } from '../because.ts'
import { claimsOf } from '../claims.ts'
import type { Cluster } from '../cluster.ts'
import { typeName } from '../kinds.ts'
import type { KubeObject } from '../object.ts'
import { mountedVolumes } from '../uses.ts'
import type { Workload } from '../workload.ts'
import { bySoftware, isHelper, servedPorts } from './software.ts'
import { STORE_RESOURCES } from './store-kinds.ts'

/** A workload that keeps data. */
export interface Store {
  /** The id of the workload; where the input only has an operator's custom resource, of that. */
  readonly workload: string
  readonly why: readonly Because[]
  /** The ids of its claims, sorted, whether or not they are in the input; those of templates only for pods that are seen or the first. */
  readonly claims: readonly string[]
}

/** Every workload that keeps data, sorted by id. */
export function stores(cluster: Cluster): readonly Store[] {
  const found = new Map<string, Store>()
  const served = servedPorts(cluster)
  const operated = new Set<string>()
  for (const workload of cluster.workloads) {
    const held = claimsOf(cluster, workload)
    const software = bySoftware(workload)
    const why = [...held.flatMap((claim) => claim.because), ...ephemeral(workload), ...software]
    if (software.length === 0 && !isHelper(workload)) why.push(...(served.get(workload.id) ?? []))
    for (const owner of ownersOf(workload.object ?? workload.pods[0]?.object, cluster)) {
      operated.add(owner.id)
      if (isStoreResource(owner) && !isHelper(workload))
        why.push(because(`${owner.kind} ${owner.name} is a store, and owns it`, owner, ['kind']))
    }
    if (why.length > 0)
      found.set(workload.id, { workload: workload.id, why, claims: held.map((claim) => claim.id).sort() })
  }
  for (const object of cluster.objects) {
    // What its operator made is seen, and counts itself.
    if (!isStoreResource(object) || operated.has(object.id) || found.has(object.id)) continue
    const why = [because(`an operator turns ${object.kind} ${object.name} into a store`, object, ['kind'])]
    found.set(object.id, { workload: object.id, why, claims: [] })
  }
  return [...found.values()].sort((a, b) => (a.workload < b.workload ? -1 : 1))
}

function isStoreResource({ group, kind }: KubeObject): boolean {
  return STORE_RESOURCES.has(typeName(group, kind))
}

/** Claims that live and die with a pod have no object of their own to name. */
function ephemeral(workload: Workload): readonly Because[] {
  return workload.specs.flatMap(({ pod, object }) =>
    mountedVolumes(pod).flatMap(({ volume }) =>
      volume.sources
        .filter((source) => source.kind === 'ephemeralClaim')
        .map(() => because(`has a claim ${volume.name} for as long as a pod lives`, object, volume.path)),
    ),
  )
}
