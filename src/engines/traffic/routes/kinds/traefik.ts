import { at, field, type Json, list, type Path, string, strings } from '../../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Controller } from '../../controllers/controller.ts'
import type { Backend } from '../behind.ts'
import type { Draft } from '../draft.ts'
import { MOST_NESTED, type RouteInput, whole } from './kind.ts'
import { parseMatch } from './traefik-match.ts'

const GROUPS = ['traefik.io', 'traefik.containo.us']
const KINDS = [
  ['IngressRoute', 'http'],
  ['IngressRouteTCP', 'tcp'],
  ['IngressRouteUDP', 'udp'],
] as const

/** IngressRoute, IngressRouteTCP and IngressRouteUDP: each host and path of the match of each route. */
export function* traefikRoutes(input: RouteInput): Iterable<Draft> {
  for (const group of GROUPS)
    for (const [kind, protocol] of KINDS)
      for (const object of input.cluster.ofKind(kind, group)) yield* ofRoute(input, object, protocol)
}

function* ofRoute(input: RouteInput, object: KubeObject, protocol: Draft['protocol']): Iterable<Draft> {
  const { controller, missing } = input.servers.ofProduct('traefik')
  const faces = input.known.facesOutside(object, 'traefik')
  for (const [index, route] of list(at(object.body, 'spec', 'routes')).entries()) {
    const rule: Path = ['spec', 'routes', index]
    const backends = list(field(route, 'services')).flatMap((each, number) =>
      backendsOf(input, object, each, [...rule, 'services', number]),
    )
    for (const match of parseMatch(string(field(route, 'match')) ?? ''))
      yield {
        object,
        ...match,
        protocol,
        backends,
        ...(isIndirect(route) ? { beyond: true as const } : {}),
        controller,
        faces: isInner(route) && !isEntered(object, controller) ? 'no' : faces.truth,
        ...(missing === undefined ? {} : { missing }),
        places: whole(object),
        parents: [],
        rule,
        because: faces.because,
      }
  }
}

/** What Traefik itself answers: its dashboard, its API, its metrics. */
function isInner(route: Json): boolean {
  const names = list(field(route, 'services')).map((each) => string(field(each, 'name')) ?? '')
  return names.length > 0 && names.every((name) => name.endsWith('@internal'))
}

/** Whether a Service leads from outside to one of the entry points that the route names. */
function isEntered(object: KubeObject, controller: Controller | undefined): boolean {
  const named = strings(at(object.body, 'spec', 'entryPoints'))
  if (named.length === 0 || !controller?.workload) return true
  const flags = new Map([...controller.settings.flags].map(([name, { value }]) => [name.toLowerCase(), value]))
  const ports = named.flatMap((name) => {
    const address = flags.get(`entrypoints.${name.toLowerCase()}.address`)
    return [name, Number(/:(\d+)/.exec(address ?? '')?.[1])]
  })
  const outside = controller.services.filter((each) => at(each.body, 'spec', 'type') !== 'ClusterIP')
  return outside.some((each) =>
    list(at(each.body, 'spec', 'ports')).some((port) => ports.some((target) => target === field(port, 'targetPort'))),
  )
}

function isIndirect(route: Json): boolean {
  return list(field(route, 'services')).some((each) => field(each, 'kind') === 'TraefikService')
}

/** A TraefikService stands for weighted or mirrored Services, of which some are TraefikServices again. */
function backendsOf({ cluster }: RouteInput, object: KubeObject, value: Json, path: Path): readonly Backend[] {
  const found: Backend[] = []
  const seen = new Set<string>()
  const walk = (each: Json, own: string, depth: number): void => {
    const name = string(field(each, 'name'))
    if (name === undefined || field(each, 'weight') === 0) return
    const namespace = string(field(each, 'namespace')) ?? own
    if ((string(field(each, 'kind')) ?? 'Service') === 'Service') {
      found.push({ namespace, name, port: field(each, 'port'), path })
      return
    }
    const service = GROUPS.map((group) => cluster.get(idOf(`TraefikService.${group}`, namespace, name))).find(Boolean)
    if (!service || seen.has(service.id) || depth === MOST_NESTED) {
      found.push({ namespace, name, port: undefined, path, other: 'TraefikService' })
      return
    }
    seen.add(service.id)
    const spec = field(service.body, 'spec')
    for (const next of list(at(spec, 'weighted', 'services'))) walk(next, namespace, depth + 1)
    const mirroring = field(spec, 'mirroring')
    if (mirroring !== undefined) walk(mirroring, namespace, depth + 1)
  }
  walk(value, object.namespace, 0)
  return found
}
