import { type Because, because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, list, type Path, string } from '../../cluster/json.ts'
import { idParts, type KubeObject } from '../../cluster/object.ts'
import { secretsBehind } from '../../cluster/persistent-volumes.ts'
import { decodePod, isMirrorPod } from '../../cluster/pod.ts'

/** What of an API server's objects belongs to a node: the graph of plugin/pkg/auth/authorizer/node, from the objects of the input. */
export interface NodeUses {
  /** The nodes that an object belongs to, each with the way there. */
  nodesOf(type: Used, namespace: string, name: string): ReadonlyMap<string, readonly Because[]>
  /** Every object of a type that belongs to a node. */
  all(type: Used): Iterable<{
    readonly namespace: string
    readonly name: string
    readonly nodes: ReadonlyMap<string, readonly Because[]>
  }>
}

export type Used =
  | 'pods'
  | 'secrets'
  | 'configmaps'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'resourceclaims'
  | 'serviceaccounts'
  | 'volumeattachments'
  | 'resourceslices'
  | 'podcertificaterequests'

type Nodes = Map<string, readonly Because[]>
type ByName = Map<string, Nodes>

const NONE: ReadonlyMap<string, readonly Because[]> = new Map()

export function nodeUses(cluster: Cluster): NodeUses {
  const types = new Map<Used, Map<string, ByName>>()
  const nodesOf = (type: Used, namespace: string, name: string): ReadonlyMap<string, readonly Because[]> =>
    types.get(type)?.get(namespace)?.get(name) ?? NONE
  const add = (type: Used, namespace: string, name: string, node: string, why: readonly Because[]): void => {
    if (name === '') return
    const nodes = entry(entry(entry(types, type, newMap), namespace, newMap), name, newMap) as Nodes
    if (!nodes.has(node)) nodes.set(node, why)
  }
  for (const pod of cluster.ofKind('Pod')) addPod(pod, add)
  for (const volume of cluster.ofKind('PersistentVolume')) {
    const claim = at(volume.body, 'spec', 'claimRef')
    const nodes = nodesOf(
      'persistentvolumeclaims',
      string(field(claim, 'namespace')) ?? '',
      string(field(claim, 'name')) ?? '',
    )
    for (const [node, why] of nodes) {
      const way = [...why, because('the volume is bound to the claim', volume, ['spec', 'claimRef'])]
      add('persistentvolumes', '', volume.name, node, way)
      for (const secret of secretsBehind(volume)) {
        const { namespace, name } = idParts(secret)
        add('secrets', namespace, name, node, way)
      }
    }
  }
  const named = (kind: string, group: string, type: Used, path: Path): void => {
    for (const object of cluster.ofKind(kind, group)) {
      const node = string(at(object.body, ...path))
      if (node) add(type, object.namespace, object.name, node, [because('names the node', object, path)])
    }
  }
  named('VolumeAttachment', 'storage.k8s.io', 'volumeattachments', ['spec', 'nodeName'])
  named('ResourceSlice', 'resource.k8s.io', 'resourceslices', ['spec', 'nodeName'])
  named('PodCertificateRequest', 'certificates.k8s.io', 'podcertificaterequests', ['spec', 'nodeName'])
  return {
    nodesOf,
    *all(type) {
      for (const [namespace, names] of types.get(type) ?? [])
        for (const [name, nodes] of names) yield { namespace, name, nodes }
    },
  }
}

// biome-ignore lint/suspicious/noExplicitAny: each level holds another type, which its reader names
const newMap = (): Map<any, any> => new Map()

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

type Add = (type: Used, namespace: string, name: string, node: string, why: readonly Because[]) => void

/** AddPod: a pod counts once it is on a node; a mirror pod, which its node makes itself, gives nothing but itself. */
function addPod(object: KubeObject, add: Add): void {
  const node = string(at(object.body, 'spec', 'nodeName'))
  if (!node) return
  const { namespace, name } = object
  const runs = because(`pod ${name} runs on it`, object, ['spec', 'nodeName'])
  add('pods', namespace, name, node, [runs])
  if (isMirrorPod(object)) return
  const pod = decodePod(object.body, [])
  const uses = (type: Used, used: string, path: Path): void =>
    add(type, namespace, used, node, [runs, because('the pod uses it', object, path)])
  uses('serviceaccounts', pod.serviceAccountName, ['spec', 'serviceAccountName'])
  for (const [index, secret] of pod.imagePullSecrets.entries())
    uses('secrets', secret, ['spec', 'imagePullSecrets', index])
  for (const container of pod.containers) {
    for (const { from, path } of container.env)
      if (from) uses(from.kind === 'Secret' ? 'secrets' : 'configmaps', from.name, path)
    for (const from of container.envFrom) uses(from.kind === 'Secret' ? 'secrets' : 'configmaps', from.name, from.path)
  }
  for (const { name: volume, sources, path } of pod.volumes) {
    for (const source of sources) {
      if (source.kind === 'secret') uses('secrets', source.name, path)
      else if (source.kind === 'configMap') uses('configmaps', source.name, path)
      else if (source.kind === 'claim') uses('persistentvolumeclaims', source.name, path)
      else if (source.kind === 'ephemeralClaim') uses('persistentvolumeclaims', `${name}-${volume}`, path)
      else if (source.kind === 'other' && source.secret !== undefined) uses('secrets', source.secret, path)
    }
  }
  for (const [index, claim] of list(at(object.body, 'spec', 'resourceClaims')).entries()) {
    const made = list(at(object.body, 'status', 'resourceClaimStatuses')).find(
      (each) => field(each, 'name') === field(claim, 'name'),
    )
    // Before 1.31 the names stood in `source`.
    const named = string(field(claim, 'resourceClaimName')) ?? string(at(claim, 'source', 'resourceClaimName'))
    const used = named ?? string(field(made, 'resourceClaimName'))
    if (used !== undefined) uses('resourceclaims', used, ['spec', 'resourceClaims', index])
  }
  const extended = string(at(object.body, 'status', 'extendedResourceClaimStatus', 'resourceClaimName'))
  if (extended !== undefined) uses('resourceclaims', extended, ['status', 'extendedResourceClaimStatus'])
}
