import { because } from '../../../cluster/because.ts'
import { at, field, list, type Path } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import type { Judging, Ruling } from './judging.ts'

const REDIRECTS = ['nginx.ingress.kubernetes.io/permanent-redirect', 'nginx.ingress.kubernetes.io/temporal-redirect']

/**
 * nginx answers a location that redirects in its rewrite phase, which comes before the phase in which requests and
 * connections are counted (ngx_http_core_module.h): all of them pass.
 */
export function answeredBefore({ placed }: Judging, { limit }: FoundLimit): Ruling | undefined {
  const { object, controller } = placed.draft
  if (limit.kind !== 'requests' && limit.kind !== 'connections') return undefined
  if (controller?.product === 'nginx-gateway-fabric') return byFilter(placed.draft)
  if (object.kind !== 'Ingress' || controller?.product !== 'ingress-nginx') return undefined
  const annotations = annotationsOf(object.body)
  const key = REDIRECTS.find((each) => (annotations.get(each) ?? '') !== '')
  if (key === undefined) return undefined
  return inert(object, ['metadata', 'annotations', key])
}

/** NGINX Gateway Fabric writes a `return` for a redirect as well. */
function byFilter({ object, rule }: Judging['placed']['draft']): Ruling | undefined {
  const filters = list(at(object.body, ...rule, 'filters'))
  const index = filters.findIndex((each) => field(each, 'type') === 'RequestRedirect')
  return index < 0 ? undefined : inert(object, [...rule, 'filters', index])
}

function inert(object: KubeObject, path: Path): Ruling {
  const text = 'nginx redirects before it counts: no request to it is ever refused'
  return { state: 'inert', rule: 'rewrite-phase', because: [because(text, object, path)] }
}
