import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { at, field, list, string } from '../../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Placed } from '../finish.ts'
import type { Absent, Attached, Attacher } from './attached.ts'

/** Filters of a rule that name an object of the product's own (`ExtensionRef`). */
export const extensionAttacher: Attacher = (cluster) => ({ of: (placed) => attached(cluster, placed) })

function attached(cluster: Cluster, { draft: { object, rule } }: Placed): readonly (Attached | Absent)[] {
  if (object.group !== 'gateway.networking.k8s.io') return []
  return list(at(object.body, ...rule, 'filters')).flatMap((filter, index): readonly (Attached | Absent)[] => {
    const reference = field(filter, 'extensionRef')
    const [kind, name] = [string(field(reference, 'kind')) ?? '', string(field(reference, 'name')) ?? '']
    if (kind === '' || name === '') return []
    const found: KubeObject | undefined = cluster.get(
      idOf(`${kind}.${string(field(reference, 'group')) ?? ''}`, object.namespace, name),
    )
    const reason = because(`names ${kind} ${name}`, object, [...rule, 'filters', index])
    return found
      ? [{ object: found, because: [reason] }]
      : [{ absent: `${kind} ${object.namespace}/${name}`, because: [reason] }]
  })
}
