import type { Limit } from '../limit.ts'
import { REFUSED } from '../models/limiter.ts'
import { limiterOf } from '../models/limiter-of.ts'
import { atOnce, perSecond } from './rates.ts'

/** The same requests of one client, put to two limits. */
export interface Comparison {
  /** `at 110 % of the rate for 60 s`, `60 at once`. */
  readonly load: string
  readonly offered: number
  /** Admitted by the limit as it was, and as it will be. */
  readonly before: number
  readonly after: number
}

const SHARES = [50, 90, 110, 150, 200] as const
/** What a comparison costs: no more requests than these a load. */
const MOST = 20_000
const START = 1_700_000_000_000

/**
 * Both limits under evenly paced load around the rate, for as long as three bursts take to come back (ten seconds at
 * least), and under twice of what passes at once. Empty where one of them can not be replayed.
 */
export function compare(before: Limit, after: Limit): readonly Comparison[] {
  if (limiterOf(before) === undefined || limiterOf(after) === undefined || perSecond(before) <= 0) return []
  const pace = perSecond(before)
  const seconds = Math.max(10, Math.ceil((3 * atOnce(before)) / pace))
  const paced = SHARES.map((share) => {
    const offered = Math.max(1, Math.min(MOST, Math.round((pace * seconds * share) / 100)))
    const lasting = Math.round((offered / pace / share) * 100)
    const load = { load: `at ${share} % of the rate for ${lasting} s`, offered }
    const gapMs = 100_000 / (pace * share)
    return { ...load, before: admitted(before, offered, gapMs), after: admitted(after, offered, gapMs) }
  })
  const offered = Math.min(MOST, Math.ceil(2 * Math.max(atOnce(before), atOnce(after))))
  const burst = { load: `${offered} at once`, offered }
  return [...paced, { ...burst, before: admitted(before, offered, 0), after: admitted(after, offered, 0) }]
}

/** Whether a client would see it: more than a fiftieth of what is offered, and more than one request. */
export function differs({ offered, before, after }: Comparison): boolean {
  return Math.abs(before - after) > Math.max(1, offered / 50)
}

function admitted(limit: Limit, offered: number, gapMs: number): number {
  const limiter = limiterOf(limit)
  let count = 0
  for (let n = 0; n < offered; n++) if (limiter?.admit(0, START + n * gapMs) !== REFUSED) count++
  return count
}
