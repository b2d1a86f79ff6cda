import { because } from '../../../cluster/because.ts'
import { annotationsOf } from '../../../cluster/object.ts'
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
  if (object.kind !== 'Ingress' || controller?.product !== 'ingress-nginx') return undefined
  const annotations = annotationsOf(object.body)
  const key = REDIRECTS.find((each) => annotations.has(each))
  if (key === undefined) return undefined
  const text = 'nginx redirects before it counts: no request to it is ever refused'
  return { state: 'inert', rule: 'rewrite-phase', because: [because(text, object, ['metadata', 'annotations', key])] }
}
