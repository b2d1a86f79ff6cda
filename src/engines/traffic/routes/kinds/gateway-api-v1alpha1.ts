import { at, field, type Json, list, type Path, string, strings } from '../../../../cluster/json.ts'
import { mayMatch, parseSelector, type Truth } from '../../../../cluster/labels.ts'
import { type KubeObject, labelsOf } from '../../../../cluster/object.ts'
import type { Backend } from '../behind.ts'
import type { Draft } from '../draft.ts'
import { type RouteInput, whole } from './kind.ts'

const GROUP = 'networking.x-k8s.io'

/**
 * The first Gateway API (networking.x-k8s.io/v1alpha1), which GKE served until 2022: there Gateways choose their routes by
 * labels, and routes say which Gateways may.
 */
export function* firstGatewayApiRoutes({ cluster, known, servers }: RouteInput): Iterable<Draft> {
  const gateways = cluster.ofKind('Gateway', GROUP)
  for (const object of cluster.ofKind('HTTPRoute', GROUP)) {
    const holding = gateways.filter((gateway) => holds(cluster, gateway, object) !== 'no')
    for (const gateway of holding) {
      const { controller, missing } = servers.ofGateway(gateway)
      const faces = known.facesOutside(gateway, controller?.product)
      const hosts = strings(at(object.body, 'spec', 'hostnames'))
      for (const [index, rule] of list(at(object.body, 'spec', 'rules')).entries()) {
        const place: Path = ['spec', 'rules', index]
        const backends = backendsOf(object, rule, place)
        for (const host of hosts.length === 0 ? [''] : hosts)
          for (const match of matchesOf(rule))
            yield {
              object,
              host,
              ...match,
              ...(holding.length > 1 ? { only: [match.only, `via ${gateway.name}`].filter(Boolean).join(' ') } : {}),
              protocol: 'http',
              backends,
              beyond: true,
              controller,
              faces: faces.truth,
              ...(missing === undefined ? {} : { missing }),
              places: whole(object),
              parents: [{ gateway, sections: [] }],
              rule: place,
              because: faces.because,
            }
      }
    }
  }
}

function holds(cluster: RouteInput['cluster'], gateway: KubeObject, route: KubeObject): Truth {
  const allowed = string(at(route.body, 'spec', 'gateways', 'allow')) ?? 'SameNamespace'
  if (allowed === 'SameNamespace' && gateway.namespace !== route.namespace) return 'no'
  const isListed = list(at(route.body, 'spec', 'gateways', 'gatewayRefs')).some(
    (each) => field(each, 'name') === gateway.name && field(each, 'namespace') === gateway.namespace,
  )
  if (allowed === 'FromList' && !isListed) return 'no'
  const chosen = list(at(gateway.body, 'spec', 'listeners')).some((listener) => {
    const routes = field(listener, 'routes')
    if ((string(field(routes, 'kind')) ?? '') !== 'HTTPRoute') return false
    const from = string(at(routes, 'namespaces', 'from')) ?? 'Same'
    if (from === 'Same' && gateway.namespace !== route.namespace) return false
    const spaces = parseSelector(at(routes, 'namespaces', 'selector'))
    const namespace = cluster.namespaces.get(route.namespace)
    if (from === 'Selector' && spaces !== undefined && typeof spaces !== 'string')
      if (mayMatch(spaces, namespace?.labels ?? new Map(), namespace?.seen ?? false) === 'no') return false
    const selector = parseSelector(field(routes, 'selector'))
    return (
      selector === undefined ||
      (typeof selector !== 'string' && mayMatch(selector, labelsOf(route.body), true) === 'yes')
    )
  })
  return chosen ? 'yes' : 'no'
}

function matchesOf(rule: Json): readonly Pick<Draft, 'path' | 'match' | 'only'>[] {
  const matches = list(field(rule, 'matches'))
  if (matches.length === 0) return [{ path: '/', match: 'prefix' }]
  return matches.map((each) => {
    const headers = Object.entries(at(each, 'headers', 'values') ?? {}).map(([key, value]) => `${key}=${String(value)}`)
    return {
      path: string(at(each, 'path', 'value')) ?? '/',
      match: string(at(each, 'path', 'type')) === 'Exact' ? 'exact' : 'prefix',
      ...(headers.length === 0 ? {} : { only: headers.join(' ') }),
    }
  })
}

function backendsOf(object: KubeObject, rule: Json, place: Path): readonly Backend[] {
  return list(field(rule, 'forwardTo')).flatMap((each, index) => {
    if (field(each, 'weight') === 0) return []
    const path = [...place, 'forwardTo', index]
    const service = string(field(each, 'serviceName'))
    const port = field(each, 'port')
    if (service !== undefined) return [{ namespace: object.namespace, name: service, port, path }]
    const kind = string(at(each, 'backendRef', 'kind'))
    const name = string(at(each, 'backendRef', 'name')) ?? ''
    return kind === undefined ? [] : [{ namespace: object.namespace, name, port, path, other: kind }]
  })
}
