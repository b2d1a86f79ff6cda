import { at, field, type Json, list, type Path, string } from '../../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Backend } from '../behind.ts'
import type { Draft, Place } from '../draft.ts'
import type { RouteInput } from './kind.ts'

const GROUP = 'k8s.nginx.org'

/** VirtualServer with its VirtualServerRoutes, and TransportServer, of NGINX Ingress Controller. */
export function* f5Routes(input: RouteInput): Iterable<Draft> {
  for (const object of input.cluster.ofKind('VirtualServer', GROUP)) yield* ofVirtualServer(input, object)
  for (const object of input.cluster.ofKind('TransportServer', GROUP)) yield* ofTransportServer(input, object)
}

/** What holds for a whole server: everything of its spec but the routes and their upstreams. */
const SERVER_PARTS: readonly Path[] = [
  ['spec', 'policies'],
  ['spec', 'server-snippets'],
  ['spec', 'http-snippets'],
]

function* ofVirtualServer(input: RouteInput, object: KubeObject): Iterable<Draft> {
  const common = commonOf(input, object)
  const host = string(at(object.body, 'spec', 'host')) ?? ''
  for (const [index, route] of list(at(object.body, 'spec', 'routes')).entries()) {
    const rule: Path = ['spec', 'routes', index]
    const server: Place = { object, within: SERVER_PARTS }
    const delegated = string(field(route, 'route'))
    if (delegated === undefined) {
      yield* ofRoute(object, route, rule, { ...common, host }, [server])
      continue
    }
    const [namespace, name] = delegated.includes('/') ? delegated.split('/', 2) : [object.namespace, delegated]
    const child = input.cluster.get(idOf(`VirtualServerRoute.${GROUP}`, namespace ?? '', name ?? ''))
    const places = [server, { object, within: [rule] }]
    for (const [number, subroute] of list(at(child?.body, 'spec', 'subroutes')).entries())
      if (child) yield* ofRoute(child, subroute, ['spec', 'subroutes', number], { ...common, host }, places)
  }
}

type Common = Pick<Draft, 'controller' | 'faces' | 'parents' | 'because' | 'host' | 'missing'>

function commonOf({ known, servers }: RouteInput, object: KubeObject): Common {
  const { controller, missing } = servers.ofProduct('f5-nginx', string(at(object.body, 'spec', 'ingressClassName')))
  const faces = known.facesOutside(object, 'nginx.org/ingress-controller')
  return {
    controller,
    faces: faces.truth,
    parents: [],
    because: faces.because,
    host: '',
    ...(missing === undefined ? {} : { missing }),
  }
}

function* ofRoute(
  object: KubeObject,
  route: Json,
  rule: Path,
  common: Common,
  places: readonly Place[],
): Iterable<Draft> {
  const written = string(field(route, 'path')) ?? '/'
  const upstreams = [
    field(route, 'action'),
    ...list(field(route, 'splits'))
      .filter((each) => field(each, 'weight') !== 0)
      .map((each) => field(each, 'action')),
    ...list(field(route, 'matches')).flatMap((each) => [
      field(each, 'action'),
      ...list(field(each, 'splits')).map((split) => field(split, 'action')),
    ]),
  ].flatMap((action) => string(field(action, 'pass')) ?? string(at(action, 'proxy', 'upstream')) ?? [])
  const found = [...new Set(upstreams)].flatMap((name) => upstream(object, name))
  yield {
    ...common,
    object,
    path: written.replace(/^(=|~\*?)\s*/, ''),
    match: written.startsWith('=') ? 'exact' : written.startsWith('~') ? 'regex' : 'prefix',
    protocol: 'http',
    backends: found.map(({ backend }) => backend),
    beyond: true,
    places: [...places, { object, within: [rule, ...found.map(({ place }) => place)] }],
    rule,
  }
}

function upstream(object: KubeObject, name: string): readonly { backend: Backend; place: Path }[] {
  const all = list(at(object.body, 'spec', 'upstreams'))
  const index = all.findIndex((each) => field(each, 'name') === name)
  const found = all[index]
  const place: Path = ['spec', 'upstreams', index]
  const written = string(field(found, 'service'))
  if (found === undefined || written === undefined) return []
  const [namespace, service] = written.includes('/') ? written.split('/', 2) : [object.namespace, written]
  return [
    {
      backend: {
        namespace: namespace ?? '',
        name: service ?? '',
        port: field(found, 'port'),
        path: [...place, 'service'],
      },
      place,
    },
  ]
}

function* ofTransportServer(input: RouteInput, object: KubeObject): Iterable<Draft> {
  const name = string(at(object.body, 'spec', 'action', 'pass'))
  const listener = string(at(object.body, 'spec', 'listener', 'name')) ?? ''
  const found = name === undefined ? [] : upstream(object, name)
  yield {
    ...commonOf(input, object),
    object,
    host: string(at(object.body, 'spec', 'host')) ?? '',
    path: '',
    only: `listener ${listener}`,
    protocol: string(at(object.body, 'spec', 'listener', 'protocol')) === 'UDP' ? 'udp' : 'tcp',
    backends: found.map(({ backend }) => backend),
    beyond: true,
    places: [{ object }],
    rule: ['spec', 'action'],
  }
}
