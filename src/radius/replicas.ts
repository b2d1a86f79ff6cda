import type { Cluster } from '../cluster/cluster.ts'
import { idOf } from '../cluster/object.ts'
import type { Edge } from '../engines/engine.ts'
import { HOST_STEPS } from '../engines/escape/escape.ts'
import { isPlacedGroup } from '../engines/escape/groups.ts'

/** Edges in which one replica of a workload is told from all of them, and the nodes that stand for one, by workload. */
export interface Apart {
  readonly edges: readonly Edge[]
  readonly replicas: ReadonlyMap<string, string>
}

/**
 * Root on a node owns the replicas there and no others. A workload that escapes to several nodes would lead from each of
 * them to all the others (a privileged DaemonSet does), though no API allows that: so a node leads to one replica, which
 * has what every replica has, its account, Secrets, data and network reach, and not the way out to the other nodes.
 */
export function apart(edges: readonly Edge[], cluster: Cluster): Apart {
  const replicas = new Map<string, string>()
  for (const { kind, from } of edges) {
    if (!HOST_STEPS.has(kind) || replicas.has(from)) continue
    const workload = cluster.workload(from)
    if (workload && cluster.placement.placesOf(workload).length > 1)
      replicas.set(from, idOf('Scope', workload.namespace, `one pod of ${workload.kind} ${workload.name}`))
  }
  if (replicas.size === 0) return { edges, replicas }
  const isPlacement = ({ kind, from }: Edge): boolean =>
    (kind === 'runs' && from.startsWith('Node/')) || (kind === 'contains' && isPlacedGroup(from))
  const result: Edge[] = []
  for (const edge of edges) {
    const placed = replicas.get(edge.to)
    if (placed !== undefined && isPlacement(edge)) {
      result.push({ ...edge, to: placed })
      continue
    }
    result.push(edge)
    const replica = replicas.get(edge.from)
    if (replica !== undefined && !HOST_STEPS.has(edge.kind)) result.push({ ...edge, from: replica })
  }
  return { edges: result, replicas }
}
