import { at, field, list, string } from '../../../cluster/json.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import { type Reference, throughProxy } from './backends.ts'
import type { Exposure, ExposureInput } from './exposure.ts'
import { attachments, infrastructureAnnotations, isGranted } from './gateway-attach.ts'
import { internalBy } from './load-balancer.ts'
import { facing, gatewayClassOf, podsOf, proxiesOf } from './proxies.ts'

const ROUTES = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute']

/** gateway.networking.k8s.io routes that are attached to a Gateway. */
export function* gatewayExposures({ model, found }: ExposureInput): Iterable<Exposure> {
  for (const kind of ROUTES) {
    for (const route of model.cluster.ofKind(kind, 'gateway.networking.k8s.io')) {
      for (const { gateway, truth, because } of attachments(model.cluster, route)) {
        const proxies = gateway ? proxiesOfGateway(model, gateway) : []
        const way = both(truth, gateway ? outside(model, found, gateway, proxies) : 'unknown')
        yield* throughProxy(
          model,
          { kind: 'exposed-gateway', truth: way, object: route, proxies, because },
          references(model, route),
        )
      }
    }
  }
}

function references(model: NetworkModel, route: KubeObject): readonly Reference[] {
  return list(at(route.body, 'spec', 'rules')).flatMap((rule, index) => {
    return list(field(rule, 'backendRefs')).flatMap((backend, number) => {
      const service = string(field(backend, 'name'))
      const namespace = string(field(backend, 'namespace')) ?? route.namespace
      const isService =
        (string(field(backend, 'kind')) ?? 'Service') === 'Service' && (string(field(backend, 'group')) ?? '') === ''
      if (service === undefined || !isService || !isGranted(model.cluster, route, namespace, service)) return []
      return [
        { namespace, service, port: field(backend, 'port'), path: ['spec', 'rules', index, 'backendRefs', number] },
      ]
    })
  })
}

/** GEP-1762: what is deployed for a Gateway carries its name; else a proxy that serves all Gateways of the class. */
function proxiesOfGateway(model: NetworkModel, gateway: KubeObject): readonly PodMember[] {
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

/** GKE's `rilb` classes are inside the VPC. */
function outside(
  model: NetworkModel,
  found: readonly Exposure[],
  gateway: KubeObject,
  proxies: readonly PodMember[],
): Truth {
  const name = className(gateway)
  if (
    /-rilb(-mc)?$|^gke-l7-cross-regional-internal/.test(name) ||
    internalBy(infrastructureAnnotations(gateway)) !== undefined
  )
    return 'no'
  return both(facing(model, found, proxies), /internal|private/i.test(name) ? 'unknown' : 'yes')
}
