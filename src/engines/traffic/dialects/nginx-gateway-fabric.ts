import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { inside, itemsOf, type Part, partOf, quote, says } from './fields.ts'
import { byDefault, dialect, found, inert } from './found.ts'
import { nginxKey } from './nginx-key.ts'
import { nginxRate, undelayed } from './nginx-rate.ts'
import { nginxSize, nginxTime, whole } from './numbers.ts'
import { bodyLimit, requestLimit, timeoutLimit } from './shapes.ts'

const GROUP = 'gateway.nginx.org'
const REFUSED = 'the API server refuses the policy'

/** NGINX Gateway Fabric 2.4: ClientSettingsPolicy, RateLimitPolicy, ProxySettingsPolicy; nginx’s own defaults. */
export const NGINX_GATEWAY_FABRIC = dialect('nginx-gateway-fabric', 'NGINX Gateway Fabric', read)

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) yield* defaults(settings)
  else if (object.group !== GROUP) return
  else if (object.kind === 'RateLimitPolicy')
    for (const rule of itemsOf(partOf(object, 'spec', 'rateLimit', 'local', 'rules'))) yield rateLimit(rule)
  else if (object.kind === 'ClientSettingsPolicy') {
    yield* body(partOf(object, 'spec', 'body', 'maxSize'))
    yield* timeout(partOf(object, 'spec', 'body', 'timeout'), 'body')
    yield* timeout(partOf(object, 'spec', 'keepAlive', 'timeout', 'server'), 'idle')
  } else if (object.kind === 'ProxySettingsPolicy') yield* timeout(partOf(object, 'spec', 'timeout', 'read'), 'backend')
}

/** apis/v1alpha1/ratelimitpolicy_types.go: a rule each `limit_req`, in each pod of nginx alone. */
function rateLimit(rule: Part): FoundLimit {
  const text = inside(rule, 'rate').value
  const rate = typeof text === 'string' ? nginxRate(text) : undefined
  const key = inside(rule, 'key').value
  const burst = whole(inside(rule, 'burst').value)
  const code = whole(inside(rule, 'rejectCode').value)
  const limit = requestLimit('leaky-bucket', {
    ...rate,
    burst: burst ?? 0,
    undelayed: undelayed(burst ?? 0, whole(inside(rule, 'delay').value), inside(rule, 'noDelay').value === true),
    key: nginxKey(typeof key === 'string' ? key : ''),
    code: code ?? 503,
    scope: 'replica',
    shadow: inside(rule, 'dryRun').value === true ? true : undefined,
  })
  const why = says(rule, `${quote(text)} by ${quote(key)}`)
  if (rate === undefined || typeof key !== 'string' || (code !== undefined && (code < 400 || code > 599)))
    return inert(limit, 'refused-object', REFUSED, why)
  return burst !== undefined && burst <= 0
    ? inert(limit, 'breaks-configuration', `nginx refuses burst=${burst}`, why)
    : found(limit, why)
}

function* body(part: Part): Iterable<FoundLimit> {
  if (part.value === undefined) return
  const bytes = typeof part.value === 'string' ? nginxSize(part.value) : undefined
  const why = says(part, `maxSize is ${quote(part.value)}`)
  if (bytes === undefined) yield inert(bodyLimit(undefined), 'refused-object', REFUSED, why)
  else if (bytes === 0) yield inert(bodyLimit(0), 'unlimited', 'a size of 0 takes the limit away', why)
  else yield found(bodyLimit(bytes), why)
}

function* timeout(part: Part, of: string): Iterable<FoundLimit> {
  if (part.value === undefined) return
  const seconds = typeof part.value === 'string' ? nginxTime(part.value) : undefined
  const why = says(part, `${String(part.path.at(-1))} timeout is ${quote(part.value)}`)
  yield seconds === undefined
    ? inert(timeoutLimit(of, undefined), 'refused-object', REFUSED, why)
    : found(timeoutLimit(of, seconds), why)
}

function* defaults(settings: Settings): Iterable<FoundLimit> {
  yield byDefault(bodyLimit(1024 * 1024), settings, 'nginx takes bodies of 1m by default')
  for (const [of, seconds] of [
    ['headers', 60],
    ['body', 60],
    ['idle', 75],
    ['backend', 60],
  ] as const)
    yield byDefault(timeoutLimit(of, seconds), settings, `nginx waits ${seconds} seconds by default (${of})`)
}
