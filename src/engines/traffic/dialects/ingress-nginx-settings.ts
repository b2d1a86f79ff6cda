import type { Truth } from '../../../cluster/labels.ts'
import type { Limit, LimitKey } from '../limit.ts'
import { setting, short, type Written } from './annotations.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { byDefault, found, inert, unread } from './found.ts'
import { nginxKey } from './nginx-key.ts'
import { atoi, nginxSize } from './numbers.ts'
import { bandwidthLimit, bodyLimit, connectionLimit, timeoutLimit, unreadLimit } from './shapes.ts'

const MIB = 1024 * 1024

/** limit-conn-zone-variable is the key of requests too, whatever its name says. */
export function limitKey(settings: Settings): LimitKey {
  return nginxKey(setting(settings, 'limit-conn-zone-variable')?.value ?? '$binary_remote_addr')
}

export const reqCode = (settings: Settings): number => statusCode(settings, 'limit-req-status-code')
export const connCode = (settings: Settings): number => statusCode(settings, 'limit-conn-status-code')

function statusCode(settings: Settings, key: string): number {
  const value = atoi(setting(settings, key)?.value ?? '')
  return value !== undefined && value >= 400 && value <= 599 ? value : 503
}

/**
 * client_max_body_size: the template leaves out what is no size of nginx (`isValidByteSize`), whose own default is 1m; `0`
 * is no limit. `fallsBack`: whether a text that is none is put back to the ConfigMap’s size before that.
 */
export function* clientMaxBodySize({ value, because }: Written, fallsBack: Truth): Iterable<FoundLimit> {
  const bytes = nginxSize(value.trim())
  if (bytes === undefined) {
    yield inert(bodyLimit(undefined), 'ignored-value', `${short(value)} is no size of nginx`, because)
    // A size in `b` passes validation, and nginx does not know it.
    const isPutBack = /^[0-9]+b$/i.test(value.replaceAll(' ', '')) ? 'no' : fallsBack
    if (isPutBack === 'no')
      yield found(bodyLimit(MIB), { ...because, text: `nginx’s own 1m counts, since ${short(value)} is no size` })
    else if (isPutBack === 'unknown')
      yield unread(
        bodyLimit(undefined),
        'whether nginx’s own 1m or the ConfigMap’s proxy-body-size counts instead',
        because,
      )
  } else if (bytes === 0) yield inert(bodyLimit(0), 'unlimited', 'a size of 0 takes the limit away', because)
  else if (bytes > MOST_BYTES)
    yield inert(bodyLimit(bytes), 'breaks-configuration', 'nginx refuses a size of more than 63 bits', because)
  else yield found(bodyLimit(bytes), because)
}

const MOST_BYTES = 2 ** 63 - 1

/** What the ConfigMap sets for every route (internal/ingress/controller/config/config.go, `NewDefault`). */
export function* ingressNginxSettings(settings: Settings): Iterable<FoundLimit> {
  const size = setting(settings, 'proxy-body-size')
  if (size) yield* clientMaxBodySize(size, 'no')
  else yield byDefault(bodyLimit(MIB), settings, 'proxy-body-size is 1m by default')
  for (const [key, seconds, of] of TIMEOUTS) yield timeout(settings, key, seconds, of)
  yield* defaultBandwidth(settings, false)
  yield workerConnections(settings)
  for (const key of ['http-snippet', 'server-snippet', 'location-snippet']) {
    const written = setting(settings, key)
    if (written)
      for (const limit of snippetLimits(written.value)) yield unread(limit, 'the meaning of a snippet', written.because)
  }
}

const TIMEOUTS = [
  ['client-header-timeout', 60, 'headers'],
  ['client-body-timeout', 60, 'body'],
  ['keep-alive', 75, 'idle'],
  ['proxy-read-timeout', 60, 'backend'],
] as const

function timeout(settings: Settings, key: string, usual: number, of: string): FoundLimit {
  const written = setting(settings, key)
  const seconds = written && atoi(written.value)
  const why = written ? ` where ${short(written.value)} is no number` : ''
  if (!written || seconds === undefined)
    return byDefault(timeoutLimit(of, usual), settings, `${key} is ${usual} seconds by default${why}`)
  return seconds < 0
    ? inert(timeoutLimit(of, seconds), 'breaks-configuration', 'nginx refuses a negative time', written.because)
    : found(timeoutLimit(of, seconds), written.because)
}

/** limit-rate of the ConfigMap, where responses are buffered: `buffered` by the Ingress itself, or by the ConfigMap. */
export function* defaultBandwidth(settings: Settings, buffered: boolean): Iterable<FoundLimit> {
  const written = setting(settings, 'limit-rate')
  const value = written && atoi(written.value)
  if (!written || value === undefined || value <= 0) return
  const limit = bandwidthLimit(value * 1024)
  if (buffered || setting(settings, 'proxy-buffering')?.value === 'on') yield found(limit, written.because)
  else
    yield inert(
      limit,
      'unused-by-engine',
      'nginx limits only buffered responses, and proxy-buffering is off',
      written.because,
    )
}

/** Each worker process, of as many as the node has processors, takes so many connections; further ones wait. */
function workerConnections(settings: Settings): FoundLimit {
  const limit = (connections?: number): Limit => connectionLimit(connections, { key: WORKER, scope: 'replica' })
  const written = setting(settings, 'max-worker-connections')
  const value = written && atoi(written.value)
  // 0 becomes what the limit of open files allows (template.go); the limit of the container is not known.
  if (written && value === 0) return unread(limit(), 'the limit of open files of the container', written.because)
  return written && value !== undefined && value > 0
    ? found(limit(value), written.because)
    : byDefault(limit(16_384), settings, 'max-worker-connections is 16384 by default')
}

const WORKER: LimitKey = { kind: 'expression', text: 'worker process' }

/** Directives in text that someone hands through to nginx are enforced, but nobody here reads nginx’s language. */
const DIRECTIVES: readonly [string, Limit['kind']][] = [
  ['limit_req ', 'requests'],
  ['limit_conn ', 'connections'],
  ['client_max_body_size ', 'body'],
  ['limit_rate ', 'bandwidth'],
]

/** What kinds of limits a text of nginx directives sets. */
export function snippetLimits(text: string): readonly Limit[] {
  return DIRECTIVES.filter(([directive]) => text.includes(directive)).map(([, kind]) => unreadLimit(kind, 'a snippet'))
}
