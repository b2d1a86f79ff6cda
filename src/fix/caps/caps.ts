import type { Cluster } from '../../cluster/cluster.ts'
import type { Bounds } from '../../engines/traffic/bounds/bill.ts'
import { isEndlessLoad } from '../../engines/traffic/bounds/loads.ts'
import { applied } from './applied.ts'
import type { CapObject } from './cap.ts'
import { namespaceCaps } from './namespace-caps.ts'
import { nodeCaps } from './node-caps.ts'
import type { Record } from './replay.ts'
import { cronCaps, scalerCaps } from './scaler-caps.ts'

/**
 * The smallest caps that end what has no end: of autoscalers and runs first, then of namespaces, then of nodes, for what
 * then still may run. `boundsWith` are the bounds of the cluster with such objects.
 */
export function capsFor(
  cluster: Cluster,
  bounds: Bounds,
  headroom: number,
  record: Record | undefined,
  boundsWith: (cluster: Cluster) => Bounds,
): readonly CapObject[] {
  const byNamespace = Map.groupBy(bounds.loads, ({ workload }) => workload.namespace)
  const namespaces = [...byNamespace]
    .filter(([, loads]) => loads.some(isEndlessLoad))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const caps = [
    ...scalerCaps(cluster, headroom, record),
    ...cronCaps(cluster),
    ...namespaces.flatMap(([namespace, loads]) => namespaceCaps(cluster, namespace, loads, headroom, record)),
  ]
  return [...caps, ...nodeCaps(cluster, boundsWith(applied(cluster, caps)), headroom)]
}
