import { addressKey } from '../../cluster/addresses.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { field, isObject, type Json, list, string, strings } from '../../cluster/json.ts'
import { idOf, type KubeObject, labelsOf } from '../../cluster/object.ts'
import type { Member, PodMember } from './members.ts'
import { isPortNumber } from './policy-port.ts'
import { isProtocol, type Protocol } from './ports.ts'

/** The endpoints of one EndpointSlice, or of one subset of an Endpoints: all of them are reached at all of its ports. */
export interface EndpointGroup {
  readonly members: readonly PodMember[]
  readonly ports: readonly EndpointPort[]
  /** Whether each endpoint is known to be a pod of the input. */
  readonly allKnown: boolean
}

export interface EndpointPort {
  /** Empty for the one port that needs no name. */
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
}

/** What is written of the endpoints of a Service, by hand or by a controller of its own. */
export function writtenEndpoints(
  cluster: Cluster,
  members: readonly Member[],
): (service: KubeObject) => readonly EndpointGroup[] {
  const pods = members.filter((member) => member.kind !== 'node')
  const ofWorkload = Map.groupBy(pods, ({ workload }) => workload.id)
  const holders = holdersOfAddresses(ofWorkload)
  const slices = Map.groupBy(
    cluster.ofKind('EndpointSlice', 'discovery.k8s.io'),
    (slice) => `${slice.namespace}/${labelsOf(slice.body).get('kubernetes.io/service-name') ?? ''}`,
  )
  const at = (endpoint: Json, namespace: string, addresses: readonly string[]): readonly PodMember[] => {
    const named = field(endpoint, 'targetRef')
    if (!isObject(named)) {
      return addresses.flatMap((address) => ofWorkload.get(holders.get(addressKey(address) ?? '') ?? '') ?? [])
    }
    // What is named is the endpoint, though its address be another's since: a Node, or a pod that the input does not hold.
    if (field(named, 'kind') !== 'Pod') return []
    const pod = idOf('Pod', string(field(named, 'namespace')) ?? namespace, string(field(named, 'name')) ?? '')
    return ofWorkload.get(cluster.workloadOf(pod) ?? '') ?? []
  }
  const group = (found: readonly (readonly PodMember[])[], ports: Json | undefined): EndpointGroup => ({
    members: [...new Set(found.flat())],
    ports: list(ports).flatMap(decodePort),
    allKnown: found.every((each) => each.length > 0),
  })
  return ({ namespace, name }) => [
    ...(slices.get(`${namespace}/${name}`) ?? []).map(({ body }) => {
      const endpoints = list(field(body, 'endpoints'))
      return group(
        endpoints.map((each) => at(each, namespace, strings(field(each, 'addresses')))),
        field(body, 'ports'),
      )
    }),
    ...list(field(cluster.get(idOf('Endpoints', namespace, name))?.body, 'subsets')).map((subset) => {
      const endpoints = list(field(subset, 'addresses'))
      return group(
        endpoints.map((each) => at(each, namespace, strings([field(each, 'ip') ?? null]))),
        field(subset, 'ports'),
      )
    }),
  ]
}

/** kube-proxy ignores a port without a number. */
function decodePort(value: Json): readonly EndpointPort[] {
  const protocol = string(field(value, 'protocol')) || 'TCP'
  const port = field(value, 'port')
  if (!isProtocol(protocol) || !isPortNumber(port)) return []
  return [{ name: string(field(value, 'name')) ?? '', protocol, port }]
}

/** The workload that holds an address; of what several hold, as pods on the network of one node do, none is told. */
function holdersOfAddresses(ofWorkload: ReadonlyMap<string, readonly PodMember[]>): ReadonlyMap<string, string> {
  const found = new Map<string, Set<string>>()
  for (const [id, [member]] of ofWorkload) {
    for (const key of (member?.workload.pods ?? []).flatMap(({ ips }) => ips.map(addressKey))) {
      if (key !== undefined) found.set(key, (found.get(key) ?? new Set()).add(id))
    }
  }
  return new Map([...found].flatMap(([key, ids]) => (ids.size === 1 ? [...ids].map((id) => [key, id] as const) : [])))
}
