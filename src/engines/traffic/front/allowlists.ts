import { type Because, because } from '../../../cluster/because.ts'
import { annotationsOf } from '../../../cluster/object.ts'
import type { Route } from '../routes/route.ts'
import type { Provider } from './provider.ts'
import type { Ranges } from './ranges.ts'
import { fromRanges, letsIn } from './sources.ts'

/** Annotations of ingress-nginx that let in by the address of the client, as its controller takes it. */
export const ALLOW: readonly string[] = [
  'nginx.ingress.kubernetes.io/whitelist-source-range',
  'nginx.ingress.kubernetes.io/allowlist-source-range',
]
/** Settings that put the client's address in the place of whoever holds the connection. */
const REAL_IP = ['use-forwarded-headers', 'enable-real-ip']

export interface Allowlist {
  readonly key: string
  readonly cidrs: readonly string[]
  /** The setting by which the list is asked about the client; without one it is asked about whoever is connected. */
  readonly setting: string | undefined
}

/** The list of a route's Ingress, where ingress-nginx serves it. */
export function allowlistOf({ controller, object }: Pick<Route, 'controller' | 'object'>): Allowlist | undefined {
  if (controller?.product !== 'ingress-nginx' || object.kind !== 'Ingress') return undefined
  const annotations = annotationsOf(object.body)
  const key = ALLOW.find((each) => (annotations.get(each) ?? '') !== '')
  if (key === undefined) return undefined
  const cidrs = (annotations.get(key) as string)
    .slice(0, 100_000)
    .split(/[\s,]+/)
    .filter((each) => each !== '')
  return { key, cidrs, setting: REAL_IP.find((name) => controller.settings.values.get(name)?.value === 'true') }
}

/** The provider whose edges alone the Ingress of each of these routes lets in. */
export function allowedAtProxy(
  routes: readonly Route[],
  ranges: Ranges,
): { readonly provider: Provider; readonly because: readonly Because[] } | undefined {
  const found = routes.map((route) => {
    const list = allowlistOf(route)
    if (!list || list.setting !== undefined) return undefined
    const lets = letsIn(fromRanges(list.cidrs), ranges)
    if (lets.who !== 'provider') return undefined
    const text = `lets in ${list.cidrs.length} ranges, asked about whoever is connected`
    return { provider: lets.provider, why: because(text, route.object, ['metadata', 'annotations', list.key]) }
  })
  const provider = found[0]?.provider
  if (provider === undefined || found.some((each) => each?.provider !== provider)) return undefined
  return {
    provider,
    because: [...new Map(found.flatMap((each) => (each ? [[each.why.object, each.why]] : []))).values()],
  }
}
