import { at, field, isObject, type Json, list, type Path, string } from '../../../../cluster/json.ts'
import type { KubeObject } from '../../../../cluster/object.ts'
import type { Backend } from '../behind.ts'
import type { Draft } from '../draft.ts'
import { type RouteInput, whole } from './kind.ts'

/** networking.k8s.io and extensions Ingress: its default backend, and each path of each host. */
export function* ingressRoutes(input: RouteInput): Iterable<Draft> {
  for (const object of input.cluster.ofKind('Ingress', 'networking.k8s.io')) yield* ofIngress(input, object)
}

function* ofIngress({ known, servers }: RouteInput, object: KubeObject): Iterable<Draft> {
  const { controller, missing } = servers.ofIngress(object)
  const faces = known.facesOutside(object, controller?.product)
  const common = {
    object,
    protocol: 'http' as const,
    controller,
    faces: faces.truth,
    places: whole(object),
    parents: [],
    because: faces.because,
    ...(missing === undefined ? {} : { missing }),
  }
  const spec = field(object.body, 'spec')
  for (const key of ['defaultBackend', 'backend']) {
    const backend = backendOf(object, field(spec, key), ['spec', key])
    if (backend) yield { ...common, host: '', path: '', backends: [backend], rule: ['spec', key] }
  }
  for (const [index, rule] of list(field(spec, 'rules')).entries()) {
    const host = string(field(rule, 'host')) ?? ''
    for (const [number, each] of list(at(rule, 'http', 'paths')).entries()) {
      const place = ['spec', 'rules', index, 'http', 'paths', number]
      const backend = backendOf(object, field(each, 'backend'), [...place, 'backend'])
      const path = string(field(each, 'path')) ?? '/'
      if (backend) yield { ...common, host, path, match: matchOf(each), backends: [backend], rule: place }
    }
  }
}

function matchOf(path: Json): 'exact' | 'prefix' | 'regex' {
  const type = field(path, 'pathType')
  return type === 'Exact'
    ? 'exact'
    : type === 'ImplementationSpecific' && isPattern(string(field(path, 'path')))
      ? 'regex'
      : 'prefix'
}

function isPattern(path = ''): boolean {
  return /[()*+?|^$\\]/.test(path)
}

/** extensions/v1beta1 wrote serviceName and servicePort. */
function backendOf(object: KubeObject, value: Json | undefined, path: Path): Backend | undefined {
  if (!isObject(value)) return undefined
  const name = string(at(value, 'service', 'name')) ?? string(field(value, 'serviceName'))
  const port =
    at(value, 'service', 'port', 'number') ?? at(value, 'service', 'port', 'name') ?? field(value, 'servicePort')
  if (name !== undefined) return { namespace: object.namespace, name, port, path }
  const resource = field(value, 'resource')
  if (!isObject(resource)) return undefined
  return {
    namespace: object.namespace,
    name: string(field(resource, 'name')) ?? '',
    port: undefined,
    path,
    other: string(field(resource, 'kind')) ?? 'resource',
  }
}
