import type { Cluster } from '../../../cluster/cluster.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { Known } from '../../known.ts'
import { type Making, placesOfAll } from '../making.ts'
import { probe, probes } from '../probe.ts'
import type { Right, Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, step, together } from '../rule.ts'
import { openAddress } from './addresses.ts'
import { isService, leading, type Way, wayOf, writes } from './ways.ts'

/**
 * Rights over what leads requests into a cluster: Services, Ingresses, routes of the Gateway API and of single products. Who
 * writes them says which pods of the namespace the outside can connect to, where NetworkPolicies let it; and under a name
 * that routes of several namespaces share, who gets the requests.
 */

const FROM = 'User, Group, ServiceAccount'
const GATEWAY_API = 'gateway.networking.k8s.io'
const GRANTS = probes(['create', 'update', 'patch'], GATEWAY_API, ['referencegrants'])
const ANSWERS = [probe('create', 'discovery.k8s.io', 'endpointslices'), probe('create', '', 'services')]

const KINDS: readonly EdgeKind[] = [
  {
    kind: 'open-service',
    title: 'opens a way in from outside',
    from: FROM,
    to: 'Scope requests to a new Service',
    chance: '1 to the scope, which leads on by lets-in',
    precondition:
      '`create` on services, or `update`/`patch` of one that is there: of type LoadBalancer or NodePort, with a selector of any pods of the namespace. Unknown where no Service of the input has a load balancer on the internet, where a ResourceQuota allows no load balancer, and where a webhook or a policy may refuse Services',
    source: 'core/v1 ServiceSpec',
  },
  {
    kind: 'open-route',
    title: 'opens a way in from outside',
    from: FROM,
    to: 'Scope requests to a new Ingress, HTTPRoute, …',
    chance: '1 to the scope, which leads on by lets-in',
    precondition:
      '`create` on ingresses, on routes of the Gateway API, of OpenShift, Traefik or Contour, or `update`/`patch` of one that is there; and what serves them faces the internet and takes those of the namespace (a class, a listener of a Gateway). It leads to Services of the namespace, to those of others that a ReferenceGrant opens or that the same subject can open by `create` on referencegrants, and with a right to write Services to any pod of the namespace',
    source: 'networking.k8s.io/v1 IngressSpec; gateway-api.sigs.k8s.io/api-types/referencegrant',
  },
  {
    kind: 'open-address',
    title: 'leads requests from outside to addresses of its choice',
    from: FROM,
    to: 'Scope requests to any address',
    chance: '1 to the scope, which leads on by lets-in',
    precondition:
      '`create`, `update` or `patch` on endpointslices (or on endpoints, with a right to write Services: of a Service without a selector they are mirrored), and in the same namespace a workload that is exposed by a Service or route, or a right to write one. Policies of the workloads that are named still hold, but they see a proxy or a node that they let in',
    source: 'CVE-2021-25740; kubernetes/kubernetes#103675',
  },
  {
    kind: 'take-route',
    title: 'takes requests for the names of others',
    from: FROM,
    to: 'Scope requests for names of Ingresses, or of HTTPRoutes',
    chance: '1 to the scope, which leads on by answers-for',
    precondition:
      'a right to write Ingresses or HTTPRoutes as for open-route, something to answer with in the same namespace (`create` on endpointslices or services, or pods of one’s own making), and what serves them joins those of several namespaces under one name, the more specific path first: ingress-nginx, Traefik, a listener of a Gateway that takes routes of both; of other controllers it is unknown, and never of those that keep a name to one object or namespace',
    source: 'gateway-api.sigs.k8s.io/reference/spec HTTPRouteRule; kubernetes.github.io/ingress-nginx/how-it-works',
  },
]

export const OPENED_KIND: EdgeKind = {
  kind: 'lets-in',
  title: 'can reach',
  from: 'Scope requests to …',
  to: 'workload',
  chance: '0.1 on a port that it is known to serve, or that a Service leads to, 0.02 on another',
  precondition: 'policies that isolate the workload for ingress admit the outside, or a proxy of the way in',
  source: 'docs/reference/risk.md',
}

export function openingRules(cluster: Cluster, making: Making, known: Known): readonly AccessRule[] {
  let made: readonly Way[] | undefined
  const ways = (): readonly Way[] => {
    made ??= known.openings().routes.map((opening) => wayOf(cluster, known, opening))
    return made
  }
  const rule = (kind: EdgeKind, edges: AccessRule['edges']): AccessRule => ({ kinds: [kind], edges })
  const [service, route, address, names] = KINDS as readonly [EdgeKind, EdgeKind, EdgeKind, EdgeKind]
  return [
    rule(service, (rights, context) => openService(ways(), rights, context)),
    rule(route, (rights, context) => openRoute(ways(), rights, context)),
    rule(address, (rights, context) => openAddress(ways(), rights, context)),
    rule(names, (rights, context) => takeRoute(ways(), making, rights, context)),
  ]
}

function* openService(ways: readonly Way[], rights: Rights, context: AccessContext): Generator<Edge> {
  const told = new Set<string>()
  for (const way of ways.filter(isService))
    for (const { place, by } of placesOfAll(rights, (at) => writes(way, rights, at, context)))
      for (const to of leading(way, way.made, by[0] as Right, place, context))
        yield* once(told, step('open-service', rights, to, by))
}

function* openRoute(ways: readonly Way[], rights: Rights, context: AccessContext): Generator<Edge> {
  const services = ways.filter(isService)
  for (const way of ways) {
    if (isService(way)) continue
    const told = new Set<string>()
    const routes = (place: string): readonly Right[] => writes(way, rights, place, context)
    for (const { place, by } of placesOfAll(rights, routes))
      for (const to of leading(way, way.made, by[0] as Right, place, context))
        yield* once(told, step('open-route', rights, to, by))
    const any = (place: string): readonly Right[] => services.flatMap((each) => writes(each, rights, place, context))
    for (const { place, by } of placesOfAll(rights, routes, any))
      for (const to of leading(way, way.withService, by[0] as Right, place, context))
        yield* once(told, step('open-route', rights, to, by))
    if (way.opening.group === GATEWAY_API) yield* byGrant(way, rights, context, told)
  }
}

/** A route here and a grant there: two rights in two namespaces. */
function* byGrant(way: Way, rights: Rights, context: AccessContext, told: Set<string>): Generator<Edge> {
  const { cluster, scopes } = context
  const isOfUse = ({ probe, names }: Right, place: string): boolean =>
    probe.verb === 'create'
      ? names === undefined
      : cluster
          .ofKind('ReferenceGrant', GATEWAY_API)
          .some((each) => scopes.within(place).includes(each.namespace) && (names?.includes(each.name) ?? true))
  const routes = ['', ...rights.namespaces].flatMap((place) =>
    scopes.within(place).some((each) => way.opening.takes(each))
      ? writes(way, rights, place, context).filter(({ held }) => held.namespace === place)
      : [],
  )
  if (routes.length === 0) return
  for (const place of ['', ...rights.namespaces]) {
    const grants = rights
      .in(place, ...GRANTS)
      .filter((right) => right.held.namespace === place && isOfUse(right, place))
    if (grants.length === 0 || !scopes.within(place).some((each) => !way.granted.isEmpty(each, scopes))) continue
    for (const by of together(rights, grants, routes))
      yield* once(told, step('open-route', rights, scopes.of(way.granted.created, place), by))
  }
}

function* takeRoute(ways: readonly Way[], making: Making, rights: Rights, context: AccessContext): Generator<Edge> {
  for (const way of ways) {
    if (way.opening.shared().length === 0) continue
    const told = new Set<string>()
    const routes = (place: string): readonly Right[] => writes(way, rights, place, context)
    const answers = (place: string): readonly Right[] => [
      ...creating(rights, place, ...ANSWERS),
      ...making.labels(rights, place, context),
    ]
    for (const { place, by } of placesOfAll(rights, routes, answers))
      for (const to of leading(way, way.names, by[0] as Right, place, context))
        yield* once(told, step('take-route', rights, to, by))
  }
}
