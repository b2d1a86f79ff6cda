import { type AddressSet, addressesOf, noAddresses, overlap } from '../../cluster/addresses.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, list, string, strings } from '../../cluster/json.ts'
import type { Truth } from '../../cluster/labels.ts'
import { type KubeObject, labelsOf } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'

/** The Service and endpoints `default/kubernetes`, which every API server writes. */
export interface ApiServer {
  /** Empty where the input does not show them. */
  readonly addresses: AddressSet
  readonly ports: readonly number[]
  readonly clusterIP: AddressSet
  /** The nodes that it runs on, or may. */
  readonly nodes: ReadonlyMap<string, Exclude<Truth, 'no'>>
  /** Pods that pass its connections on to other pods (konnectivity). */
  readonly relays: readonly Workload[]
}

const found = new WeakMap<Cluster, ApiServer>()

export function apiServer(cluster: Cluster): ApiServer {
  const known = found.get(cluster)
  if (known) return known
  const endpoints = cluster.get('Endpoints/default/kubernetes')
  const slices = cluster.ofKind('EndpointSlice', 'discovery.k8s.io').filter(isOwnSlice)
  const subsets = list(field(endpoints?.body, 'subsets'))
  const addresses = [
    ...subsets.flatMap((subset) => list(field(subset, 'addresses')).flatMap((each) => string(field(each, 'ip')) ?? [])),
    ...slices.flatMap((slice) =>
      list(field(slice.body, 'endpoints')).flatMap((each) => strings(field(each, 'addresses'))),
    ),
  ]
  const ports = [...subsets, ...slices.map((slice) => slice.body)].flatMap((each) =>
    list(field(each, 'ports')).flatMap((port) => field(port, 'port') ?? []),
  )
  const clusterIP = string(at(cluster.get('Service/default/kubernetes')?.body, 'spec', 'clusterIP')) ?? ''
  const numbers = ports.filter((port) => typeof port === 'number')
  const where = addressesOf(addresses)
  const made = {
    addresses: where,
    ports: numbers,
    clusterIP: addressesOf([clusterIP]),
    nodes: nodesOf(cluster, where),
    relays: cluster.workloads.filter(
      ({ namespace, name }) => namespace === 'kube-system' && name.startsWith('konnectivity-agent'),
    ),
  }
  found.set(cluster, made)
  return made
}

function nodesOf(cluster: Cluster, where: AddressSet): ApiServer['nodes'] {
  const found = new Map<string, Exclude<Truth, 'no'>>()
  for (const { id, addresses, controlPlane } of cluster.placement.nodes) {
    if (overlap(addressesOf(addresses), where)) found.set(id, 'yes')
    else if (noAddresses(where) && controlPlane === 'yes') found.set(id, 'unknown')
  }
  return found
}

function isOwnSlice(slice: KubeObject): boolean {
  return (
    slice.namespace === 'default' &&
    (slice.name === 'kubernetes' || labelsOf(slice.body).get('kubernetes.io/service-name') === 'kubernetes')
  )
}
