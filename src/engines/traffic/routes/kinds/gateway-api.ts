import { type Attachment, attachments, isGranted, type Listener } from '../../../../cluster/gateway-api/attachments.ts'
import { at, field, isObject, type Json, list, type Path, string, strings } from '../../../../cluster/json.ts'
import { both } from '../../../../cluster/labels.ts'
import type { KubeObject } from '../../../../cluster/object.ts'
import type { Backend } from '../behind.ts'
import type { Draft } from '../draft.ts'
import { meet } from '../hosts.ts'
import { aboutRule, type RouteInput } from './kind.ts'

const GROUP = 'gateway.networking.k8s.io'
const KINDS = [
  ['HTTPRoute', 'http'],
  ['GRPCRoute', 'http'],
  ['TLSRoute', 'tcp'],
  ['TCPRoute', 'tcp'],
  ['UDPRoute', 'udp'],
] as const

/** Routes of the Gateway API, by Gateway, host and match. A Service as parent is traffic inside a mesh. */
export function* gatewayApiRoutes(input: RouteInput): Iterable<Draft> {
  for (const [kind, protocol] of KINDS)
    for (const object of input.cluster.ofKind(kind, GROUP)) yield* ofRoute(input, object, protocol)
}

function* ofRoute(input: RouteInput, object: KubeObject, protocol: Draft['protocol']): Iterable<Draft> {
  const attached = byGateway(attachments(input.cluster, object))
  for (const attachment of attached) {
    const { gateway, truth, listeners } = attachment
    if (truth === 'no') continue
    const serving = gateway ? input.servers.ofGateway(gateway) : { controller: undefined, missing: 'its Gateway' }
    const faces = gateway ? input.known.facesOutside(gateway, serving.controller?.product) : UNKNOWN
    const common = {
      object,
      protocol,
      controller: serving.controller,
      faces: both(truth, faces.truth),
      parents: gateway ? [{ gateway, sections: listeners.map(({ name }) => name) }] : [],
      because: [...attachment.because, ...faces.because],
      ...(serving.missing === undefined ? {} : { missing: serving.missing }),
    }
    const via = attached.length > 1 && gateway ? `via ${gateway.name}` : undefined
    for (const [index, rule] of list(at(object.body, 'spec', 'rules')).entries()) {
      const place: Path = ['spec', 'rules', index]
      const backends = backendsOf(input, object, rule, place)
      for (const host of hostsOf(object, listeners))
        for (const match of matchesOf(object, rule, listeners))
          yield {
            ...common,
            host,
            ...match,
            ...onlyOf(match.only, via),
            backends,
            places: aboutRule(object, place),
            rule: place,
          }
    }
  }
}

const UNKNOWN = { truth: 'unknown', because: [] } as const

function onlyOf(only: string | undefined, via: string | undefined): { only?: string } {
  const text = [only, via].filter((each) => each !== undefined).join(' ')
  return text === '' ? {} : { only: text }
}

/** A route may name listeners of one Gateway one by one. */
function byGateway(all: readonly Attachment[]): readonly Attachment[] {
  const joined = new Map<string, Attachment>()
  for (const [index, each] of all.entries()) {
    if (each.truth === 'no') continue
    const key = each.gateway?.id ?? `${index}`
    const same = joined.get(key)
    joined.set(
      key,
      same
        ? {
            ...same,
            listeners: [...same.listeners, ...each.listeners],
            truth: same.truth === 'yes' ? 'yes' : each.truth,
          }
        : each,
    )
  }
  return [...joined.values()]
}

/** GEP-1016: the hosts of the route that a listener has too; those of the listeners where the route names none. */
function hostsOf(object: KubeObject, listeners: readonly Listener[]): readonly string[] {
  const named =
    object.kind === 'TCPRoute' || object.kind === 'UDPRoute' ? [] : strings(at(object.body, 'spec', 'hostnames'))
  const served = listeners.map(({ hostname }) => hostname)
  if (served.length === 0 || served.includes('')) return named.length > 0 ? named : ['']
  if (named.length === 0) return [...new Set(served)]
  return [...new Set(named.flatMap((name) => served.flatMap((host) => meet(name, host) ?? [])))]
}

interface Match {
  readonly path: string
  readonly match?: 'exact' | 'prefix' | 'regex'
  readonly only?: string
}

function matchesOf({ kind }: KubeObject, rule: Json, listeners: readonly Listener[]): readonly Match[] {
  if (kind !== 'HTTPRoute' && kind !== 'GRPCRoute') {
    const ports = [...new Set(listeners.flatMap(({ port }) => port ?? []))]
    return [{ path: '', ...(ports.length === 0 ? {} : { only: ports.map((port) => `:${port}`).join(',') }) }]
  }
  const matches = list(field(rule, 'matches'))
  if (matches.length === 0) return [{ path: '/', match: 'prefix' }]
  return matches.map((each) => (kind === 'GRPCRoute' ? grpcMatch(each) : httpMatch(each)))
}

function httpMatch(match: Json): Match {
  const type = string(at(match, 'path', 'type')) ?? 'PathPrefix'
  const method = string(field(match, 'method'))
  const only = [
    ...(method === undefined ? [] : [method]),
    ...named(match, 'headers'),
    ...named(match, 'queryParams', '?'),
  ]
  return {
    path: string(at(match, 'path', 'value')) ?? '/',
    match: type === 'Exact' ? 'exact' : type === 'RegularExpression' ? 'regex' : 'prefix',
    ...(only.length === 0 ? {} : { only: only.join(' ') }),
  }
}

function named(match: Json, key: string, mark = ''): readonly string[] {
  return list(field(match, key)).map(
    (each) => `${mark}${string(field(each, 'name')) ?? ''}=${string(field(each, 'value')) ?? ''}`,
  )
}

function grpcMatch(match: Json): Match {
  const service = string(at(match, 'method', 'service')) ?? ''
  const method = string(at(match, 'method', 'method')) ?? ''
  const only = named(match, 'headers')
  return {
    path: service === '' ? '/' : `/${service}/${method}`,
    match: method === '' ? 'prefix' : 'exact',
    ...(only.length === 0 ? {} : { only: only.join(' ') }),
  }
}

/** Those that have a weight, and to which the ReferenceGrants of their namespace let a route refer. */
function backendsOf({ cluster }: RouteInput, object: KubeObject, rule: Json, place: Path): readonly Backend[] {
  return list(field(rule, 'backendRefs')).flatMap((each, index) => {
    const name = string(field(each, 'name'))
    if (field(each, 'weight') === 0 || name === undefined || !isObject(each)) return []
    const namespace = string(field(each, 'namespace')) ?? object.namespace
    const kind = string(field(each, 'kind')) ?? 'Service'
    if (kind === 'Service' && !isGranted(cluster, object, namespace, name)) return []
    const backend = { namespace, name, port: field(each, 'port'), path: [...place, 'backendRefs', index] }
    return [kind === 'Service' ? backend : { ...backend, other: kind }]
  })
}
