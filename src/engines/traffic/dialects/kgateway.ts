import { isObject, list } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { defaultCircuitBreaker } from './envoy-circuit-breaker.ts'
import { inside, type Part, partOf, quote, says } from './fields.ts'
import { byDefault, dialect, found, inert, unread } from './found.ts'
import { duration, routeTimeouts } from './gateway-timeouts.ts'
import { goDuration, quantity, whole } from './numbers.ts'
import { bodyLimit, requestLimit, timeoutLimit, unreadLimit } from './shapes.ts'

/** kgateway 2.2: TrafficPolicy, whose local limit is for all clients together (kgateway-dev/kgateway#14137). */
export const KGATEWAY = dialect('kgateway', 'kgateway', read)

function* read(object: KubeObject | undefined, settings: Settings): Iterable<FoundLimit> {
  if (object === undefined) {
    yield byDefault(timeoutLimit('body', 300), settings, 'a stream may be idle for 5 minutes by default')
    yield* defaultCircuitBreaker(settings)
  } else if (object.group === 'gateway.kgateway.dev' && object.kind === 'TrafficPolicy') yield* trafficPolicy(object)
  else yield* routeTimeouts(object)
}

function* trafficPolicy(object: KubeObject): Iterable<FoundLimit> {
  const local = partOf(object, 'spec', 'rateLimit', 'local')
  if (isObject(local.value)) yield localLimit(local)
  const global = partOf(object, 'spec', 'rateLimit', 'global')
  if (list(inside(global, 'descriptors').value).length > 0)
    yield unread(
      unreadLimit('requests', 'descriptors', 'global'),
      'the limits of the rate limit service',
      says(global, 'asks a rate limit service'),
    )
  yield* buffer(partOf(object, 'spec', 'buffer', 'maxRequestSize'))
  yield* duration(partOf(object, 'spec', 'timeouts', 'request'), 'backend')
  yield* duration(partOf(object, 'spec', 'timeouts', 'streamIdle'), 'body')
}

/** A `local: {}` without a bucket takes away what a policy of the Gateway set. */
function localLimit(local: Part): FoundLimit {
  const bucket = inside(local, 'tokenBucket')
  const most = whole(inside(bucket, 'maxTokens').value)
  const fill = inside(bucket, 'tokensPerFill').value
  const rate = fill === undefined ? 1 : whole(fill)
  const interval = inside(bucket, 'fillInterval').value
  const enabled = whole(inside(local, 'percentEnabled').value) ?? 100
  const enforced = whole(inside(local, 'percentEnforced').value) ?? 100
  const share = enabled < 100 ? `${enabled} % of requests` : enforced < 100 ? `${enforced} % of refusals` : undefined
  const limit = requestLimit('token-bucket', {
    rate,
    period: typeof interval === 'string' ? goDuration(interval) : undefined,
    burst: most === undefined ? undefined : Math.max(0, most - 1),
    key: { kind: 'everyone' },
    code: 429,
    scope: 'replica',
    shadow: enforced === 0 ? true : undefined,
    only: enforced === 0 && enabled === 100 ? undefined : share,
  })
  const why = says(
    bucket.value === undefined ? local : bucket,
    `${quote(fill ?? 1)} tokens each ${quote(interval)}, at most ${quote(most)}`,
  )
  if (bucket.value === undefined || bucket.value === null)
    return inert(limit, 'unlimited', 'without a token bucket there is no limit', why)
  if (most === undefined || most < 1 || rate === undefined || rate < 1 || !((limit.period ?? 0) >= 0.05))
    return inert(limit, 'refused-object', 'the API server refuses this bucket', why)
  return enabled === 0 ? inert(limit, 'ignored-value', 'percentEnabled is 0', why) : found(limit, why)
}

function* buffer(part: Part): Iterable<FoundLimit> {
  if (part.value === undefined) return
  const bytes = quantity(part.value)
  const why = says(part, `maxRequestSize is ${quote(part.value)}`)
  yield bytes === undefined || bytes <= 0 || bytes >= 2 ** 32
    ? inert(bodyLimit(bytes), 'refused-object', 'the API server refuses this size', why)
    : found(bodyLimit(Math.ceil(bytes)), why)
}
