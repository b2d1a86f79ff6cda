import { type AddressSet, addressesOf, noAddresses } from '../../cluster/addresses.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Namespace } from '../../cluster/namespace.ts'
import type { ClusterNode } from '../../cluster/node.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { PodSpec } from '../../cluster/pod.ts'
import { generatedLabel, type Shape, type Workload } from '../../cluster/workload.ts'
import { containerPorts, namedPorts, probePorts, type ServedPort, serves } from './member-ports.ts'
import type { PortSet } from './ports.ts'

/** What sends and receives: one shape of a workload's pods, or a node. */
export type Member = PodMember | NodeMember

interface Endpoint {
  /** Members are in the order of their indices: by namespace, then id; nodes last. */
  readonly index: number
  readonly id: string
  /** The id, and what tells the shapes of one workload apart. */
  readonly key: string
  /** Undefined where no live pod, and no Node, shows them. */
  readonly addresses: AddressSet | undefined
}

export interface PodMember extends Endpoint {
  /** `host`: on its node's network, so that no policy can select it, as subject or as peer. */
  readonly kind: 'pod' | 'host'
  readonly workload: Workload
  readonly pod: PodSpec
  /** That the pod spec was read from. */
  readonly object: KubeObject
  readonly namespace: Namespace
  /** False where a controller that Kubernetes does not have makes the pods and may add labels. */
  readonly labelsComplete: boolean
  readonly named: ReadonlyMap<string, PortSet>
  /** Ports that its containers declare or are probed on. */
  readonly declared: readonly ServedPort[]
}

export interface NodeMember extends Endpoint {
  readonly kind: 'node'
  readonly node: ClusterNode
}

/** A workload whose pods have several shapes is several members: it reaches, and is reached, as the union of them. */
export function membersOf(cluster: Cluster): readonly Member[] {
  const workloads = cluster.workloads.filter((workload) => !workload.finished && workload.specs.length > 0)
  const order = (a: Workload, b: Workload): number => compare(a.namespace, b.namespace) || compare(a.id, b.id)
  const members: Member[] = []
  for (const workload of [...workloads].sort(order)) {
    const shapes = distinct(workload)
    for (const [key, shape] of shapes) {
      members.push(
        podMember(
          cluster,
          workload,
          shape,
          shapes.length === 1 ? workload.id : `${workload.id} ${key}`,
          members.length,
        ),
      )
    }
  }
  for (const node of [...cluster.placement.nodes].sort((a, b) => compare(a.id, b.id))) {
    members.push({
      kind: 'node',
      index: members.length,
      id: node.id,
      key: node.id,
      node,
      addresses: known(node.addresses),
    })
  }
  return members
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function podMember(
  cluster: Cluster,
  workload: Workload,
  { pod, object }: Shape,
  key: string,
  index: number,
): PodMember {
  const isBuiltIn = object.group === '' || object.group === 'apps' || object.group === 'batch'
  const serving = pod.containers.filter(serves)
  return {
    kind: pod.hostNetwork ? 'host' : 'pod',
    index,
    id: workload.id,
    key,
    workload,
    pod,
    object,
    namespace: cluster.namespaces.get(workload.namespace) ?? namespaceNamed(workload.namespace),
    labelsComplete: isBuiltIn,
    addresses: addressesOfPods(cluster, workload, pod),
    named: namedPorts(serving),
    declared: serving.flatMap((container) => [
      ...containerPorts(container),
      ...probePorts(object.body, container.path),
    ]),
  }
}

/** A namespaced object of a cluster-scoped input: nothing is known of its namespace. */
function namespaceNamed(name: string): Namespace {
  return { name, labels: new Map(), annotations: new Map(), seen: false, object: undefined, enforce: undefined }
}

function addressesOfPods(cluster: Cluster, workload: Workload, pod: PodSpec): AddressSet | undefined {
  const live = known(workload.pods.flatMap((each) => each.ips))
  if (live || !pod.hostNetwork || !cluster.placement.seen) return live
  return known(cluster.placement.placesOf(workload).flatMap(({ node }) => node.addresses))
}

function known(addresses: readonly string[]): AddressSet | undefined {
  if (addresses.length === 0) return undefined
  const set = addressesOf(addresses.filter((address) => !address.includes('/')))
  return noAddresses(set) ? undefined : set
}

/** Shapes that no policy, Service or port tells apart are one. */
function distinct(workload: Workload): readonly (readonly [string, Shape])[] {
  const shapes = workload.specs
  if (shapes.length === 1) return [['', shapes[0] as Shape]]
  const found = new Map<string, Shape>()
  for (const shape of shapes) {
    const { pod, object } = shape
    const labels = [...pod.labels]
      .filter(([key]) => generatedLabel(workload, key) === 'never')
      .map(([key, value]) => `${key}=${value}`)
    const serving = pod.containers.filter(serves)
    const names = serving.flatMap((each) =>
      each.ports.map(({ name, port, protocol }) => `${protocol} ${port} ${name ?? ''}`),
    )
    const probes = serving.flatMap((each) => probePorts(object.body, each.path).map(({ port }) => `TCP ${port}`))
    const key = JSON.stringify([pod.hostNetwork, labels.sort(), [...new Set([...names, ...probes])].sort()])
    if (!found.has(key)) found.set(key, shape)
  }
  return [...found].sort(([a], [b]) => compare(a, b))
}
