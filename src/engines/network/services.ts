import type { Cluster } from '../../cluster/cluster.ts'
import { field, type Json, list, string, strings } from '../../cluster/json.ts'
import { plainSelector, type Selector } from '../../cluster/labels.ts'
import { annotationsOf, idOf, type KubeObject } from '../../cluster/object.ts'
import { type EndpointGroup, writtenEndpoints } from './endpoints.ts'
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
  /** Services without a selector whose endpoints are not all known to be pods of the input, or that have none. */
  readonly unresolved: readonly Service[]
}

export function resolveServices(cluster: Cluster, members: readonly Member[], selection: Selection): Services {
  const all = cluster.ofKind('Service').map(decodeService)
  const byId = new Map(all.map((service) => [service.object.id, service]))
  const written = writtenEndpoints(cluster, members)
  return {
    all,
    get: (namespace, name) => byId.get(idOf('Service', namespace, name)),
    backendsOf: ({ object, selector }, port) =>
      selector
        ? selection.servedBy(object.namespace, selector).flatMap((member) => portsAt(member, port))
        : written(object).flatMap((group) => portsOf(group, port)),
    unresolved: all.filter(({ object, type, selector }) => {
      if (selector || type === 'ExternalName') return false
      const groups = written(object)
      return !groups.every(({ allKnown }) => allKnown) || groups.every((group) => group.members.length === 0)
    }),
  }
}

function portsAt(member: PodMember, { protocol, target }: ServicePort): readonly Backend[] {
  if (typeof target === 'number') return [{ member, protocol, port: target }]
  const bounds = member.named.get(`${protocol} ${target}`)?.[protocol] ?? []
  return bounds.length === 0 ? [] : [{ member, protocol, port: bounds[0] as number }]
}

/** kube-proxy joins by name and protocol; the Service's targetPort means nothing to endpoints that are written. */
function portsOf({ members, ports }: EndpointGroup, { name = '', protocol }: ServicePort): readonly Backend[] {
  const joined = ports.filter((each) => each.name === name && each.protocol === protocol)
  return joined.flatMap(({ port }) => members.map((member) => ({ member, protocol, port })))
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
