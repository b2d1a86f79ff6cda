import type { Found, ObservedLimit } from './found.ts'
import type { Measured } from './measured.ts'
import type { Asking, Run } from './run.ts'

/** Seconds in which a window of one second is forgotten. */
const FORGOTTEN = 1.2
/** Above the limit by this much, it must refuse something. */
const ABOVE = 1.6
/** Less than this of its burst each second is nothing, for a bucket. */
const EMPTY = 0.05
/** Fewer refusals than this are left over from before. */
const PASSED = 0.1
const MOST_TRIES = 8
const NEAR = 1.1

/**
 * What a limit before the service lets through: the slope of what is admitted while it refuses, and how much came before.
 * Whether refused requests count too is seen by a rate just above: a limit that lets it pass had punished the faster one.
 */
export function* searchLimit(run: Run): Asking<Found> {
  const first = run.steps.at(-1) as Measured
  const guess = Math.max(first.rate, 0.5)
  const seconds = Math.min(run.budget.seconds / 6, Math.max(2 * run.span, 40 / guess))
  const saturated = yield* offer(run, 2 * guess, seconds)
  let rate = saturated && run.isLimited(saturated) ? saturated.rate : first.rate
  const burst = burstOf(run.admitted, rate)
  let punishes = false
  yield* run.rest(Math.min(2 * FORGOTTEN, run.secondsLeft / 10))
  // A bucket without tokens refuses this; a window that has forgotten does not.
  const isEmpty = rate < EMPTY * burst
  // So long that a full bucket is used up.
  const enough = (1.5 * burst + 10) / ((ABOVE - 1) * Math.max(rate, 1e-9))
  const above = isEmpty
    ? yield* offer(run, Math.max(burst / 2, 1), 2)
    : yield* offer(run, rate * ABOVE, Math.min(Math.max(seconds, enough), run.budget.seconds / 5))
  const excess = above ? above.sent - rate * (above.sent / Math.max(above.offered, 1e-9)) : 0
  const isPassed = above !== undefined && above.limited + above.refused < PASSED * above.sent
  if (isPassed && (isEmpty || excess > 1.5 * burst + 5)) {
    punishes = true
    rate = yield* mostAdmitted(run, above.offered, seconds)
  }
  const codes = new Set(run.steps.flatMap(({ answers }) => [...answers.keys()].filter((code) => /^[345]/.test(code))))
  const slack = Math.max(0.06 * rate, rate / Math.sqrt(Math.max(1, rate * seconds)) / 2)
  const limit: ObservedLimit = {
    rate: { low: Math.max(0, rate - slack), best: rate, high: rate + slack },
    burst: punishes ? undefined : Math.round(burst),
    punishes,
    codes: [...codes],
  }
  const isNothing = rate * run.budget.seconds < 5
  return {
    verdict: isNothing ? 'unknown' : 'limited',
    confidence: isNothing ? 'none' : 'fair',
    low: isNothing ? undefined : limit.rate.low,
    best: undefined,
    high: undefined,
    limit,
    cause: 'limit',
    reasons: [
      isNothing
        ? 'A limit refused nearly everything after its burst; nothing can be said of the service behind it.'
        : 'A limit stands before the service and refuses what is more; what is behind it holds at least what the limit lets through. Go past the limit to find its capacity.',
      ...(punishes ? ['Refused requests count as well: above its rate the limit lets fewer through than at it.'] : []),
    ],
    steps: run.steps,
    unloaded: run.unloaded,
  }
}

function* offer(run: Run, rate: number, seconds: number): Asking<Measured | undefined> {
  const requests = Math.floor(Math.min(2 * run.size, rate * seconds))
  if (requests < 5 || !run.affords(requests, requests / rate)) return undefined
  return yield* run.ask({ kind: 'open', rate, requests })
}

/** The highest rate of which nothing is refused, where more than it is punished. */
function* mostAdmitted(run: Run, from: number, seconds: number): Asking<number> {
  let passed = from
  let refused = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < MOST_TRIES && refused / passed > NEAR; tries++) {
    const rate = refused === Number.POSITIVE_INFINITY ? passed * 2 : Math.sqrt(passed * refused)
    yield* run.rest(Math.min(2 * FORGOTTEN, run.secondsLeft / 10))
    const measured = yield* offer(run, rate, Math.min(seconds, 3))
    if (!measured) break
    if (run.isLimited(measured)) refused = rate
    else passed = rate
  }
  return passed
}

/** The smallest bucket through which all of them pass at this rate, beyond the first: its longest run above the rate. */
export function burstOf(admitted: readonly number[], rate: number): number {
  let least = Number.POSITIVE_INFINITY
  let most = 0
  for (const [index, time] of admitted.entries()) {
    const level = index - rate * time
    least = Math.min(least, level)
    most = Math.max(most, level - least)
  }
  return most
}
