import { isObject } from '../../../cluster/json.ts'
import type { Truth } from '../../../cluster/labels.ts'
import type { FoundLimit } from './dialect.ts'
import { type Actions, localRateLimit } from './envoy-local-rate-limit.ts'
import { proto } from './envoy-proto.ts'
import { walk } from './envoy-walk.ts'
import { inside, type Part, quote, says } from './fields.ts'
import { found, inert, MOST_LIMITS, take, unread } from './found.ts'
import { atoi, whole } from './numbers.ts'
import { bodyLimit, connectionLimit, unreadLimit } from './shapes.ts'

/**
 * Every limit that parts of Envoy’s configuration set, wherever they stand: filters of listeners, of virtual hosts and
 * routes (`typed_per_filter_config`), and wrapped in a TypedStruct. `distinct`: whether this Envoy counts a descriptor
 * without a value by each value (since 1.34).
 */
export function* envoyFilters(root: Part, distinct: Truth): Iterable<FoundLimit> {
  let hasActions = false
  walk(root, (part) => {
    hasActions ||= proto(part, 'rate_limits').value !== undefined
    return hasActions ? 'past' : 'inside'
  })
  const limits: FoundLimit[] = []
  const isWhole = walk(root, (part) => {
    const found = limits.length > MOST_LIMITS ? [] : limitsOf(part, { distinct, hasActions })
    limits.push(...(found ?? []))
    return found === undefined ? 'inside' : 'past'
  })
  yield* limits
  if (!isWhole)
    yield unread(
      unreadLimit('requests', 'a filter'),
      'what it says too deep inside',
      says(root, 'is too large to be read'),
    )
}

/** The limits of a filter, undefined where a part is none. */
function limitsOf(part: Part, actions: Actions): readonly FoundLimit[] | undefined {
  if (isLocalRateLimit(part)) return [...take(localRateLimit(part, actions), MOST_LIMITS + 1)]
  if (proto(part, 'rate_limit_service').value !== undefined) return [service(part)]
  const bytes = proto(part, 'max_request_bytes')
  if (bytes.value !== undefined) return [buffer(bytes)]
  return isConnectionLimit(part) ? [connections(proto(part, 'max_connections'))] : undefined
}

function service(part: Part): FoundLimit {
  const limit = unreadLimit('requests', `rate limit service, domain ${quote(inside(part, 'domain').value)}`, 'global')
  return unread(limit, 'the limits of the rate limit service', says(part, 'asks a rate limit service'))
}

function isLocalRateLimit(part: Part): boolean {
  if (!isObject(part.value)) return false
  const bucket = proto(part, 'token_bucket').value !== undefined
  return (bucket && inside(part, 'entries').value === undefined) || Array.isArray(inside(part, 'descriptors').value)
}

function isConnectionLimit(part: Part): boolean {
  const type = inside(part, '@type').value
  return typeof type === 'string' && type.endsWith('.connection_limit.v3.ConnectionLimit')
}

function buffer(part: Part): FoundLimit {
  const bytes = whole(part.value)
  const why = says(part, `max_request_bytes is ${quote(part.value)}`)
  return bytes === undefined || bytes < 1 || bytes > 2 ** 32 - 1
    ? inert(bodyLimit(bytes), 'breaks-configuration', 'Envoy refuses this size', why)
    : found(bodyLimit(bytes), why)
}

function connections(part: Part): FoundLimit {
  const value = typeof part.value === 'string' ? atoi(part.value) : whole(part.value)
  const limit = connectionLimit(value, { key: { kind: 'everyone' }, scope: 'replica' })
  const why = says(part, `max_connections is ${quote(part.value)}`)
  return value === undefined || value < 1
    ? inert(limit, 'breaks-configuration', 'Envoy refuses this number', why)
    : found(limit, why)
}
