import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { annotationsOf, idOf, type KubeObject, labelsOf } from '../../../../cluster/object.ts'
import type { Absent, Attached, Attacher } from './attached.ts'

const ANNOTATION = 'konghq.com/plugins'
const GROUP = 'configuration.konghq.com'

/** Plugins that the route or its Services name, and those that are global. */
export const kongAttacher: Attacher = (cluster) => {
  const everywhere = cluster
    .ofKind('KongClusterPlugin', GROUP)
    .filter(({ body }) => labelsOf(body).get('global') === 'true')
    .map((object): Attached => ({ object, because: [because('is a global plugin', object, ['metadata', 'labels'])] }))
  return {
    products: ['kong'],
    of: ({ draft, services }) => [
      ...[draft.object, ...services].flatMap((holder) => named(cluster, holder)),
      ...everywhere,
    ],
  }
}

function named(cluster: Cluster, holder: KubeObject): readonly (Attached | Absent)[] {
  const names = (annotationsOf(holder.body).get(ANNOTATION) ?? '').split(',').slice(0, 100)
  return names.flatMap((each): readonly (Attached | Absent)[] => {
    const [, namespace = holder.namespace, name = ''] = /^(?:([^:]*):)?(.*)$/.exec(each.trim()) ?? []
    const object =
      cluster.get(idOf(`KongPlugin.${GROUP}`, namespace, name)) ??
      cluster.get(idOf(`KongClusterPlugin.${GROUP}`, '', name))
    const reason = because(`names plugin ${name}`, holder, ['metadata', 'annotations', ANNOTATION])
    if (!object) return name === '' ? [] : [{ absent: `KongPlugin ${namespace}/${name}`, because: [reason] }]
    return [{ object, because: [reason] }]
  })
}
