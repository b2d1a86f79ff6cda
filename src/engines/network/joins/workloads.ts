import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { PodMember } from '../members.ts'
import { podsOf } from '../pods.ts'

export interface JudgedWorkload {
  readonly id: string
  /** That a verdict is about: where only its pods are in the input, one of them. */
  readonly object: KubeObject
  /** One for each shape of its pods. */
  readonly members: readonly PodMember[]
}

/** In the order of the cluster; workloads that have ended, and those without a pod, are left out. */
export function* workloadsOf(cluster: Cluster): Generator<JudgedWorkload> {
  const pods = podsOf(cluster)
  for (const { id, object, specs } of cluster.workloads) {
    const about = object ?? specs[0]?.object
    const members = pods.membersOf(id)
    if (about && members.length > 0) yield { id, object: about, members }
  }
}
