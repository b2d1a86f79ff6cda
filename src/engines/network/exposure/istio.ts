import { because } from '../../../cluster/because.ts'
import { namesMeet } from '../../../cluster/gateway-api/host-names.ts'
import { at, field, type Json, list, number, type Path, string, strings } from '../../../cluster/json.ts'
import { plainSelector, selects } from '../../../cluster/labels.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { throughProxy } from './backends.ts'
import type { Exposure, ExposureInput } from './exposure.ts'
import { facing, podsOf } from './proxies.ts'
import type { Reference } from './references.ts'

const GROUP = 'networking.istio.io'

/** Istio: a VirtualService that is bound to a Gateway sends what the gateway's pods receive to its destinations. */
export function* istioExposures({ model, found }: ExposureInput): Iterable<Exposure> {
  for (const service of model.cluster.ofKind('VirtualService', GROUP)) {
    for (const named of strings(at(service.body, 'spec', 'gateways'))) {
      if (named === 'mesh') continue
      const [namespace, name] = named.includes('/')
        ? (named.split('/', 2) as [string, string])
        : [service.namespace, named]
      const gateway = model.cluster.get(idOf(`Gateway.${GROUP}`, namespace, name))
      const selector = plainSelector(at(gateway?.body, 'spec', 'selector'))
      if (gateway && !servesHosts(gateway, service)) continue
      if (selector?.some(({ values }) => values.some((value) => value.includes('egress')))) continue
      const proxies = selector ? podsOf(model).filter(({ pod }) => selects(selector, pod.labels)) : []
      const reasons = gateway
        ? [because('is its Gateway', gateway, ['spec', 'selector'])]
        : [because(`its Gateway ${named} is not in the input`)]
      const truth = gateway ? facing(model, found, proxies) : 'unknown'
      yield* throughProxy(
        model,
        { kind: 'exposed-gateway', truth, object: service, proxies, because: reasons },
        references(service),
      )
    }
  }
}

/** Hosts of a server may begin with the namespace whose VirtualServices they are for: `*` any, `.` its own. */
function servesHosts(gateway: KubeObject, service: KubeObject): boolean {
  const asked = strings(at(service.body, 'spec', 'hosts')).map((host) =>
    host.includes('.') || host.startsWith('*') ? host : `${host}.${service.namespace}.svc.cluster.local`,
  )
  const served = list(at(gateway.body, 'spec', 'servers')).flatMap((server) => strings(field(server, 'hosts')))
  if (asked.length === 0 || served.length === 0) return true
  return served.some((each) => {
    const slash = each.indexOf('/')
    const namespace = slash < 0 ? '*' : each.slice(0, slash)
    const isVisible = namespace === '*' || (namespace === '.' ? gateway.namespace : namespace) === service.namespace
    return isVisible && asked.some((host) => namesMeet(host, each.slice(slash + 1)))
  })
}

function references(service: KubeObject): readonly Reference[] {
  return ['http', 'tls', 'tcp'].flatMap((protocol) =>
    list(at(service.body, 'spec', protocol)).flatMap((rule, index) =>
      destinations(rule, ['spec', protocol, index]).flatMap(([value, path]) =>
        destination(value, service.namespace).map((each) => ({ ...each, path })),
      ),
    ),
  )
}

/** The routes that have a weight, where any has one, and those that requests are mirrored to. */
function destinations(rule: Json, path: Path): readonly (readonly [Json | undefined, Path])[] {
  const weights = list(field(rule, 'route')).map((route) => number(field(route, 'weight')) ?? 0)
  const isWeighted = weights.some((weight) => weight > 0)
  const routes = list(field(rule, 'route')).map((route, index) => ({
    value: field(route, 'destination'),
    share: isWeighted ? weights[index] : undefined,
    path: [...path, 'route', index, 'destination'],
  }))
  const mirrors = list(field(rule, 'mirrors')).map((mirror, index) => ({
    value: field(mirror, 'destination'),
    share: at(mirror, 'percentage', 'value'),
    path: [...path, 'mirrors', index, 'destination'],
  }))
  const mirror = {
    value: field(rule, 'mirror'),
    share: at(rule, 'mirrorPercentage', 'value'),
    path: [...path, 'mirror'],
  }
  return [...routes, ...mirrors, mirror].flatMap((each) => (each.share === 0 ? [] : [[each.value, each.path] as const]))
}

/** A short host is a Service of the VirtualService's own namespace. */
function destination(value: Json | undefined, own: string): readonly Omit<Reference, 'path'>[] {
  const host = string(field(value, 'host'))?.replace(/\.svc(\.[a-z0-9.-]+)?$/, '')
  const [service, namespace, ...rest] = host?.split('.') ?? []
  if (service === undefined || rest.length > 0) return []
  return [{ namespace: namespace ?? own, service, port: at(value, 'port', 'number') }]
}
