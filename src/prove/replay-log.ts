import { authorize } from '../authz/authorize.ts'
import type { RbacPolicy } from '../authz/policy.ts'
import { formatAccess, OTHERS } from '../engines/access/used/behaviour.ts'
import type { AccessFacts } from '../engines/access/used/fold.ts'
import { recentSince } from './facts.ts'
import { counterexample } from './part.ts'
import type { Proof, Window } from './proof.ts'
import { unseenMass } from './unseen.ts'

/**
 * The requests of a log under rules that were made of it, where nothing is known of those of their own time: a request that
 * the rules refuse is a counterexample; without today's rules there is no more than `unknown`. Nodes are not asked about:
 * another authorizer allows them what they need.
 */
export function replayLog(
  facts: AccessFacts,
  policy: RbacPolicy,
  concerns: (id: string) => boolean,
  sources: readonly string[],
): Proof {
  const broken = []
  const used = []
  let replayed = 0
  for (const who of facts.whos) {
    if (who.subject === OTHERS || who.user.startsWith('system:node:') || !who.ids.some(concerns)) continue
    for (const behaviour of who.behaviours) {
      if (behaviour.outcome !== 'used') continue
      used.push(behaviour)
      replayed += behaviour.times
      const { request, names } = behaviour
      const asked =
        'path' in request || !names || names.kept.size === 0
          ? [request]
          : [...names.kept.keys()].map((name) => ({ ...request, name }))
      if (asked.every((each) => authorize(policy, who, each).allowed)) continue
      broken.push(counterexample(behaviour, formatAccess(behaviour), 'the new rules do not give it'))
    }
  }
  const days = facts.seenDays.size
  const since = recentSince(facts)
  const window: Window = { from: facts.records === 0 ? 0 : facts.from, to: facts.to, days, sources }
  return {
    verdict: broken.length > 0 ? 'breaks' : 'unknown',
    reasons: broken.length > 0 ? [] : ['today’s RBAC was not given: -f'],
    window,
    control: { explained: 0, unexplained: 0 },
    replayed,
    counterexamples: broken,
    blindSpots: [],
    unseenMass: days < 2 ? undefined : unseenMass(used, days),
    recent: used
      .filter(({ first }) => first >= since)
      .slice(0, 100)
      .map((each) => ({ behaviour: formatAccess(each), first: each.first, place: each.place })),
  }
}
