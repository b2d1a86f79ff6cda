import { buildCluster, type Cluster } from '../../cluster/cluster.ts'
import { type KubeObject, toObject } from '../../cluster/object.ts'
import type { CapObject } from './cap.ts'

const SCOPED: ReadonlySet<string> = new Set([
  'CapacityQuota.autoscaling.x-k8s.io',
  'NodePool.karpenter.sh',
  'Provisioner.karpenter.sh',
])

/** The cluster as it would be with these objects. */
export function applied(cluster: Cluster, caps: readonly CapObject[]): Cluster {
  const given = caps.flatMap(({ body }): KubeObject[] => {
    const object = toObject(
      body,
      { source: 0, start: 0, end: 0, inner: [] },
      { namespace: 'default', clusterScoped: SCOPED },
    )
    return typeof object === 'string' ? [] : [object]
  })
  const ids = new Set(given.map(({ id }) => id))
  const objects = [...cluster.objects.filter(({ id, made }) => !ids.has(id) && !made), ...given]
  return buildCluster({ objects, version: `v1.${cluster.version.minor}` })
}
