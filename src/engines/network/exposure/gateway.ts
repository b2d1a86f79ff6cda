import { addressSet, overlap, PUBLIC } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import { attachments, infrastructureAnnotations, isGranted } from '../../../cluster/gateway-api/attachments.ts'
import { at, field, type Json, list, type Path, string } from '../../../cluster/json.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { gatewayClassOf } from '../../../cluster/serving-class.ts'
import type { Answer } from '../../known.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import { throughProxy } from './backends.ts'
import type { Exposure, ExposureInput } from './exposure.ts'
import { internalBy } from './load-balancer.ts'
import { facing, podsOf, proxiesOf } from './proxies.ts'
import type { Reference } from './references.ts'

const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute']

/** gateway.networking.k8s.io routes that are attached to a Gateway. */
export function* gatewayExposures({ model, found }: ExposureInput): Iterable<Exposure> {
  for (const kind of ROUTES) {
    for (const route of model.cluster.ofKind(kind, 'gateway.networking.k8s.io')) {
      for (const { gateway, truth, because: attached } of attachments(model.cluster, route)) {
        const proxies = gateway ? proxiesOfGateway(model, gateway) : []
        const [way, reasons] = gateway ? outside(model, found, gateway, proxies) : UNKNOWN
        yield* throughProxy(
          model,
          {
            kind: 'exposed-gateway',
            truth: both(truth, way),
            object: route,
            proxies,
            because: [...attached, ...reasons],
          },
          references(model, route),
        )
      }
    }
  }
}

const UNKNOWN: readonly [Truth, readonly Because[]] = ['unknown', []]

function references(model: NetworkModel, route: KubeObject): readonly Reference[] {
  return list(at(route.body, 'spec', 'rules')).flatMap((rule, index) => {
    return backendsOf(rule, ['spec', 'rules', index]).flatMap(([backend, path]) => {
      const service = string(field(backend, 'name'))
      const namespace = string(field(backend, 'namespace')) ?? route.namespace
      const isService =
        (string(field(backend, 'kind')) ?? 'Service') === 'Service' && (string(field(backend, 'group')) ?? '') === ''
      if (service === undefined || !isService || !isGranted(model.cluster, route, namespace, service)) return []
      return [{ namespace, service, port: field(backend, 'port'), path }]
    })
  })
}

type Placed = readonly [Json | undefined, Path]

/** The backends of a rule that get requests: those that have a weight, and those that requests are mirrored to. */
function backendsOf(rule: Json, path: Path): readonly Placed[] {
  const weighted = list(field(rule, 'backendRefs')).flatMap((backend, index): Placed[] =>
    field(backend, 'weight') === 0 ? [] : [[backend, [...path, 'backendRefs', index]]],
  )
  return [
    ...weighted,
    ...weighted.flatMap(([backend, place]) => mirrors(backend, place)),
    ...(weighted.length > 0 ? mirrors(rule, path) : []),
  ]
}

function mirrors(owner: Json | undefined, path: Path): readonly Placed[] {
  return list(field(owner, 'filters')).flatMap((filter, index): Placed[] => {
    const mirror = field(filter, 'requestMirror')
    if (field(filter, 'type') !== 'RequestMirror' || field(mirror, 'percent') === 0) return []
    return [[field(mirror, 'backendRef'), [...path, 'filters', index, 'requestMirror', 'backendRef']]]
  })
}

/** GEP-1762: what is deployed for a Gateway carries its name; else a proxy that serves all Gateways of the class. */
export function proxiesOfGateway(model: NetworkModel, gateway: KubeObject): readonly PodMember[] {
  const own = podsOf(model).filter(({ pod, namespace }) => {
    if (pod.labels.get('gateway.networking.k8s.io/gateway-name') === gateway.name)
      return namespace.name === gateway.namespace
    return (
      pod.labels.get('gateway.envoyproxy.io/owning-gateway-name') === gateway.name &&
      pod.labels.get('gateway.envoyproxy.io/owning-gateway-namespace') === gateway.namespace
    )
  })
  return own.length > 0 ? own : proxiesOf(model, gatewayClassOf(model.cluster, className(gateway)).controller ?? '')
}

function className(gateway: KubeObject): string {
  return string(at(gateway.body, 'spec', 'gatewayClassName')) ?? ''
}

/** Whether what serves a Gateway is on the internet. */
export function gatewayFaces(model: NetworkModel, found: readonly Exposure[], gateway: KubeObject): Answer {
  const [truth, because] = outside(model, found, gateway, proxiesOfGateway(model, gateway))
  return { truth, because }
}

/** GKE's `rilb` classes are inside the VPC. */
function outside(
  model: NetworkModel,
  found: readonly Exposure[],
  gateway: KubeObject,
  proxies: readonly PodMember[],
): readonly [Truth, readonly Because[]] {
  const name = className(gateway)
  if (
    /-rilb(-mc)?$|^gke-l7-cross-regional-internal/.test(name) ||
    internalBy(infrastructureAnnotations(gateway)) !== undefined
  )
    return ['no', []]
  const faces = facing(model, found, proxies)
  const addresses = ['status', 'spec'].find((part) => list(at(gateway.body, part, 'addresses')).length > 0)
  if (addresses !== undefined && arePrivate(list(at(gateway.body, addresses, 'addresses'))))
    return [both(faces, 'unknown'), [because('has only private addresses', gateway, [addresses, 'addresses'])]]
  return [both(faces, /internal|private/i.test(name) ? 'unknown' : 'yes'), []]
}

/** Those that are names may be of any address. */
function arePrivate(addresses: readonly Json[]): boolean {
  const sets = addresses.map((each) => addressSet(string(field(each, 'value')) ?? ''))
  return sets.every((set) => set !== undefined && !overlap(set, PUBLIC))
}
