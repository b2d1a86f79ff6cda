import type { KubeObject } from '../../../cluster/object.ts'
import type { Limit } from '../limit.ts'
import { Annotations, type Written } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { found, type InertRule, inert, unread } from './found.ts'
import { INGRESS_NGINX_PREFIX } from './ingress-nginx.ts'
import { atoi } from './numbers.ts'
import { bandwidthLimit, bodyLimit, connectionLimit, requestLimit, unreadLimit } from './shapes.ts'
import { isAtLeast } from './versions.ts'

const BURST_MULTIPLIER = 5

/**
 * pkg/provider/kubernetes/ingress-nginx: annotations of ingress-nginx as Traefik’s own middlewares, where the provider is
 * turned on. Its limits go by the peer’s address, refuse with 429, and know nothing of exemptions.
 */
export function* traefikNginxIngress(object: KubeObject, settings: Settings): Iterable<FoundLimit> {
  const limits = [...ofAnnotations(new Annotations(object, [INGRESS_NGINX_PREFIX]), settings)]
  const provider = isProvided(settings)
  for (const each of limits) {
    if (provider === 'yes') yield each
    else if (provider === 'unknown')
      yield unread(each.limit, 'whether Traefik’s ingress-nginx provider is on', ...each.because)
    else
      yield inert(
        each.limit,
        'unused-by-engine',
        'Traefik’s ingress-nginx provider is off, or older than 3.7',
        ...each.because,
      )
  }
}

const PROVIDER = 'providers.kubernetesingressnginx'

/** An option of the provider (or of itself), as flags, file and environment write it. */
function option(settings: Settings, name?: string): Written | undefined {
  const whole = name === undefined ? PROVIDER : `${PROVIDER}.${name}`
  for (const [key, written] of [...settings.flags, ...settings.values])
    if (key.toLowerCase().replaceAll('_', '.') === whole) return written
  return undefined
}

/** It takes limits since 3.7; any option of it turns it on. */
function isProvided(settings: Settings): 'yes' | 'no' | 'unknown' {
  if (option(settings)?.value === 'false') return 'no'
  const names = [...settings.flags.keys(), ...settings.values.keys()].map((key) =>
    key.toLowerCase().replaceAll('_', '.'),
  )
  if (names.some((name) => name === PROVIDER || name.startsWith(`${PROVIDER}.`))) return isAtLeast(settings, 3, 7)
  return settings.seen ? 'no' : 'unknown'
}

function* ofAnnotations(annotations: Annotations, settings: Settings): Iterable<FoundLimit> {
  const multiplier = annotations.get('limit-burst-multiplier')
  const said = multiplier && atoi(multiplier.value)
  const factor = said === undefined || said < 1 ? BURST_MULTIPLIER : said
  const more = multiplier ? [multiplier.because] : []
  for (const [name, period] of [
    ['limit-rps', 1],
    ['limit-rpm', 60],
  ] as const) {
    const written = annotations.get(name)
    const rate = written && atoi(written.value)
    const limit = requestLimit('delaying-token-bucket', {
      rate,
      period,
      burst: rate === undefined ? undefined : Math.max(rate * factor, 1) - 1,
      key: { kind: 'peer-address' },
      code: 429,
      scope: 'replica',
    })
    if (written) yield positive(limit, rate, written, more)
  }
  const connections = annotations.get('limit-connections')
  const most = connections && atoi(connections.value)
  const limit = connectionLimit(most, { key: { kind: 'peer-address' }, code: 429, scope: 'replica' })
  if (connections) yield positive(limit, most, connections, [])
  yield* body(annotations, settings)
  for (const [name, unused] of UNUSED) {
    const written = annotations.get(name)
    if (written) yield inert(unused, 'unused-by-engine', `Traefik does not honour ${name}`, written.because)
  }
}

function positive(limit: Limit, value: number | undefined, written: Written, more: FoundLimit['because']): FoundLimit {
  const reasons = [written.because, ...more]
  if (value === undefined) return inert(limit, 'ignored-value', 'it is no number', ...reasons)
  return value > 0 ? found(limit, ...reasons) : inert(limit, 'ignored-value', 'nothing below 1 is a limit', ...reasons)
}

const BODY_SIZE = /^([0-9]{1,15})([bkmg]?)$/i

/** Traefik measures only requests that it buffers, which the provider does not unless it is told to. */
function* body(annotations: Annotations, settings: Settings): Iterable<FoundLimit> {
  const written = annotations.get('proxy-body-size')
  if (!written) return
  const parts = BODY_SIZE.exec(written.value)
  const bytes = parts ? Number(parts[1]) * (UNITS.get((parts[2] as string).toLowerCase()) ?? 1) : undefined
  const buffering = annotations.get('proxy-request-buffering')
  const isBuffered = buffering ? buffering.value === 'on' : option(settings, 'proxyrequestbuffering')?.value === 'true'
  const ignored = (rule: InertRule, why: string): FoundLimit => inert(bodyLimit(bytes), rule, why, written.because)
  if (bytes === undefined) yield ignored('ignored-value', 'the provider’s own proxyBodySize counts')
  else if (bytes === 0) yield ignored('unlimited', 'a size of 0 takes the limit away')
  else if (!isBuffered)
    yield ignored(
      'unused-by-engine',
      'Traefik measures only requests that it buffers, and proxy-request-buffering is off',
    )
  else yield found(bodyLimit(bytes), written.because)
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
])

const UNUSED: readonly (readonly [name: string, limit: Limit])[] = [
  ['limit-rate', bandwidthLimit(undefined)],
  ['global-rate-limit', unreadLimit('requests', 'global-rate-limit', 'global')],
]
