import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { at, field, list, string } from '../../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Placed } from '../finish.ts'
import type { Attached, Attacher } from './attached.ts'

/** Filters of a rule that name an object of the product's own (`ExtensionRef`). */
export const extensionAttacher: Attacher = (cluster) => ({ of: (placed) => attached(cluster, placed) })

function attached(cluster: Cluster, { draft: { object, rule } }: Placed): readonly Attached[] {
  if (object.group !== 'gateway.networking.k8s.io') return []
  return list(at(object.body, ...rule, 'filters')).flatMap((filter, index) => {
    const reference = field(filter, 'extensionRef')
    const found: KubeObject | undefined = cluster.get(
      idOf(
        `${string(field(reference, 'kind')) ?? ''}.${string(field(reference, 'group')) ?? ''}`,
        object.namespace,
        string(field(reference, 'name')) ?? '',
      ),
    )
    return found
      ? [
          {
            object: found,
            because: [because(`names ${found.kind} ${found.name}`, object, [...rule, 'filters', index])],
          },
        ]
      : []
  })
}
