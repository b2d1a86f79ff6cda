import type { Asked, Caller } from './asked.ts'
import type { Signal } from './signal.ts'
import { userId } from './user-id.ts'
import { hashOf, Windows } from './windows.ts'

/** Different things that were refused in ten minutes; a client without a right asks for the same few again and again. */
const ENOUGH = 8
const UNUSUAL = 3
const HOUR_MS = 3_600_000
const REVIEWS: ReadonlySet<string> = new Set(['selfsubjectrulesreviews', 'selfsubjectaccessreviews'])

export function addDenials({ access, caller, denied }: Asked): void {
  const { resource, group, verb, namespace, path, subresource } = access
  const isReview = resource !== '' && REVIEWS.has(resource) && group === 'authorization.k8s.io'
  if (!denied && !isReview) return
  caller.denials ??= new Windows()
  // To ask for all one's rights in a namespace is one thing to look at, like each refusal.
  if (isReview) caller.denials.add(access, hashOf(resource, resource === 'selfsubjectrulesreviews' ? '' : 'any'))
  else if (resource === '') caller.denials.add(access, hashOf(path.split('/').slice(0, 4).join('/')))
  else caller.denials.add(access, hashOf(verb, group, resource, subresource, namespace))
}

/** Somebody who tries what it may, by being refused. */
export function* denialSignals(callers: readonly Caller[]): Generator<Signal> {
  for (const { denials, user, account, first, isSystem } of callers) {
    const peak = denials?.peak()
    if (!peak || peak.count < ENOUGH || peak.count < UNUSUAL * peak.usual) continue
    if (isSystem && user !== 'system:anonymous') continue
    // What lacks its rights when it is installed is told so by its own log.
    if (account !== undefined && peak.first - first < HOUR_MS) continue
    yield {
      rule: 'reconnaissance',
      subject: userId(user),
      severity: user === 'system:anonymous' ? 'low' : 'medium',
      title: `${user} tried what it may`,
      message: `${user} was refused, or asked for its own rights, ${peak.times} times for ${peak.count} different things between ${new Date(peak.first).toISOString().slice(0, 16)}Z and ${new Date(peak.last).toISOString().slice(11, 16)}Z; at other times for at most ${peak.usual}`,
      first: peak.first,
      last: peak.last,
      samples: peak.samples,
      because: [],
    }
  }
}
