import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { annotationsOf, idParts, type KubeObject } from '../../../cluster/object.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import type { Exposure } from './exposure.ts'
import { internalLoadBalancer } from './load-balancer.ts'

/** A program that passes requests from outside on to backends, as it names itself in classes and as it runs. */
interface Proxy {
  readonly name: string
  /** `spec.controller` of an IngressClass or `spec.controllerName` of a GatewayClass, or the name of either. */
  readonly controller: RegExp
  readonly runs: (member: PodMember) => boolean
}

const image =
  (pattern: RegExp) =>
  (member: PodMember): boolean =>
    member.pod.containers.some((container) => pattern.test(container.image))
const label =
  (key: string, value: RegExp) =>
  (member: PodMember): boolean =>
    value.test(member.pod.labels.get(key) ?? '')

const PROXIES: readonly Proxy[] = [
  { name: 'NGINX Ingress', controller: /nginx\.org/, runs: image(/nginx\/nginx-(plus-)?ingress([:@]|$)/) },
  { name: 'NGINX Gateway Fabric', controller: /gateway\.nginx\.org/, runs: image(/nginx-gateway-fabric/) },
  {
    name: 'ingress-nginx',
    controller: /nginx/,
    runs: image(/ingress-nginx\/controller|nginx-ingress-controller|ingress-nginx-controller/),
  },
  { name: 'Traefik', controller: /traefik/, runs: image(/traefik([:@]|$)/) },
  { name: 'HAProxy', controller: /haproxy/, runs: image(/haproxy(tech)?\/?(kubernetes-|-)?ingress/) },
  {
    name: 'Contour',
    controller: /contour/,
    runs: (member) => image(/envoy([:@]|$)|\/envoy:/)(member) && label('app', /envoy/)(member),
  },
  { name: 'Kong', controller: /kong/, runs: image(/(^|\/)kong(-gateway)?([:@]|$)/) },
  { name: 'Istio', controller: /istio/, runs: label('istio', /ingressgateway|ingress-gateway/) },
  {
    name: 'Envoy Gateway',
    controller: /gateway\.envoyproxy\.io/,
    runs: label('app.kubernetes.io/managed-by', /^envoy-gateway$/),
  },
  {
    name: 'OpenShift router',
    controller: /openshift/,
    runs: label('ingresscontroller.operator.openshift.io/deployment-ingresscontroller', /./),
  },
]

const recognised = new WeakMap<NetworkModel, Map<string | undefined, readonly PodMember[]>>()

/** The proxies of the input that serve a class; all that are known where the class names none. */
export function proxiesOf(model: NetworkModel, controller: string | undefined): readonly PodMember[] {
  const ofModel = recognised.get(model) ?? new Map<string | undefined, readonly PodMember[]>()
  recognised.set(model, ofModel)
  const known = ofModel.get(controller)
  if (known) return known
  const serving =
    controller === undefined ? PROXIES : PROXIES.filter((proxy) => proxy.controller.test(controller)).slice(0, 1)
  const found = podsOf(model).filter((member) => serving.some((proxy) => proxy.runs(member)))
  ofModel.set(controller, found)
  return found
}

export function podsOf(model: NetworkModel): readonly PodMember[] {
  return model.members.filter((member) => member.kind !== 'node')
}

/**
 * Whether the internet reaches the proxies. `no`: all that leads to them is load balancers inside the cloud's network;
 * `unknown` where those have ports of nodes too.
 */
export function facing(
  model: NetworkModel,
  found: readonly Exposure[],
  proxies: readonly PodMember[],
): 'yes' | 'unknown' | 'no' {
  const ids = new Set(proxies.map((proxy) => proxy.id))
  if (proxies.length === 0) return 'yes'
  const ways = found.filter((exposure) => ids.has(exposure.workload))
  if (ways.length > 0) return ways.every((way) => isBehindBalancer(model, way)) ? 'unknown' : 'yes'
  const balanced = model.services.all.filter((service) => {
    return (
      service.type === 'LoadBalancer' &&
      service.ports.some((port) => model.services.backendsOf(service, port).some(({ member }) => ids.has(member.id)))
    )
  })
  return balanced.length > 0 && balanced.every((service) => internalLoadBalancer(service) !== undefined)
    ? 'no'
    : 'unknown'
}

/** A port of each node that a load balancer uses, which is not meant to be reached by itself. */
function isBehindBalancer({ services }: NetworkModel, { kind, rule }: Exposure): boolean {
  const { namespace, name } = idParts(rule)
  return kind === 'exposed-node-port' && services.get(namespace, name)?.type === 'LoadBalancer'
}

export interface Class {
  readonly name: string | undefined
  /** What tells the program: the controller that the class object names, else the class's own name. */
  readonly controller: string | undefined
  readonly object: KubeObject | undefined
}

const IS_DEFAULT = 'ingressclass.kubernetes.io/is-default-class'

/** An Ingress without a class is served by the default one. */
export function ingressClassOf(cluster: Cluster, ingress: KubeObject): Class {
  const named =
    string(at(ingress.body, 'spec', 'ingressClassName')) ??
    annotationsOf(ingress.body).get('kubernetes.io/ingress.class')
  const classes = cluster.ofKind('IngressClass', 'networking.k8s.io')
  const object = classes.find((each) =>
    named === undefined ? annotationsOf(each.body).get(IS_DEFAULT) === 'true' : each.name === named,
  )
  const controller = string(at(object?.body, 'spec', 'controller'))
  return { name: named ?? object?.name, controller: controller ?? named, object }
}

export function gatewayClassOf(cluster: Cluster, name: string): Class {
  const object = cluster.ofKind('GatewayClass', 'gateway.networking.k8s.io').find((each) => each.name === name)
  return { name, controller: string(at(object?.body, 'spec', 'controllerName')) ?? name, object }
}
