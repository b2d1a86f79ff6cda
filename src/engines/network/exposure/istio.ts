import { because } from '../../../cluster/because.ts'
import { at, field, type Json, list, string, strings } from '../../../cluster/json.ts'
import { plainSelector, selects } from '../../../cluster/labels.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { type Reference, throughProxy } from './backends.ts'
import type { Exposure, ExposureInput } from './exposure.ts'
import { facing, podsOf } from './proxies.ts'

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

function references(service: KubeObject): readonly Reference[] {
  return ['http', 'tls', 'tcp'].flatMap((protocol) =>
    list(at(service.body, 'spec', protocol)).flatMap((rule, index) =>
      list(field(rule, 'route')).flatMap((route, number) => {
        const path = ['spec', protocol, index, 'route', number, 'destination']
        return destination(field(route, 'destination'), service.namespace).map((each) => ({ ...each, path }))
      }),
    ),
  )
}

/** A short host is a Service of the VirtualService's own namespace. */
function destination(value: Json | undefined, own: string): readonly Omit<Reference, 'path'>[] {
  const host = string(field(value, 'host'))?.replace(/\.svc(\.[a-z0-9.-]+)?$/, '')
  const [service, namespace, ...rest] = host?.split('.') ?? []
  if (service === undefined || rest.length > 0) return []
  return [{ namespace: namespace ?? own, service, port: at(value, 'port', 'number') }]
}
