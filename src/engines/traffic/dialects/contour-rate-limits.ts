import { isObject, list } from '../../../cluster/json.ts'
import type { LimitKey } from '../limit.ts'
import type { FoundLimit, Settings } from './dialect.ts'
import { inside, itemsOf, type Part, quote, says } from './fields.ts'
import { found, inert, unread } from './found.ts'
import { whole } from './numbers.ts'
import { requestLimit } from './shapes.ts'

const SECONDS: ReadonlyMap<unknown, number> = new Map([
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
])

/** internal/dag/policy.go: a bucket of `requests + burst` tokens for all clients together, in each Envoy. */
export function* contourLocal(part: Part): Iterable<FoundLimit> {
  if (!isObject(part.value)) return
  const requests = whole(inside(part, 'requests').value)
  const burst = whole(inside(part, 'burst').value) ?? 0
  const code = whole(inside(part, 'responseStatusCode').value) ?? 0
  const unit = inside(part, 'unit').value
  const limit = requestLimit('token-bucket', {
    rate: requests,
    period: SECONDS.get(unit),
    burst: requests === undefined ? undefined : Math.max(0, requests + burst - 1),
    key: { kind: 'everyone' },
    code: code === 0 ? 429 : code,
    scope: 'replica',
  })
  const why = says(part, `local: ${quote(inside(part, 'requests').value)} requests a ${quote(unit)}`)
  if (requests === undefined || requests < 1 || requests > MOST || burst < 0 || burst > MOST || !SECONDS.has(unit))
    yield inert(limit, 'refused-object', 'Contour refuses this limit, and the proxy is not valid', why)
  else if (code !== 0 && (code < 400 || code > 599))
    yield inert(limit, 'refused-object', 'the status must be an error', why)
  else yield found(limit, why)
}

const MOST = 2 ** 32 - 1

/** How many requests a descriptor may have is set in the rate limit service, which no object of the cluster shows. */
export function* contourGlobal(part: Part, settings: Settings): Iterable<FoundLimit> {
  if (!isObject(part.value) || inside(part, 'disabled').value === true) return
  const service = [...settings.values].find(([name]) => name.toLowerCase().startsWith('ratelimitservice.'))
  for (const descriptor of itemsOf(inside(part, 'descriptors'))) {
    const limit = requestLimit('fixed-window', {
      key: keyOf(inside(descriptor, 'entries')),
      code: 429,
      scope: 'global',
    })
    const why = says(descriptor, 'asks the rate limit service')
    if (settings.seen && !service)
      yield inert(limit, 'ignored-value', 'Contour is set up with no rate limit service', why)
    else yield unread(limit, 'the limits of the rate limit service', why)
  }
}

function keyOf(entries: Part): LimitKey {
  const keys: LimitKey[] = []
  for (const entry of itemsOf(entries)) {
    const header = inside(entry, 'requestHeader', 'headerName').value
    if (isObject(inside(entry, 'remoteAddress').value)) keys.push({ kind: 'client-address' })
    else if (typeof header === 'string') keys.push({ kind: 'header', name: header.slice(0, 100) })
  }
  if (keys.length === 0)
    return list(entries.value).length === 0 ? { kind: 'expression', text: 'nothing' } : { kind: 'everyone' }
  if (keys.length === 1) return keys[0] as LimitKey
  const texts = keys.slice(0, 9).map((key) => (key.kind === 'header' ? `header ${key.name}` : 'client address'))
  return { kind: 'expression', text: texts.join(' and ') }
}
