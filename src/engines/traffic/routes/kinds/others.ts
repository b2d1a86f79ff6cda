import { at, field, type Json, list, type Path, string } from '../../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Backend } from '../behind.ts'
import type { Draft } from '../draft.ts'
import { type RouteInput, whole } from './kind.ts'

/** route.openshift.io Route. */
export function* openShiftRoutes({ cluster, known, servers }: RouteInput): Iterable<Draft> {
  for (const object of cluster.ofKind('Route', 'route.openshift.io')) {
    const { controller } = servers.ofProduct('openshift')
    const faces = known.facesOutside(object, 'openshift')
    const spec = field(object.body, 'spec')
    const targets: readonly (readonly [Json | undefined, Path])[] = [
      [field(spec, 'to'), ['spec', 'to']],
      ...list(field(spec, 'alternateBackends')).map(
        (each, index) => [each, ['spec', 'alternateBackends', index]] as const,
      ),
    ]
    yield {
      object,
      host: string(field(spec, 'host')) ?? '',
      path: string(field(spec, 'path')) ?? '/',
      protocol: string(at(spec, 'tls', 'termination')) === 'passthrough' ? 'tcp' : 'http',
      backends: targets.flatMap(([target, path]) => {
        const name = string(field(target, 'name'))
        if (name === undefined || field(target, 'weight') === 0) return []
        return [
          { namespace: object.namespace, name, port: at(spec, 'port', 'targetPort'), byTarget: true as const, path },
        ]
      }),
      controller,
      faces: faces.truth,
      places: whole(object),
      parents: [],
      rule: ['spec'],
      because: faces.because,
    }
  }
}

/** TCPIngress and UDPIngress of Kong. */
export function* kongRoutes({ cluster, known, servers }: RouteInput): Iterable<Draft> {
  for (const [kind, protocol] of [
    ['TCPIngress', 'tcp'],
    ['UDPIngress', 'udp'],
  ] as const)
    for (const object of cluster.ofKind(kind, 'configuration.konghq.com')) {
      const { controller } = servers.ofProduct('kong')
      const faces = known.facesOutside(object, 'kong')
      for (const [index, rule] of list(at(object.body, 'spec', 'rules')).entries())
        yield {
          object,
          host: string(field(rule, 'host')) ?? '',
          path: '',
          only: `:${String(field(rule, 'port') ?? '')}`,
          beyond: true,
          protocol,
          backends: named(object, field(rule, 'backend'), ['spec', 'rules', index, 'backend']),
          controller,
          faces: faces.truth,
          places: whole(object),
          parents: [],
          rule: ['spec', 'rules', index],
          because: faces.because,
        }
    }
}

/** GKE's Ingress over several clusters: its backends are MultiClusterServices, which select pods themselves. */
export function* multiClusterRoutes({ cluster, servers }: RouteInput): Iterable<Draft> {
  for (const object of cluster.ofKind('MultiClusterIngress', 'networking.gke.io')) {
    const { controller } = servers.ofProduct('gke')
    const base: Path = ['spec', 'template', 'spec']
    const spec = at(object.body, ...base)
    const rules: readonly { value: Json | undefined; host: string; path: string; place: Path }[] = [
      { value: field(spec, 'backend'), host: '', path: '', place: [...base, 'backend'] },
      ...list(field(spec, 'rules')).flatMap((rule, index) =>
        list(at(rule, 'http', 'paths')).map((each, number) => ({
          value: field(each, 'backend'),
          host: string(field(rule, 'host')) ?? '',
          path: string(field(each, 'path')) ?? '/',
          place: [...base, 'rules', index, 'http', 'paths', number, 'backend'] as Path,
        })),
      ),
    ]
    for (const { value, host, path, place } of rules) {
      const backends = named(object, value, place).map((each) => ({ ...each, other: 'MultiClusterService' }))
      if (backends.length === 0) continue
      yield {
        object,
        host,
        path,
        protocol: 'http',
        backends,
        beyond: true,
        controller,
        faces: 'yes',
        places: whole(object),
        parents: [],
        rule: place,
        because: [],
      }
    }
  }
}

function named(object: KubeObject, value: Json | undefined, path: Path): readonly Backend[] {
  const name = string(field(value, 'serviceName'))
  return name === undefined ? [] : [{ namespace: object.namespace, name, port: field(value, 'servicePort'), path }]
}

export function multiClusterService(
  cluster: RouteInput['cluster'],
  { namespace, name }: Backend,
): KubeObject | undefined {
  return cluster.get(idOf('MultiClusterService.networking.gke.io', namespace, name))
}
