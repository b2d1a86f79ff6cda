import { type AddressSet, PRIVATE, PUBLIC, uniteAddresses } from '../../../cluster/addresses.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, type Path, string } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Controller } from '../controllers/controller.ts'
import { type Servers, serversOf } from '../controllers/serving.ts'
import { SHIPPED_RANGES } from '../front/ranges.ts'
import { tunnelsOf } from '../front/tunnels.ts'
import type { Way } from './way.ts'

/** Ways to Services of controllers through another proxy: a load balancer of layer 7, a second controller, a tunnel. */
export function frontedWays(controller: Controller, cluster: Cluster): readonly Way[] {
  if (controller.services.length === 0) return []
  const fronts = frontsOf(cluster)
  return controller.services.flatMap((service) =>
    (fronts.get(service.id) ?? []).flatMap(({ by, way }) => (by === controller ? [] : [{ ...way, service }])),
  )
}

interface Front {
  /** Undefined for a tunnel. */
  readonly by: Controller | undefined
  readonly way: Omit<Way, 'service'>
}

const done = new WeakMap<Cluster, ReadonlyMap<string, readonly Front[]>>()

function frontsOf(cluster: Cluster): ReadonlyMap<string, readonly Front[]> {
  const known = done.get(cluster)
  if (known) return known
  const servers = serversOf(cluster)
  const led = new Set(servers.all().flatMap(({ services }) => services.map(({ id }) => id)))
  const found = new Map<string, Front[]>()
  const add = (id: string, front: Front): void => {
    const same = found.get(id)
    if (!same) found.set(id, [front])
    else if (same.length < MOST_FRONTS) same.push(front)
  }
  for (const { service, object, path, by } of references(cluster, servers, led))
    if (by) add(service, { by, way: byProxy(by, object, path) })
  for (const { rules } of tunnelsOf(cluster))
    for (const rule of rules ?? [])
      if (rule.service !== undefined && led.has(rule.service)) add(rule.service, { by: undefined, way: byTunnel(rule) })
  done.set(cluster, found)
  return found
}

/** Alike ones are many: each host of a front leads to the same Service. */
const MOST_FRONTS = 20

interface Reference {
  readonly service: string
  readonly object: KubeObject
  readonly path: Path
  readonly by: Controller | undefined
}

function* references(cluster: Cluster, servers: Servers, led: ReadonlySet<string>): Iterable<Reference> {
  for (const object of cluster.ofKind('Ingress', 'networking.k8s.io'))
    for (const [backend, path] of backendsOf(object)) {
      const name = string(at(backend, 'service', 'name')) ?? string(field(backend, 'serviceName')) ?? ''
      const service = idOf('Service', object.namespace, name)
      if (led.has(service)) yield { service, object, path, by: servers.ofIngress(object).controller }
    }
  for (const object of cluster.ofKind('HTTPRoute', GATEWAY_API))
    for (const [index, rule] of list(at(object.body, 'spec', 'rules')).entries())
      for (const [number, backend] of list(field(rule, 'backendRefs')).entries()) {
        const namespace = string(field(backend, 'namespace')) ?? object.namespace
        const service = idOf('Service', namespace, string(field(backend, 'name')) ?? '')
        const path = ['spec', 'rules', index, 'backendRefs', number]
        if (led.has(service)) yield { service, object, path, by: carrierOf(cluster, servers, object) }
      }
}

const GATEWAY_API = 'gateway.networking.k8s.io'

function backendsOf({ body }: KubeObject): readonly (readonly [Json | undefined, Path])[] {
  const rules = list(at(body, 'spec', 'rules')).flatMap((rule, index) =>
    list(at(rule, 'http', 'paths')).map((each, number): readonly [Json | undefined, Path] => [
      field(each, 'backend'),
      ['spec', 'rules', index, 'http', 'paths', number],
    ]),
  )
  return [[at(body, 'spec', 'defaultBackend'), ['spec', 'defaultBackend']], ...rules]
}

function carrierOf(cluster: Cluster, servers: Servers, route: KubeObject): Controller | undefined {
  for (const parent of list(at(route.body, 'spec', 'parentRefs'))) {
    const namespace = string(field(parent, 'namespace')) ?? route.namespace
    const gateway = cluster.get(idOf(`Gateway.${GATEWAY_API}`, namespace, string(field(parent, 'name')) ?? ''))
    if (gateway) return servers.ofGateway(gateway).controller
  }
  return undefined
}

const NAMES: Readonly<Record<string, string>> = {
  'aws-alb': 'an Application Load Balancer',
  gke: 'a load balancer of Google Cloud',
  azure: 'an Application Gateway',
}

function byProxy({ product }: Controller, object: KubeObject, path: Path): Front['way'] {
  const name = Object.hasOwn(NAMES, product) ? NAMES[product] : product
  return {
    keepsAddress: 'no',
    tellsAddress: 'no',
    appends: true,
    sources: PUBLIC,
    peers: product === 'gke' ? ofGoogle() : PRIVATE,
    because: [because(`${name} stands before it and connects with its own address`, object, path)],
  }
}

function ofGoogle(): AddressSet {
  const set = SHIPPED_RANGES.get('google-front-end')?.set
  return set ? uniteAddresses(PRIVATE, set) : PRIVATE
}

function byTunnel(rule: { readonly because: Way['because'][number] }): Front['way'] {
  return {
    keepsAddress: 'no',
    tellsAddress: 'no',
    appends: true,
    sources: SHIPPED_RANGES.get('cloudflare')?.set ?? PUBLIC,
    because: [because('a tunnel of Cloudflare connects with the address of its own pods'), rule.because],
  }
}
