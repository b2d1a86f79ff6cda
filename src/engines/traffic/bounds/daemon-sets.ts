import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Growth } from '../growth.ts'
import { SHIPPED } from '../prices/shipped.ts'
import { nodeSupply } from './node-caps.ts'
import { classesFor, type NodeClass, nodeClasses } from './node-classes.ts'
import { ONE } from './quotas.ts'
import { surgeOf } from './surge.ts'

/** One pod on each node that takes it: as many as there are, and as many as there may be where the pools say so. */
export function growthOfDaemonSet(cluster: Cluster, workload: Workload, object: KubeObject): Growth {
  const { placement } = cluster
  if (!placement.seen)
    return {
      now: workload.pods.length > 0 ? workload.pods.length : undefined,
      most: undefined,
      because: [because('one pod a node, and no node is in the input', object, ['spec'])],
    }
  const now = placement.placesOf(workload).length
  const classes = classesFor(workload, nodeClasses(cluster, SHIPPED)).filter(({ billed }) => billed === 'nodes')
  const counts = classes.map((nodes) => mostNodes(cluster, nodes))
  if (counts.length === 0 || counts.some((count) => count === undefined))
    return {
      now,
      most: undefined,
      because: [because(`one pod on each of ${now} nodes; how many there may be is not known`, object, ['spec'])],
    }
  const nodes = Math.max(
    now,
    counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
  )
  const surge = surgeOf(object, nodes)
  return {
    now,
    most: nodes + surge,
    ...(surge > 0 ? { surge } : {}),
    because: [because(`one pod on each of at most ${nodes} nodes`, object, ['spec'])],
  }
}

function mostNodes(cluster: Cluster, nodes: NodeClass): number | undefined {
  if (!nodes.grows) return nodes.now
  const limits = nodeSupply(cluster, []).caps.filter((cap) => cap.covers(nodes) && cap.resource === 'nodes')
  if (limits.length === 0) return undefined
  return Math.max(nodes.now, Math.min(...limits.map(({ limit }) => Number(limit / ONE))))
}
