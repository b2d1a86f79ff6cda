import { isObject } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { Limit } from '../limit.ts'
import { annotated } from './annotations.ts'
import type { FoundLimit } from './dialect.ts'
import { type Part, quote, says } from './fields.ts'
import { found, inert, unread } from './found.ts'
import { whole } from './numbers.ts'
import { timeoutLimit, unreadLimit } from './shapes.ts'

/** A policy of the cloud that stands before the load balancer: it may limit, and nothing of the cluster says how. */
export function outside(what: string, name: string): Limit {
  return unreadLimit('requests', `${what} ${name.slice(0, 200)}`, 'outside')
}

/** An annotation that names such a policy; `none` and nothing take one away. */
export function* namedByAnnotation(object: KubeObject, key: string, what: string): Iterable<FoundLimit> {
  const value = annotationsOf(object.body).get(key)
  if (value === undefined) return
  const why = annotated(object, key, value)
  if (value.trim() === '' || value.trim().toLowerCase() === 'none')
    yield inert(outside(what, 'none'), 'unlimited', `no ${what} is attached`, why)
  else yield unread(outside(what, value), `the rules of the ${what}`, why)
}

export function* namedByField(part: Part, what: string): Iterable<FoundLimit> {
  const { value } = part
  if (value === undefined || value === null || isObject(value)) return
  const why = says(part, `${String(part.path.at(-1))} is ${quote(value)}`)
  if (typeof value !== 'string')
    yield inert(outside(what, 'none'), 'refused-object', 'the API server refuses this value', why)
  else if (value === '') yield inert(outside(what, 'none'), 'unlimited', `no ${what} is attached`, why)
  else yield unread(outside(what, value), `the rules of the ${what}`, why)
}

/** Seconds that the load balancer waits for a backend. */
export function* backendSeconds(part: Part): Iterable<FoundLimit> {
  if (part.value === undefined || part.value === null) return
  const seconds = whole(part.value)
  const why = says(part, `${String(part.path.at(-1))} is ${quote(part.value)}`)
  yield seconds === undefined || seconds < 1
    ? inert(atCloud(timeoutLimit('backend', seconds)), 'refused-object', 'it is no number of seconds', why)
    : found(atCloud(timeoutLimit('backend', seconds)), why)
}

/** Load balancers of the cloud are one, whatever they are made of. */
export function atCloud(limit: Limit): Limit {
  return { ...limit, scope: 'outside' }
}
