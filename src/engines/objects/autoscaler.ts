import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, number, string } from '../../cluster/json.ts'
import { currentGroup, typeName } from '../../cluster/kinds.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'

/** autoscaling HorizontalPodAutoscaler. */
export interface Autoscaler {
  readonly object: KubeObject
  readonly kind: string
  readonly name: string
  readonly group: string
  /** The id of what it scales. */
  readonly target: string
  /** 1 where it does not say. */
  readonly minReplicas: number
}

const known = new WeakMap<Cluster, readonly Autoscaler[]>()

export function autoscalersOf(cluster: Cluster): readonly Autoscaler[] {
  const done = known.get(cluster) ?? cluster.ofKind('HorizontalPodAutoscaler', 'autoscaling').map(decode)
  known.set(cluster, done)
  return done
}

function decode(object: KubeObject): Autoscaler {
  const reference = at(object.body, 'spec', 'scaleTargetRef')
  const kind = string(field(reference, 'kind')) ?? ''
  const name = string(field(reference, 'name')) ?? ''
  const apiVersion = string(field(reference, 'apiVersion')) ?? ''
  const slash = apiVersion.lastIndexOf('/')
  const group = currentGroup(slash < 0 ? '' : apiVersion.slice(0, slash), kind)
  return {
    object,
    kind,
    name,
    group,
    target: idOf(typeName(group, kind), object.namespace, name),
    minReplicas: number(at(object.body, 'spec', 'minReplicas')) ?? 1,
  }
}
