import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit } from './dialect.ts'
import { inside, itemsOf, type Part, partOf, quote, says } from './fields.ts'
import { found, inert } from './found.ts'
import { goDuration } from './numbers.ts'
import { timeoutLimit } from './shapes.ts'

/** A duration at its field; `0s` says that there is no limit of this time. */
export function* duration(part: Part, of: string): Iterable<FoundLimit> {
  if (part.value === undefined || part.value === null) return
  const seconds = typeof part.value === 'string' ? goDuration(part.value) : undefined
  const why = says(part, `${String(part.path.at(-1))} is ${quote(part.value)}`)
  if (seconds === undefined || seconds < 0)
    yield inert(timeoutLimit(of, undefined), 'refused-object', 'this is no duration, and the object is refused', why)
  else if (seconds === 0) yield inert(timeoutLimit(of, 0), 'unlimited', 'a time of 0 takes the limit away', why)
  else yield found(timeoutLimit(of, seconds), why)
}

export function backendTimeout(part: Part): Iterable<FoundLimit> {
  return duration(part, 'backend')
}

/** `timeouts.request` (and `backendRequest`, of one try) of the rules of an HTTPRoute or GRPCRoute. */
export function* routeTimeouts(object: KubeObject): Iterable<FoundLimit> {
  if (object.group !== 'gateway.networking.k8s.io' || !object.kind.endsWith('Route')) return
  for (const rule of itemsOf(partOf(object, 'spec', 'rules')))
    yield* backendTimeout(inside(rule, 'timeouts', 'request'))
}
