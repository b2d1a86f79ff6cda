import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Exposure } from '../exposure/exposure.ts'
import { exposures } from '../exposure/exposures.ts'
import { workloadsOf } from './workloads.ts'

/** Each workload with the ways from the internet to it. */
export function exposedWorkloads(
  cluster: Cluster,
): readonly { readonly object: KubeObject; readonly ways: readonly Exposure[] }[] {
  const ways = Map.groupBy(exposures(cluster), ({ workload }) => workload)
  return [...workloadsOf(cluster)].map(({ id, object }) => ({ object, ways: ways.get(id) ?? [] }))
}
