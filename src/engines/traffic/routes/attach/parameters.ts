import { because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import { at, field, type Path, string } from '../../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../../cluster/object.ts'
import { gatewayClassOf } from '../../../../cluster/serving-class.ts'
import type { Attached, Attacher } from './attached.ts'

/** Parameters of a Gateway, and of its class (`LoadBalancerConfiguration` of AWS). */
export const parametersAttacher: Attacher = (cluster) => ({
  products: ['aws-alb'],
  of: ({ draft: { parents } }) =>
    parents.flatMap(({ gateway }) => {
      const name = string(at(gateway.body, 'spec', 'gatewayClassName')) ?? ''
      const { object } = gatewayClassOf(cluster, name)
      return [
        ...named(cluster, gateway, ['spec', 'infrastructure', 'parametersRef']),
        ...(object ? named(cluster, object, ['spec', 'parametersRef']) : []),
      ]
    }),
})

function named(cluster: Cluster, holder: KubeObject, path: Path): readonly Attached[] {
  const reference = at(holder.body, ...path)
  const type = `${string(field(reference, 'kind')) ?? ''}.${string(field(reference, 'group')) ?? ''}`
  const namespace = string(field(reference, 'namespace')) ?? holder.namespace
  const object = cluster.get(idOf(type, namespace, string(field(reference, 'name')) ?? ''))
  return object ? [{ object, because: [because(`names ${object.kind} ${object.name}`, holder, path)] }] : []
}
