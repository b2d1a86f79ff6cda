import type { Cluster } from '../../../../cluster/cluster.ts'
import type { Finding, Unknown } from '../../../engine.ts'
import type { Known } from '../../../known.ts'
import { type Routing, routingOf } from '../routes.ts'
import { answersFault } from './answers-fault.ts'
import { bypassable } from './bypassable.ts'
import { inert } from './inert.ts'
import { notLimited } from './not-limited.ts'
import { unmaintained } from './unmaintained.ts'

/** What is wrong with the limits of routes. */
export function* routeFindings(
  cluster: Cluster,
  known: Known,
  routing: Routing = routingOf(cluster, known),
): Iterable<Finding> {
  yield* inert(routing)
  yield* bypassable(routing)
  yield* notLimited(routing)
  yield* answersFault(routing)
  yield* unmaintained(routing)
}

const MOST_REASONS = 10

/** Limits and routes of which something that is not in the input decides, by what is missing. */
export function* routeUnknowns(
  cluster: Cluster,
  known: Known,
  { routes, unread }: Routing = routingOf(cluster, known),
): Iterable<Unknown> {
  const missing = new Map<string, { count: number; because: Unknown['because'] }>()
  for (const { limits } of routes)
    for (const { limit, state, unknown, because } of limits) {
      if (state !== 'unknown' || !unknown || (limit.kind !== 'requests' && limit.kind !== 'connections')) continue
      const same = missing.get(unknown.missing)
      missing.set(unknown.missing, {
        count: (same?.count ?? 0) + 1,
        because: [...(same?.because ?? []), ...because.slice(0, 1)].slice(0, MOST_REASONS),
      })
    }
  for (const [what, { count, because }] of missing)
    yield {
      id: 'limit-effect',
      message: `whether ${count === 1 ? 'a limit works' : `${count} limits work`} rests on what is not in the input: ${what}`,
      count,
      because,
      settle: `add ${what}`,
    }
  if (unread > 0)
    yield {
      id: 'routes-unread',
      message: `${unread} routes that are more than are read`,
      count: unread,
      because: [],
      settle: 'give the input in parts',
    }
}
