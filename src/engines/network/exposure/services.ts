import { type AddressSet, noAddresses, PUBLIC } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import { at } from '../../../cluster/json.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import type { NetworkModel } from '../model.ts'
import { formatPorts, portRange } from '../ports.ts'
import type { Service, ServicePort } from '../services.ts'
import { outsideAdmitted } from './admission.ts'
import type { Exposure, ExposureKind } from './exposure.ts'
import { hasPrivateAddress, internalLoadBalancer, publicSources } from './load-balancer.ts'

/** Ways in that a Service itself opens: a load balancer, a port of each node, addresses routed to nodes. */
export function* serviceExposures(model: NetworkModel): Iterable<Exposure> {
  for (const service of model.services.all) {
    if (service.type === 'LoadBalancer') yield* loadBalanced(model, service)
    if (service.type === 'NodePort')
      yield* opened(model, service, 'exposed-node-port', PUBLIC, 'unknown', nodePortReason)
    if (service.externalIPs.length > 0 && service.type !== 'ExternalName') {
      const reason = because(
        `is reached at ${service.externalIPs.join(', ')}, if that is routed to a node`,
        service.object,
        ['spec', 'externalIPs'],
      )
      yield* opened(model, service, 'exposed-external-ip', PUBLIC, 'unknown', () => reason)
    }
  }
}

function* loadBalanced(model: NetworkModel, service: Service): Iterable<Exposure> {
  const found = [...loadBalancer(model, service)]
  yield* found
  // kube-proxy holds what comes to the load balancer's address to the source ranges, not what comes to a node's.
  const open = { ...service, ports: service.ports.filter((port) => hasNodePort(service, port)) }
  const place = ({ workload, ports }: Exposure): string => `${workload} ${formatPorts(ports)}`
  const known = new Set(found.map(place))
  for (const exposure of opened(model, open, 'exposed-node-port', PUBLIC, 'unknown', nodePortReason))
    if (!known.has(place(exposure))) yield exposure
}

/** Every port of a load balancer is one of each node too, unless it says that it needs none. */
function hasNodePort({ object }: Service, { nodePort }: ServicePort): boolean {
  return nodePort !== undefined || at(object.body, 'spec', 'allocateLoadBalancerNodePorts') !== false
}

function loadBalancer(model: NetworkModel, service: Service): Iterable<Exposure> {
  const sources = publicSources(service)
  if (internalLoadBalancer(service) !== undefined || noAddresses(sources)) return []
  const isPrivate = hasPrivateAddress(service.object)
  const reason = because(
    isPrivate ? 'has a load balancer with a private address' : 'has a load balancer on the internet',
    service.object,
    ['spec', 'type'],
  )
  return opened(model, service, 'exposed-load-balancer', sources, isPrivate ? 'unknown' : 'yes', () => reason)
}

function nodePortReason(service: Service, port: ServicePort): Because {
  const number = port.nodePort === undefined ? 'a port' : `port ${port.nodePort}`
  return because(`opens ${number} of every node, unless a firewall closes it`, service.object, [
    'spec',
    'ports',
    port.index,
  ])
}

function* opened(
  model: NetworkModel,
  service: Service,
  kind: ExposureKind,
  sources: AddressSet,
  base: Truth,
  reason: (service: Service, port: ServicePort) => Because,
): Iterable<Exposure> {
  for (const port of service.ports) {
    for (const backend of model.services.backendsOf(service, port)) {
      const admitted = outsideAdmitted(model, backend, sources, service.externalTrafficPolicy === 'Cluster')
      const truth = both(base, admitted.truth)
      if (truth === 'no') continue
      const ports = portRange(backend.protocol, backend.port)
      yield {
        kind,
        workload: backend.member.id,
        ports,
        truth,
        rule: service.object.id,
        because: [reason(service, port), ...admitted.because],
      }
    }
  }
}
