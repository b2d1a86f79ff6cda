import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type JsonObject, list, string } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject, labelsOf } from '../../../cluster/object.ts'
import { isManaged, proxyOfClass } from '../../../cluster/proxies.ts'

/** A load balancer of the cloud that an object asks for. */
export interface Balancer {
  readonly object: KubeObject
  readonly because: Because
}

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name'
const GROUP = 'alb.ingress.kubernetes.io/group.name'
const CLASS = 'kubernetes.io/ingress.class'

/**
 * Services of type LoadBalancer; Ingresses of controllers that make one for each (or for each group); Gateways whose
 * Service is not in the input.
 */
export function balancersOf(cluster: Cluster): readonly Balancer[] {
  const services = cluster
    .ofKind('Service')
    .filter(({ body }) => string(at(body, 'spec', 'type')) === 'LoadBalancer')
    .map((object) => ({ object, because: because('a Service of type LoadBalancer', object, ['spec', 'type']) }))
  const made = new Set(
    services.map(({ object }) => `${object.namespace}/${labelsOf(object.body).get(GATEWAY_NAME) ?? ''}`),
  )
  const gateways = cluster
    .ofKind('Gateway', 'gateway.networking.k8s.io')
    .filter(({ namespace, name, body }) => !made.has(`${namespace}/${name}`) && !isWaypoint(body))
    .map((object) => ({ object, because: because('a Gateway asks for a load balancer', object, ['spec']) }))
  const groups = new Set<string>()
  const ingresses = cluster.ofKind('Ingress', 'networking.k8s.io').flatMap((object) => {
    const path = managedClass(cluster, object)
    if (!path) return []
    const group = annotationsOf(object.body).get(GROUP)
    if (group !== undefined && groups.has(group)) return []
    if (group !== undefined) groups.add(group)
    return [{ object, because: because('an Ingress for which the cloud makes a load balancer', object, path) }]
  })
  return [...services, ...gateways, ...ingresses]
}

/** A proxy inside of the mesh, behind a ClusterIP. */
function isWaypoint(body: JsonObject): boolean {
  const listeners = list(at(body, 'spec', 'listeners'))
  return (
    string(at(body, 'spec', 'gatewayClassName')) === 'istio-waypoint' ||
    annotationsOf(body).get('networking.istio.io/service-type') === 'ClusterIP' ||
    (listeners.length > 0 && listeners.every((each) => string(field(each, 'protocol')) === 'HBONE'))
  )
}

function managedClass(cluster: Cluster, object: KubeObject): readonly string[] | undefined {
  const written = annotationsOf(object.body).get(CLASS)
  const named = string(at(object.body, 'spec', 'ingressClassName'))
  const name = named ?? written
  if (name === undefined) return undefined
  const controller = cluster.ofKind('IngressClass', 'networking.k8s.io').find((each) => each.name === name)
  const proxy = proxyOfClass(string(at(controller?.body, 'spec', 'controller')) ?? name)
  if (!proxy || !isManaged(proxy.product)) return undefined
  return named === undefined ? ['metadata', 'annotations', CLASS] : ['spec', 'ingressClassName']
}
