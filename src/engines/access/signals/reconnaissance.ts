import { type Asked, type Caller, hasJustBegun } from './asked.ts'
import type { Signal } from './signal.ts'
import { userId } from './user-id.ts'
import { hashOf, type Skipped, Windows } from './windows.ts'

/** Different things that were refused in ten minutes; a client without a right asks for the same few again and again. */
const ENOUGH = 8
const UNUSUAL = 3
const REVIEWS: ReadonlySet<string> = new Set(['selfsubjectrulesreviews', 'selfsubjectaccessreviews'])

export function addDenials({ access, caller, denied }: Asked): void {
  const { resource, group, verb, namespace, path, subresource, name } = access
  const isReview = resource !== '' && REVIEWS.has(resource) && group === 'authorization.k8s.io'
  if (!denied && !isReview) return
  caller.denials ??= new Windows()
  // To ask for all one's rights in a namespace is one thing to look at, like each refusal; the log does not say in which.
  // People's clients ask it at every turn, programs do not.
  if (isReview) caller.denials.add(access, hashOf(resource, isOfRules(access, caller) ? `${caller.times}` : ''))
  else if (resource === '') caller.denials.add(access, hashOf(path.split('/').slice(0, 4).join('/')))
  // Whoever tries names of Secrets looks for one; of other kinds a pipeline without rights is refused many.
  else if (resource === 'secrets' && group === '') caller.denials.add(access, hashOf(verb, resource, namespace, name))
  else caller.denials.add(access, hashOf(verb, group, resource, subresource, namespace))
}

function isOfRules({ resource }: Asked['access'], { account }: Caller): boolean {
  return resource === 'selfsubjectrulesreviews' && account !== undefined
}

/** Somebody who tries what it may, by being refused. */
export function* denialSignals(callers: readonly Caller[], skipped: Skipped, to: number): Generator<Signal> {
  for (const caller of callers) {
    const { denials, user, isSystem } = caller
    const peak = denials?.peak(skipped)
    if (!peak || peak.count < ENOUGH || peak.count < UNUSUAL * peak.usual) continue
    if (isSystem && user !== 'system:anonymous') continue
    if (hasJustBegun(caller, peak, to)) continue
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
