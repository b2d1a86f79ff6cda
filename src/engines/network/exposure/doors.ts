import { type Because, because } from '../../../cluster/because.ts'
import { attachments } from '../../../cluster/gateway-api/attachments.ts'
import { at, type JsonObject } from '../../../cluster/json.ts'
import { either, type Truth } from '../../../cluster/labels.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { proxyOfClass } from '../../../cluster/proxies.ts'
import { ingressClassOf } from '../../../cluster/serving-class.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import { exposuresOf } from './exposures.ts'
import { gatewayFaces, proxiesOfGateway } from './gateway.ts'
import { ingressFaces } from './ingress.ts'
import { facing, proxiesOf } from './proxies.ts'

/** A way in from the internet on which a new object of some kind would lead to workloads. */
export interface Door {
  readonly route: RouteKind
  /** Undefined: no proxy, but what kube-proxy and load balancers do for Services. */
  readonly proxies: readonly PodMember[] | undefined
  /** Whether it leads out to the internet. */
  readonly truth: Exclude<Truth, 'no'>
  /** Whether it takes objects of a namespace. */
  takes(namespace: string): Truth
  readonly because: readonly Because[]
}

/** A kind of object that says which Services, or pods, a way in leads to. */
export interface RouteKind {
  readonly kind: string
  readonly group: string
  readonly resource: string
}

const GATEWAY_API = 'gateway.networking.k8s.io'
export const SERVICE: RouteKind = { kind: 'Service', group: '', resource: 'services' }
export const INGRESS: RouteKind = { kind: 'Ingress', group: 'networking.k8s.io', resource: 'ingresses' }
export const GATEWAY_ROUTES: readonly RouteKind[] = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(
  (kind) => ({ kind, group: GATEWAY_API, resource: `${kind.toLowerCase()}s` }),
)
/** Kinds of one product, by which its proxies are asked. */
const OF_PRODUCTS: readonly (RouteKind & { readonly product: string })[] = [
  { kind: 'Route', group: 'route.openshift.io', resource: 'routes', product: 'openshift' },
  { kind: 'IngressRoute', group: 'traefik.io', resource: 'ingressroutes', product: 'traefik' },
  { kind: 'IngressRouteTCP', group: 'traefik.io', resource: 'ingressroutetcps', product: 'traefik' },
  { kind: 'IngressRouteUDP', group: 'traefik.io', resource: 'ingressrouteudps', product: 'traefik' },
  { kind: 'HTTPProxy', group: 'projectcontour.io', resource: 'httpproxies', product: 'contour' },
]

export const ROUTE_KINDS: readonly RouteKind[] = [SERVICE, INGRESS, ...GATEWAY_ROUTES, ...OF_PRODUCTS]

/** The doors of a cluster, those that surely face the internet first. */
export function doorsOf(model: NetworkModel): readonly Door[] {
  const all = [ofServices(model), ...ofIngresses(model), ...ofGateways(model), ...ofProducts(model)]
  return [...all.filter(({ truth }) => truth === 'yes'), ...all.filter(({ truth }) => truth !== 'yes')]
}

/**
 * Every cluster gives a Service ports of its nodes, which a firewall may close; whether it gives load balancers is seen by
 * those that it has.
 */
function ofServices(model: NetworkModel): Door {
  const balanced = exposuresOf(model).find(({ kind, truth }) => kind === 'exposed-load-balancer' && truth === 'yes')
  const object = balanced ? model.cluster.get(balanced.rule) : undefined
  const without = bounded(model)
  return {
    route: SERVICE,
    proxies: undefined,
    truth: object ? 'yes' : 'unknown',
    takes: (namespace) => (without.has(namespace) ? 'unknown' : 'yes'),
    because: [
      object
        ? because('the cluster gives Services load balancers', object, ['spec', 'type'])
        : because('a Service may have a port of each node, unless a firewall closes it'),
    ],
  }
}

/** A quota of no load balancers leaves ports of nodes and external addresses. */
function bounded({ cluster }: NetworkModel): ReadonlySet<string> {
  const none = cluster.ofKind('ResourceQuota').filter(({ body }) => {
    const most = at(body, 'spec', 'hard', 'services.loadbalancers')
    return most === 0 || most === '0'
  })
  return new Set(none.map(({ namespace }) => namespace))
}

/** Of each class that the input names or has, as an Ingress of it would be served that asks for the internet. */
function* ofIngresses(model: NetworkModel): Iterable<Door> {
  const { cluster } = model
  const existing = cluster.ofKind('Ingress', INGRESS.group)
  const names = new Set<string | undefined>([
    ...cluster.ofKind('IngressClass', INGRESS.group).map(({ name }) => name),
    ...existing.map((ingress) => ingressClassOf(cluster, ingress).name),
  ])
  for (const name of names) {
    const asked = madeUp(INGRESS, '', { ...(name === undefined ? {} : { ingressClassName: name }) }, OPEN)
    const served = ingressClassOf(cluster, asked)
    const { truth, because: reasons } = ingressFaces(model, exposuresOf(model), asked)
    if (truth === 'no') continue
    const example = existing.find((each) => ingressClassOf(cluster, each).name === name)
    const by = served.object
      ? because(`IngressClass ${served.object.name} serves Ingresses of every namespace`, served.object)
      : because('Ingresses of its class are served', example)
    yield {
      route: INGRESS,
      proxies: proxiesOf(model, served.controller),
      truth,
      takes: () => 'yes',
      because: [by, ...reasons.filter(({ object }) => object !== asked)],
    }
  }
}

const OPEN = { annotations: { 'alb.ingress.kubernetes.io/scheme': 'internet-facing' } }

/** Gateways and their ListenerSets, by the kinds of route and the namespaces that their listeners take. */
function* ofGateways(model: NetworkModel): Iterable<Door> {
  const { cluster } = model
  const parents = [
    ...cluster.ofKind('Gateway', GATEWAY_API),
    ...cluster.ofKind('ListenerSet', GATEWAY_API),
    ...cluster.ofKind('XListenerSet', 'gateway.networking.x-k8s.io'),
  ]
  for (const parent of parents) {
    const gateway = parent.kind === 'Gateway' ? parent : gatewayOf(model, parent)
    const faces = gateway ? gatewayFaces(model, exposuresOf(model), gateway) : UNSEEN
    if (faces.truth === 'no') continue
    const why = because('serves routes that its listeners take', parent, ['spec', 'listeners'])
    const proxies = gateway ? proxiesOfGateway(model, gateway) : []
    for (const route of GATEWAY_ROUTES) {
      const known = new Map<string, Truth>()
      yield {
        route,
        proxies,
        truth: faces.truth,
        takes: (namespace) => {
          const taken = known.get(namespace) ?? attached(model, route, parent, namespace)
          known.set(namespace, taken)
          return taken
        },
        because: [why, ...faces.because],
      }
    }
  }
}

const UNSEEN = { truth: 'unknown', because: [] } as const

function gatewayOf({ cluster }: NetworkModel, set: KubeObject): KubeObject | undefined {
  const owner = at(set.body, 'spec', 'parentRef')
  const [namespace, name] = ['namespace', 'name'].map((key) => at(owner, key))
  return cluster.get(
    idOf(`Gateway.${GATEWAY_API}`, typeof namespace === 'string' ? namespace : set.namespace, String(name)),
  )
}

function attached({ cluster }: NetworkModel, route: RouteKind, parent: KubeObject, namespace: string): Truth {
  const { kind, group, name } = parent
  const asked = madeUp(route, namespace, { parentRefs: [{ group, kind, name, namespace: parent.namespace }] })
  return attachments(cluster, asked).reduce<Truth>((truth, each) => either(truth, each.truth), 'no')
}

function* ofProducts(model: NetworkModel): Iterable<Door> {
  for (const route of OF_PRODUCTS) {
    const proxies = proxiesOf(model, route.product)
    const [example] = model.cluster.ofKind(route.kind, route.group)
    const [proxy] = proxies
    if (!example && (!proxy || !proxyOfClass(route.product))) continue
    const truth = facing(model, exposuresOf(model), proxies)
    if (truth === 'no') continue
    yield {
      route,
      proxies,
      truth: example ? truth : 'unknown',
      takes: () => 'yes',
      because: [
        example
          ? because(`objects of kind ${route.kind} are served`, example)
          : because(`${route.product} serves objects of kind ${route.kind}`, proxy?.object),
      ],
    }
  }
}

/** An object that nobody has written, to ask what would become of it. */
function madeUp(route: RouteKind, namespace: string, spec: JsonObject, metadata: JsonObject = {}): KubeObject {
  const { kind, group } = route
  return {
    id: idOf(`${kind}.${group}`, namespace, ''),
    group,
    version: 'v1',
    kind,
    namespace,
    name: '',
    body: { metadata, spec },
  }
}
