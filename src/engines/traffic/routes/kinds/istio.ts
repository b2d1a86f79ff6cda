import { at, field, type Json, list, number, type Path, string, strings } from '../../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Backend } from '../behind.ts'
import type { Draft } from '../draft.ts'
import { meet } from '../hosts.ts'
import { aboutRule, MOST_NESTED, type RouteInput } from './kind.ts'

const GROUP = 'networking.istio.io'

/** VirtualServices that are bound to a Gateway; those of the mesh alone are no way from outside. */
export function* istioRoutes(input: RouteInput): Iterable<Draft> {
  for (const object of input.cluster.ofKind('VirtualService', GROUP)) {
    const gateways = strings(at(object.body, 'spec', 'gateways')).filter((each) => each !== 'mesh')
    for (const name of gateways) yield* through(input, object, name, gateways.length > 1)
  }
}

function* through(input: RouteInput, object: KubeObject, named: string, isOneOfMany: boolean): Iterable<Draft> {
  const slash = named.indexOf('/')
  const namespace = slash < 0 ? object.namespace : named.slice(0, slash)
  const gateway = input.cluster.get(idOf(`Gateway.${GROUP}`, namespace, named.slice(slash + 1)))
  const { controller } = gateway ? input.servers.selectedBy(gateway) : input.servers.ofProduct('istio')
  const values = Object.values(at(gateway?.body, 'spec', 'selector') ?? {})
  if (values.some((value) => typeof value === 'string' && value.includes('egress'))) return
  const faces = gateway ? input.known.facesOutside(object, 'istio') : { truth: 'unknown' as const, because: [] }
  const hosts = hostsOf(object, gateway)
  const common = {
    controller,
    faces: faces.truth,
    parents: gateway ? [{ gateway, sections: [] }] : [],
    because: faces.because,
    ...(gateway ? {} : { missing: `the Gateway ${named}` }),
  }
  for (const { object: owner, rule, value, protocol, prefix } of rulesOf(input, object))
    for (const host of hosts)
      for (const match of matchesOf(value, prefix))
        yield {
          ...common,
          object: owner,
          host,
          ...match,
          ...(isOneOfMany ? { only: [match.only, `via ${named}`].filter(Boolean).join(' ') } : {}),
          protocol,
          ...(owner === object ? {} : { beyond: true as const }),
          backends: destinations(owner, value, rule),
          places: aboutRule(owner, rule),
          rule,
        }
}

/** Hosts of a server may begin with the namespace whose VirtualServices they are for. */
function hostsOf(object: KubeObject, gateway: KubeObject | undefined): readonly string[] {
  const own = strings(at(object.body, 'spec', 'hosts')).map((host) => (host === '*' ? '' : host))
  const served = list(at(gateway?.body, 'spec', 'servers')).flatMap((server) =>
    strings(field(server, 'hosts')).flatMap((host) => {
      const slash = host.indexOf('/')
      const namespace = slash < 0 ? '*' : host.slice(0, slash)
      const isMeant = namespace === '*' || (namespace === '.' ? gateway?.namespace : namespace) === object.namespace
      return isMeant ? [host.slice(slash + 1)] : []
    }),
  )
  if (!gateway || served.length === 0) return own
  return [...new Set(own.flatMap((name) => served.flatMap((host) => meet(name, host) ?? [])))]
}

interface Rule {
  readonly object: KubeObject
  readonly rule: Path
  readonly value: Json
  readonly protocol: 'http' | 'tcp'
  readonly prefix: string
}

/** Of a rule that delegates, the rules of the VirtualService that it names, which may not delegate again. */
function* rulesOf({ cluster }: RouteInput, object: KubeObject): Iterable<Rule> {
  for (const [kind, protocol] of [
    ['http', 'http'],
    ['tls', 'tcp'],
    ['tcp', 'tcp'],
  ] as const)
    for (const [index, value] of list(at(object.body, 'spec', kind)).entries()) {
      const name = string(at(value, 'delegate', 'name'))
      if (name === undefined) {
        yield { object, rule: ['spec', kind, index], value, protocol, prefix: '' }
        continue
      }
      const namespace = string(at(value, 'delegate', 'namespace')) ?? object.namespace
      const delegate = cluster.get(idOf(`VirtualService.${GROUP}`, namespace, name))
      const prefix = string(at(value, 'match', 0, 'uri', 'prefix')) ?? ''
      for (const [number, each] of list(at(delegate?.body, 'spec', 'http'))
        .slice(0, MOST_NESTED * 1000)
        .entries())
        if (delegate) yield { object: delegate, rule: ['spec', 'http', number], value: each, protocol: 'http', prefix }
    }
}

function matchesOf(value: Json, prefix: string): readonly Pick<Draft, 'path' | 'match' | 'only'>[] {
  const matches = list(field(value, 'match'))
  if (matches.length === 0) return [{ path: prefix || '/', match: 'prefix' }]
  return matches.map((match) => {
    const [kind, path] = (['exact', 'prefix', 'regex'] as const)
      .map((each) => [each, string(at(match, 'uri', each))] as const)
      .find(([, text]) => text !== undefined) ?? ['prefix' as const, undefined]
    const only = [
      ...(number(field(match, 'port')) === undefined ? [] : [`:${number(field(match, 'port'))}`]),
      ...Object.keys(at(match, 'headers') ?? {}),
      ...strings(field(match, 'sniHosts')),
    ]
    return { path: path ?? (prefix || '/'), match: kind, ...(only.length === 0 ? {} : { only: only.join(' ') }) }
  })
}

/** The destinations that have a weight, where any has one. A short host is a Service of the VirtualService's namespace. */
function destinations(object: KubeObject, value: Json, rule: Path): readonly Backend[] {
  const routes = list(field(value, 'route'))
  const isWeighted = routes.some((route) => (number(field(route, 'weight')) ?? 0) > 0)
  return routes.flatMap((route, index) => {
    if (isWeighted && (number(field(route, 'weight')) ?? 0) === 0) return []
    const host = string(at(route, 'destination', 'host'))?.replace(/\.svc(\.[a-z0-9.-]+)?$/, '')
    const [name, namespace, ...rest] = host?.split('.') ?? []
    if (name === undefined) return []
    const backend = { port: at(route, 'destination', 'port', 'number'), path: [...rule, 'route', index, 'destination'] }
    return rest.length > 0
      ? [{ ...backend, namespace: '', name: host ?? '', other: 'host outside the cluster' }]
      : [{ ...backend, namespace: namespace ?? object.namespace, name }]
  })
}
