import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, string } from '../../cluster/json.ts'
import { affinityAdmits, type ClusterNode } from '../../cluster/node.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'
import { decodeNodeTerms } from '../../cluster/pod.ts'
import type { HostVolume } from '../known.ts'
import { hitsOf } from './host-paths.ts'

const done = new WeakMap<Cluster, readonly HostVolume[]>()

/**
 * PersistentVolumes of the input that are a path of their node which makes root, for whoever mounts them: Pod Security looks at
 * the volumes of pods and lets claims pass at every level.
 */
export function hostVolumes(cluster: Cluster): readonly HostVolume[] {
  const known = done.get(cluster) ?? cluster.ofKind('PersistentVolume').flatMap((object) => hostVolume(object, cluster))
  done.set(cluster, known)
  return known
}

function hostVolume(object: KubeObject, { placement }: Cluster): readonly HostVolume[] {
  const spec = field(object.body, 'spec')
  const path = string(at(spec, 'hostPath', 'path')) ?? string(at(spec, 'local', 'path'))
  if (path === undefined) return []
  const hits = hitsOf(path).filter(({ fact }) => fact.gives === 'root-by-write' || fact.gives === 'root-by-socket')
  const hit = hits.find(({ fact }) => !fact.unsure) ?? hits[0]
  if (!hit) return []
  const claim = { namespace: string(at(spec, 'claimRef', 'namespace')), name: string(at(spec, 'claimRef', 'name')) }
  const terms = decodeNodeTerms(at(spec, 'nodeAffinity', 'required', 'nodeSelectorTerms'))
  const admits = (node: ClusterNode): boolean =>
    terms === undefined || affinityAdmits({ nodeSelector: new Map(), nodeTerms: terms }, node)
  return [
    {
      object,
      claim: claim.name && claim.namespace ? idOf('PersistentVolumeClaim', claim.namespace, claim.name) : undefined,
      // Of nodes that the input does not hold no label is known.
      nodes:
        terms === undefined
          ? 'any'
          : placement.nodes.filter((node) => !node.object || admits(node)).map(({ id }) => id),
      truth: hit.fact.unsure || (terms !== undefined && !placement.seen) ? 'unknown' : 'yes',
      because: [because(`PersistentVolume ${object.name} is ${path} of the node: ${hit.fact.why}`, object, ['spec'])],
    },
  ]
}
