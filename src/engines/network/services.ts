import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, type Json, list, string, strings } from '../../cluster/json.ts'
import { plainSelector, type Selector } from '../../cluster/labels.ts'
import { annotationsOf, idOf, type KubeObject, labelsOf } from '../../cluster/object.ts'
import type { ServedPort } from './member-ports.ts'
import type { Member, PodMember } from './members.ts'
import { isPortNumber } from './policy-port.ts'
import { isProtocol, type Protocol } from './ports.ts'
import type { Selection } from './selection.ts'

export interface ServicePort {
  readonly name: string | undefined
  readonly protocol: Protocol
  readonly port: number
  /** A number, or the name of a port of each pod. */
  readonly target: number | string
  readonly nodePort: number | undefined
  readonly index: number
}

export interface Service {
  readonly object: KubeObject
  readonly type: string
  readonly ports: readonly ServicePort[]
  /** Without one its endpoints are written by hand or by a controller. */
  readonly selector: Selector | undefined
  readonly externalIPs: readonly string[]
  /** `Local`: what arrives keeps the client's address. */
  readonly externalTrafficPolicy: string
  readonly annotations: ReadonlyMap<string, string>
}

function decodeService(object: KubeObject): Service {
  const spec = field(object.body, 'spec')
  return {
    object,
    type: string(field(spec, 'type')) || 'ClusterIP',
    ports: list(field(spec, 'ports')).flatMap(decodeServicePort),
    selector: plainSelector(field(spec, 'selector')),
    externalIPs: strings(field(spec, 'externalIPs')),
    externalTrafficPolicy: string(field(spec, 'externalTrafficPolicy')) || 'Cluster',
    annotations: annotationsOf(object.body),
  }
}

function decodeServicePort(value: Json, index: number): readonly ServicePort[] {
  const protocol = string(field(value, 'protocol')) || 'TCP'
  const port = field(value, 'port')
  if (!isProtocol(protocol) || !isPortNumber(port)) return []
  const target = field(value, 'targetPort')
  const nodePort = field(value, 'nodePort')
  return [
    {
      name: string(field(value, 'name')) || undefined,
      protocol,
      port,
      // An absent or zero targetPort is the port itself.
      target: (typeof target === 'string' && target !== '') || isPortNumber(target) ? target : port,
      nodePort: isPortNumber(nodePort) ? nodePort : undefined,
      index,
    },
  ]
}

/** Where a Service port leads: a member, and the number there. */
export interface Backend extends ServedPort {
  readonly member: PodMember
}

export interface Services {
  readonly all: readonly Service[]
  get(namespace: string, name: string): Service | undefined
  backendsOf(service: Service, port: ServicePort): readonly Backend[]
  /** Services whose endpoints nobody in the input shows. */
  readonly withoutEndpoints: readonly Service[]
}

export function resolveServices(cluster: Cluster, members: readonly Member[], selection: Selection): Services {
  const all = cluster.ofKind('Service').map(decodeService)
  const byId = new Map(all.map((service) => [service.object.id, service]))
  const written = writtenEndpoints(cluster, members)
  const targetsOf = (service: Service): readonly PodMember[] => {
    return service.selector ? selection.servedBy(service.object.namespace, service.selector) : written(service)
  }
  return {
    all,
    get: (namespace, name) => byId.get(idOf('Service', namespace, name)),
    backendsOf: (service, port) => targetsOf(service).flatMap((member) => portsAt(member, port)),
    withoutEndpoints: all.filter(
      (service) => !service.selector && service.type !== 'ExternalName' && written(service).length === 0,
    ),
  }
}

function portsAt(member: PodMember, { protocol, target }: ServicePort): readonly Backend[] {
  if (typeof target === 'number') return [{ member, protocol, port: target }]
  const bounds = member.named.get(`${protocol} ${target}`)?.[protocol] ?? []
  return bounds.length === 0 ? [] : [{ member, protocol, port: bounds[0] as number }]
}

/** Endpoints of Services without a selector, where a pod of the input is named or has the address. */
function writtenEndpoints(cluster: Cluster, members: readonly Member[]): (service: Service) => readonly PodMember[] {
  const pods = members.filter((member) => member.kind !== 'node')
  const slices = new Map<string, KubeObject[]>()
  const add = (namespace: string, name: string, object: KubeObject): void => {
    const key = `${namespace}/${name}`
    const same = slices.get(key)
    if (same) same.push(object)
    else slices.set(key, [object])
  }
  for (const object of cluster.ofKind('Endpoints')) add(object.namespace, object.name, object)
  for (const object of cluster.ofKind('EndpointSlice', 'discovery.k8s.io')) {
    add(object.namespace, labelsOf(object.body).get('kubernetes.io/service-name') ?? '', object)
  }
  const byAddress = new Map(
    pods.flatMap((member) => member.workload.pods.flatMap((pod) => pod.ips.map((ip) => [ip, member] as const))),
  )
  const byWorkload = new Map(pods.map((member) => [member.workload.id, member]))
  const memberAt = (endpoint: Json, namespace: string, addresses: readonly string[]): readonly PodMember[] => {
    const pod = at(endpoint, 'targetRef', 'kind') === 'Pod' ? string(at(endpoint, 'targetRef', 'name')) : undefined
    const owner = pod === undefined ? undefined : cluster.workloadOf(idOf('Pod', namespace, pod))
    const named = owner === undefined ? undefined : byWorkload.get(owner)
    return named ? [named] : addresses.flatMap((address) => byAddress.get(address) ?? [])
  }
  return ({ object }) => {
    const found = (slices.get(`${object.namespace}/${object.name}`) ?? []).flatMap((slice) => [
      ...list(field(slice.body, 'endpoints')).flatMap((each) =>
        memberAt(each, object.namespace, strings(field(each, 'addresses'))),
      ),
      ...list(field(slice.body, 'subsets')).flatMap((subset) =>
        list(field(subset, 'addresses')).flatMap((each) =>
          memberAt(each, object.namespace, [string(field(each, 'ip')) ?? '']),
        ),
      ),
    ])
    return [...new Set(found)]
  }
}

/** The ports that each member is known to serve: its own, and those that Services lead to. */
export function servedPorts(members: readonly Member[], services: Services): readonly (readonly ServedPort[])[] {
  const served = members.map((member) => (member.kind === 'node' ? [] : [...member.declared]))
  for (const service of services.all) {
    for (const each of service.ports) {
      for (const { member, protocol, port } of services.backendsOf(service, each)) {
        const own = served[member.index]
        if (!own?.some((known) => known.port === port && known.protocol === protocol)) own?.push({ protocol, port })
      }
    }
  }
  return served
}
