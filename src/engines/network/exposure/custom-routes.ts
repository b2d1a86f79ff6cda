import { at, field, type Json, list, type Path, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { throughProxy } from './backends.ts'
import type { Exposure, ExposureInput } from './exposure.ts'
import { facing, proxiesOf } from './proxies.ts'
import type { Reference } from './references.ts'

/** Route kinds of single proxies, whose rules name Services in lists. */
const KINDS: readonly {
  readonly kind: string
  readonly groups: readonly string[]
  readonly controller: string
  readonly lists: (spec: Json | undefined) => readonly [Json | undefined, Path][]
}[] = [
  { kind: 'IngressRoute', groups: ['traefik.io', 'traefik.containo.us'], controller: 'traefik', lists: byRoute },
  { kind: 'IngressRouteTCP', groups: ['traefik.io', 'traefik.containo.us'], controller: 'traefik', lists: byRoute },
  { kind: 'IngressRouteUDP', groups: ['traefik.io', 'traefik.containo.us'], controller: 'traefik', lists: byRoute },
  {
    kind: 'HTTPProxy',
    groups: ['projectcontour.io'],
    controller: 'contour',
    lists: (spec) => [...byRoute(spec), [at(spec, 'tcpproxy', 'services'), ['spec', 'tcpproxy', 'services']]],
  },
]

function byRoute(spec: Json | undefined): readonly [Json | undefined, Path][] {
  return list(field(spec, 'routes')).map((route, index) => [
    field(route, 'services'),
    ['spec', 'routes', index, 'services'],
  ])
}

export function* customRouteExposures({ model, found }: ExposureInput): Iterable<Exposure> {
  for (const { kind, groups, controller, lists } of KINDS) {
    for (const object of groups.flatMap((group) => model.cluster.ofKind(kind, group))) {
      const proxies = proxiesOf(model, controller)
      const truth = facing(model, found, proxies)
      const references = lists(field(object.body, 'spec')).flatMap(([services, path]) =>
        list(services).flatMap((each, index) => reference(object, each, [...path, index])),
      )
      yield* throughProxy(model, { kind: 'exposed-route', truth, object, proxies, because: [] }, references)
    }
  }
}

function reference(object: KubeObject, value: Json, path: Path): readonly Reference[] {
  const service = string(field(value, 'name'))
  if (service === undefined || (string(field(value, 'kind')) ?? 'Service') !== 'Service') return []
  return [
    { namespace: string(field(value, 'namespace')) ?? object.namespace, service, port: field(value, 'port'), path },
  ]
}

/** Kinds that put workloads on the internet and that this release does not read. */
const UNREAD: ReadonlySet<string> = new Set([
  'ApisixRoute.apisix.apache.org',
  'Mapping.getambassador.io',
  'RouteGroup.zalando.org',
  'VirtualServer.k8s.nginx.org',
  'TransportServer.k8s.nginx.org',
  'TargetGroupBinding.elbv2.k8s.aws',
  'TCPIngress.configuration.konghq.com',
  'UDPIngress.configuration.konghq.com',
  'VirtualService.gateway.solo.io',
  'DomainMapping.serving.knative.dev',
  'Route.serving.knative.dev',
  'Service.serving.knative.dev',
  'HTTPScaledObject.http.keda.sh',
  'IngressLink.cis.f5.com',
  'VirtualServer.cis.f5.com',
  'MultiClusterIngress.networking.gke.io',
])

export function isUnreadRoute(object: KubeObject): boolean {
  return UNREAD.has(`${object.kind}.${object.group}`)
}
