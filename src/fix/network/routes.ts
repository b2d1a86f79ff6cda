import { at, field, isObject, type Json, list, string, strings } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import type { Service, ServicePort } from '../../engines/network/services.ts'

/** Objects that have a proxy pass requests on to Services, whether or not from the internet. */
const ROUTES: ReadonlySet<string> = new Set([
  'Ingress.networking.k8s.io',
  ...['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map((kind) => `${kind}.gateway.networking.k8s.io`),
  'Route.route.openshift.io',
  ...['IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP', 'TraefikService'].map((kind) => `${kind}.traefik.io`),
  ...['IngressRoute', 'IngressRouteTCP', 'IngressRouteUDP', 'TraefikService'].map(
    (kind) => `${kind}.traefik.containo.us`,
  ),
  'HTTPProxy.projectcontour.io',
  'VirtualServer.k8s.nginx.org',
  'Mapping.getambassador.io',
  'VirtualService.networking.istio.io',
])

export interface Routed {
  readonly by: KubeObject
  readonly service: Service
  readonly ports: readonly ServicePort[]
}

/** Every Service that a route refers to: whatever in it has the name of one is taken for a reference. */
export function* routedBy(model: NetworkModel): Generator<Routed> {
  for (const by of model.cluster.objects)
    if (ROUTES.has(`${by.kind}.${by.group}`) && !isInsideMesh(by))
      yield* referencesIn(model, by, field(by.body, 'spec'))
}

/** Without a gateway it tells the sidecars of the mesh where to go. */
function isInsideMesh({ kind, body }: KubeObject): boolean {
  return kind === 'VirtualService' && strings(at(body, 'spec', 'gateways')).every((gateway) => gateway === 'mesh')
}

/** No route is nested deeper. */
const DEEPEST = 24

function* referencesIn(model: NetworkModel, by: KubeObject, value: Json | undefined, depth = 0): Generator<Routed> {
  if (depth > DEEPEST) return
  if (Array.isArray(value)) for (const each of list(value)) yield* referencesIn(model, by, each, depth + 1)
  if (!isObject(value)) return
  const namespace = string(field(value, 'namespace')) ?? by.namespace
  for (const key of ['name', 'serviceName', 'host', 'service']) {
    const [name = '', of = namespace] = (string(field(value, key)) ?? '').replace(/:\d+$/, '').split('.')
    const service = name === '' ? undefined : model.services.get(of, name)
    if (!service) continue
    const port = field(value, 'port') ?? field(value, 'servicePort')
    const wanted = isObject(port) ? (field(port, 'number') ?? field(port, 'name')) : port
    const ports = service.ports.filter(({ name, port }) => wanted === port || wanted === name || wanted === `${port}`)
    yield { by, service, ports: ports.length > 0 ? ports : service.ports }
  }
  for (const each of Object.values(value)) if (typeof each === 'object') yield* referencesIn(model, by, each, depth + 1)
}
