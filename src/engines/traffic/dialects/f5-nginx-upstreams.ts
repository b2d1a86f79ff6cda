import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit } from './dialect.ts'
import { inside, itemsOf, type Part, partOf, quote, says } from './fields.ts'
import { found, inert, unread } from './found.ts'
import { snippetLimits } from './ingress-nginx-settings.ts'
import { nginxSize, nginxTime, whole } from './numbers.ts'
import { bodyLimit, connectionLimit, timeoutLimit } from './shapes.ts'

const REFUSED = 'the controller refuses the object'

/** `spec.upstreams` of a VirtualServer or VirtualServerRoute; rate limits stand in the Policies that it names. */
export function* f5Upstreams(object: KubeObject): Iterable<FoundLimit> {
  for (const upstream of itemsOf(partOf(object, 'spec', 'upstreams'))) {
    yield* body(inside(upstream, 'client-max-body-size'))
    yield* timeout(inside(upstream, 'read-timeout'))
    yield* connections(inside(upstream, 'max-conns'))
  }
  yield* snippets(partOf(object, 'spec', 'server-snippets'))
  for (const list of ['routes', 'subroutes'])
    for (const route of itemsOf(partOf(object, 'spec', list))) yield* snippets(inside(route, 'location-snippets'))
}

function* body(part: Part): Iterable<FoundLimit> {
  if (part.value === undefined || part.value === '') return
  const bytes = typeof part.value === 'string' ? nginxSize(part.value.trim()) : undefined
  const why = says(part, `client-max-body-size is ${quote(part.value)}`)
  if (bytes === undefined) yield inert(bodyLimit(undefined), 'refused-object', REFUSED, why)
  else if (bytes === 0) yield inert(bodyLimit(0), 'unlimited', 'a size of 0 takes the limit away', why)
  else yield found(bodyLimit(bytes), why)
}

function* timeout(part: Part): Iterable<FoundLimit> {
  if (part.value === undefined || part.value === '') return
  const seconds = typeof part.value === 'string' ? nginxTime(part.value) : undefined
  const why = says(part, `read-timeout is ${quote(part.value)}`)
  yield seconds === undefined
    ? inert(timeoutLimit('backend', undefined), 'refused-object', REFUSED, why)
    : found(timeoutLimit('backend', seconds), why)
}

function* connections(part: Part): Iterable<FoundLimit> {
  if (part.value === undefined) return
  const value = whole(part.value)
  const limit = connectionLimit(value, {
    key: { kind: 'expression', text: 'backend pod' },
    code: 502,
    scope: 'replica',
  })
  const why = says(part, `max-conns is ${quote(part.value)}`)
  if (value === undefined || value < 0) yield inert(limit, 'refused-object', REFUSED, why)
  else if (value === 0) yield inert(limit, 'unlimited', '0 is no limit', why)
  else yield found(limit, why)
}

function* snippets(part: Part): Iterable<FoundLimit> {
  if (typeof part.value !== 'string') return
  for (const limit of snippetLimits(part.value))
    yield unread(limit, 'the meaning of a snippet', says(part, `sets ${limit.kind}`))
}
