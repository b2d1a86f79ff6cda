import { strings } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { LimitKey } from '../limit.ts'
import type { FoundLimit } from './dialect.ts'
import { inside, type Part, partOf, quote, says } from './fields.ts'
import { found, inert } from './found.ts'
import { networks } from './networks.ts'
import { atoi, goDuration, whole } from './numbers.ts'
import { bodyLimit, connectionLimit, requestLimit } from './shapes.ts'

const CODE = 429

export function* traefikMiddleware(object: KubeObject): Iterable<FoundLimit> {
  const rate = partOf(object, 'spec', 'rateLimit')
  if (rate.value !== undefined && rate.value !== null) yield rateLimit(rate)
  const inFlight = partOf(object, 'spec', 'inFlightReq')
  if (inFlight.value !== undefined && inFlight.value !== null) yield inFlightRequests(inFlight)
  const body = partOf(object, 'spec', 'buffering', 'maxRequestBodyBytes')
  if (body.value !== undefined) yield buffering(body)
}

/**
 * pkg/middlewares/ratelimiter: a bucket of `burst` tokens (at least one), filled with `average` each `period`; what comes
 * before its token waits for it, half a second at most.
 */
function rateLimit(part: Part): FoundLimit {
  const average = whole(inside(part, 'average').value) ?? 0
  const burst = whole(inside(part, 'burst').value) ?? 1
  const period = periodOf(inside(part, 'period'))
  const { key, wrong } = keyOf(inside(part, 'sourceCriterion'), { kind: 'peer-address' })
  const isShared = inside(part, 'redis').value !== undefined
  const limit = requestLimit('delaying-token-bucket', {
    rate: average,
    period: period === 0 ? 1 : period,
    burst: Math.max(burst, 1) - 1,
    key,
    code: CODE,
    scope: isShared ? 'global' : 'replica',
  })
  const why = says(
    part,
    `rateLimit: average ${quote(inside(part, 'average').value)}, burst ${quote(inside(part, 'burst').value)}`,
  )
  if (wrong !== undefined) return inert(limit, 'refused-object', wrong, why)
  if (average < 0 || burst < 0 || period === undefined || period < 0)
    return inert(limit, 'refused-object', 'Traefik refuses the middleware, and routes that use it', why)
  return average === 0 ? inert(limit, 'unlimited', 'an average of 0 is no limit', why) : found(limit, why)
}

/** Seconds where it is a number, else a duration of Go. */
function periodOf({ value }: Part): number | undefined {
  if (value === undefined || value === null) return 1
  if (typeof value === 'number') return value
  return typeof value === 'string' ? (atoi(value) ?? goDuration(value)) : undefined
}

/** pkg/middlewares/inflightreq: without a criterion all requests of a host together. */
function inFlightRequests(part: Part): FoundLimit {
  const amount = whole(inside(part, 'amount').value) ?? 0
  const { key, wrong } = keyOf(inside(part, 'sourceCriterion'), HOST)
  const limit = connectionLimit(amount, { key, code: CODE, scope: 'replica' })
  const why = says(part, `inFlightReq: amount ${quote(inside(part, 'amount').value)}`)
  if (wrong !== undefined) return inert(limit, 'refused-object', wrong, why)
  return amount < 0
    ? inert(limit, 'refused-object', 'the API server refuses a negative amount', why)
    : found(limit, why)
}

function buffering(part: Part): FoundLimit {
  const bytes = whole(part.value)
  const why = says(part, `maxRequestBodyBytes is ${quote(part.value)}`)
  if (bytes === 0) return inert(bodyLimit(0), 'unlimited', 'a size of 0 is no limit', why)
  return bytes === undefined || bytes < 0
    ? inert(bodyLimit(bytes), 'refused-object', 'Traefik refuses this size', why)
    : found(bodyLimit(bytes), why)
}

const HOST: LimitKey = { kind: 'expression', text: 'host' }

/**
 * pkg/middlewares/extractor.go and pkg/ip: without `depth` and `excludedIPs` the peer of the connection, whatever headers
 * say; with one of them an address of X-Forwarded-For, as far as the entry point trusts it.
 */
function keyOf(criterion: Part, usual: LimitKey): { readonly key: LimitKey; readonly wrong?: string } {
  const strategy = inside(criterion, 'ipStrategy')
  const header = inside(criterion, 'requestHeaderName').value
  const isByHost = inside(criterion, 'requestHost').value === true
  const isByAddress = strategy.value !== undefined && strategy.value !== null
  const isByHeader = typeof header === 'string' && header !== ''
  if ([isByAddress, isByHeader, isByHost].filter(Boolean).length > 1)
    return { key: usual, wrong: 'of ipStrategy, requestHeaderName and requestHost only one may be set' }
  if (isByHeader) return { key: { kind: 'header', name: header.slice(0, 100) } }
  if (isByHost) return { key: HOST }
  return isByAddress ? addressOf(strategy) : { key: usual }
}

function addressOf(strategy: Part): { readonly key: LimitKey; readonly wrong?: string } {
  const depth = whole(inside(strategy, 'depth').value) ?? 0
  const excluded = strings(inside(strategy, 'excludedIPs').value)
  const prefix6 = whole(inside(strategy, 'ipv6Subnet').value)
  const key: LimitKey =
    depth > 0 || excluded.length > 0
      ? { kind: 'client-address', ...(prefix6 === undefined ? {} : { prefix6 }) }
      : { kind: 'peer-address' }
  if (depth < 0) return { key, wrong: 'Traefik refuses a negative depth' }
  if (prefix6 !== undefined && (prefix6 < 0 || prefix6 > 128))
    return { key, wrong: 'ipv6Subnet is no length of a prefix' }
  return networks(excluded) === undefined ? { key, wrong: 'excludedIPs holds what is no network' } : { key }
}
