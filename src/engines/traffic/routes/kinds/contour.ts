import { at, field, type Json, list, type Path, string } from '../../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../../cluster/object.ts'
import type { Backend } from '../behind.ts'
import type { Draft, Place } from '../draft.ts'
import { MOST_NESTED, type RouteInput } from './kind.ts'

const GROUP = 'projectcontour.io'
const MOST = 20_000

/** HTTPProxy: from each that has a virtual host, through those that it includes. One that nothing includes serves nothing. */
export function* contourRoutes(input: RouteInput): Iterable<Draft> {
  for (const root of input.cluster.ofKind('HTTPProxy', GROUP)) {
    const host = string(at(root.body, 'spec', 'virtualhost', 'fqdn'))
    if (host !== undefined) yield* ofRoot(input, root, host)
  }
}

interface Step {
  readonly object: KubeObject
  readonly prefix: string
  readonly chain: readonly KubeObject[]
}

function* ofRoot(input: RouteInput, root: KubeObject, host: string): Iterable<Draft> {
  const { controller, missing } = input.servers.ofProduct('contour', string(at(root.body, 'spec', 'ingressClassName')))
  const faces = input.known.facesOutside(root, 'contour')
  const common = {
    host,
    controller,
    faces: faces.truth,
    parents: [],
    because: faces.because,
    ...(missing === undefined ? {} : { missing }),
  }
  const vhost: Place = { object: root, within: [['spec', 'virtualhost']] }
  const steps: Step[] = [{ object: root, prefix: '', chain: [root] }]
  let made = 0
  for (let step = steps.pop(); step && made < MOST; step = steps.pop()) {
    const { object, prefix, chain } = step
    const spec = field(object.body, 'spec')
    for (const [index, route] of list(field(spec, 'routes')).entries()) {
      const rule: Path = ['spec', 'routes', index]
      made++
      yield {
        ...common,
        object,
        ...pathOf(route, prefix),
        protocol: 'http',
        backends: servicesOf(object, field(route, 'services'), [...rule, 'services']),
        places: [isLimitedItself(route) ? besidesLocal(root) : vhost, { object, within: [rule] }],
        rule,
      }
    }
    const tcp = field(spec, 'tcpproxy')
    if (tcp !== undefined)
      yield {
        ...common,
        object,
        path: '',
        protocol: 'tcp',
        backends: servicesOf(object, field(tcp, 'services'), ['spec', 'tcpproxy', 'services']),
        places: [vhost],
        rule: ['spec', 'tcpproxy'],
      }
    const includes = [
      ...list(field(spec, 'includes')),
      ...(at(tcp, 'include') === undefined ? [] : [at(tcp, 'include') as Json]),
    ]
    for (const include of includes) {
      const namespace = string(field(include, 'namespace')) ?? object.namespace
      const child = input.cluster.get(idOf(`HTTPProxy.${GROUP}`, namespace, string(field(include, 'name')) ?? ''))
      if (!child || chain.includes(child) || chain.length === MOST_NESTED || steps.length > MOST) continue
      steps.push({ object: child, prefix: pathOf(include, prefix).path, chain: [...chain, child] })
    }
  }
}

/** Envoy takes the configuration of a filter from the nearest: a local limit of a route replaces that of the virtual host. */
function isLimitedItself(route: Json): boolean {
  return at(route, 'rateLimitPolicy', 'local') !== undefined
}

function besidesLocal(root: KubeObject): Place {
  const keys = Object.keys(at(root.body, 'spec', 'virtualhost') ?? {}).filter((key) => key !== 'rateLimitPolicy')
  return {
    object: root,
    within: [
      ['spec', 'virtualhost', 'rateLimitPolicy', 'global'],
      ...keys.map((key): Path => ['spec', 'virtualhost', key]),
    ],
  }
}

function pathOf(value: Json, prefix: string): Pick<Draft, 'path' | 'match' | 'only'> {
  let path = prefix
  let match: Draft['match'] = 'prefix'
  const only: string[] = []
  for (const condition of list(field(value, 'conditions'))) {
    const exact = string(field(condition, 'exact'))
    const regex = string(field(condition, 'regex'))
    path += string(field(condition, 'prefix')) ?? exact ?? regex ?? ''
    if (exact !== undefined) match = 'exact'
    if (regex !== undefined) match = 'regex'
    const header = string(at(condition, 'header', 'name'))
    if (header !== undefined) only.push(header)
  }
  return { path: path.replaceAll(/\/{2,}/g, '/') || '/', match, ...(only.length === 0 ? {} : { only: only.join(' ') }) }
}

function servicesOf(object: KubeObject, services: Json | undefined, path: Path): readonly Backend[] {
  return list(services).flatMap((each, index) => {
    const name = string(field(each, 'name'))
    if (name === undefined || field(each, 'weight') === 0) return []
    return [{ namespace: object.namespace, name, port: field(each, 'port'), path: [...path, index] }]
  })
}
