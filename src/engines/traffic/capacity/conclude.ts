import type { Bracket } from './bracket.ts'
import type { Found } from './found.ts'
import { type Interval, predict } from './interval.ts'
import { type Measured, median } from './measured.ts'
import { LEVEL, type Ramp } from './ramp.ts'
import { isSenderBound, type Run } from './run.ts'
import { MAY_BE_LIMIT, silentEnd } from './unanswered.ts'

export interface Evidence {
  readonly run: Run
  readonly ramped: Ramp
  bracket: Bracket
  /** Closed steps after the ramp, with as many workers as keep the service busy. */
  readonly repeats: Measured[]
  /** How often the service turned out to have grown meanwhile, and the place of the step after which it stayed. */
  grown: number
  sinceGrown: number
  level: number
}

/** Ends further apart are no answer: `unknown`. */
const WIDEST = 3
const FAIR = 1.7
const GOOD = 0.15
const TOO_FEW = 'Too few measurements fitted into the requests and seconds; allow more of them.'
/** Slower than this beside those after it, a measurement is of a service that was still starting. */
const STARTING = 0.8
/** Closed steps that differ by no more are of a machine that is steady. */
const STEADY = 0.35
const LEAST_OF_HELD = 0.7
/** Fewer answers than this bound nothing. */
const LEAST_ANSWERS = 30

export function conclude(evidence: Evidence): Found {
  const { run, ramped, bracket } = evidence
  const reasons: string[] = []
  const { held, broke } = bracket.ends
  const { level, dropped, collapsed } = saturated(evidence)
  const base = { reasons, steps: run.steps, unloaded: run.unloaded }
  const seen = level.map(({ rate }) => rate)
  const silent = silentEnd(run.steps)
  const unknown = (cause: Found['cause'] & string, reason: string): Found => {
    reasons.unshift(silent ?? reason)
    return {
      ...base,
      verdict: 'unknown',
      confidence: 'none',
      low: seen.length > 0 ? Math.min(...seen) : undefined,
      best: undefined,
      high: seen.length > 0 ? Math.max(...seen) : undefined,
      cause: silent === undefined ? cause : 'errors',
    }
  }
  const atLeast = (cause: Found['cause'] & string, rate: number, reason: string): Found => {
    reasons.unshift(reason)
    return { ...base, verdict: 'at-least', confidence: 'fair', low: rate, best: undefined, high: undefined, cause }
  }
  if (dropped > 0 || evidence.grown > 0)
    reasons.push('It was slower at first (a slow start, cold caches, or an autoscaler); only what came after counts.')
  if (collapsed !== undefined)
    reasons.push(`Beyond its capacity it answers fewer: ${Math.round(collapsed * 100)} % of it in the worst step.`)

  if (run.steps.some(({ answers }) => (answers.get('503') ?? 0) >= 3)) reasons.push(MAY_BE_LIMIT)
  const moved = run.steps.reduce((sum, { answers }) => sum + movedOf(answers), 0)
  if (moved > run.requests / 2)
    reasons.push('Most answers are redirects, which are not followed: name the URL that they lead to.')

  const clean = run.steps.filter((each) => !run.hasErrors(each) && each.counted >= LEAST_ANSWERS)
  const most = Math.max(0, ...clean.map(({ rate }) => rate))
  if (run.isStopped && level.length < 4) {
    if (held > 0) return atLeast('stopped', held, 'It was stopped before the end was found.')
    return unknown('stopped', 'It was stopped before enough was measured.')
  }
  const busy = level.filter(isSenderBound).length
  if (level.length > 0 && busy > level.length / 3)
    return atLeast(
      'sender',
      Math.max(held, median(seen)),
      'The sender itself was the bottleneck (its CPU, or its event loop, was busy all the time), so the service may hold more.',
    )
  if (!ramped.isLevel && broke === Number.POSITIVE_INFINITY) {
    const isCapped = ramped.isCapped
    if (most === 0) return unknown('budget', TOO_FEW)
    return atLeast(
      isCapped ? 'no-end' : 'budget',
      Math.max(held, LEVEL * most),
      isCapped
        ? `It gave more with every doubling up to ${run.budget.inFlight} requests at once, which is the most that is sent.`
        : 'It gave more with every doubling until half of the requests, or of the time, was used up; allow more of them.',
    )
  }
  if (isRising(level))
    return atLeast(
      'rising',
      Math.min(...seen) * LEVEL,
      'It still became faster at the end; warm it up, or allow more time.',
    )
  const interval = predict(level)
  if (!interval || level.length < 4) return unknown('budget', TOO_FEW)
  const { low, best, high } = reconciled(interval, held, broke, bracket)
  if (low <= 0 || high / low > WIDEST)
    return unknown(
      'noise',
      `Measurements of the same load differ too much (${Math.round(Math.min(...seen))} to ${Math.round(Math.max(...seen))} a second): something else uses the machine, or the service pauses.`,
    )
  if (bracket.isCrossed)
    reasons.push('A lower rate broke while a higher one was held: the service, or the machine, is not steady.')
  if (high / low > FAIR)
    reasons.push('Measurements of the same load differ much: something else uses the machine, or the service pauses.')
  const isGood = high <= (1 + GOOD) * best && low >= (1 - GOOD) * best && !bracket.isCrossed
  return {
    ...base,
    verdict: 'measured',
    confidence: isGood ? 'good' : high / low <= FAIR ? 'fair' : 'poor',
    low,
    best,
    high,
  }
}

/**
 * Steps that show what the service gives when it is busy all the time: closed ones past the knee, and open ones that broke.
 * Those of a start that was slower are left out, and those in which it collapsed.
 */
function saturated({ run, ramped, bracket, repeats, sinceGrown }: Evidence): {
  readonly level: readonly Measured[]
  readonly dropped: number
  readonly collapsed: number | undefined
} {
  const { held } = bracket.ends
  const closed = new Set(repeats)
  const steps = run.steps.filter((each, index) => {
    if (index < sinceGrown || each.counted < 5 || run.hasErrors(each)) return false
    if (each.step.kind === 'closed') return closed.has(each) || (ramped.isLevel && each.step.concurrency > ramped.knee)
    return run.holds(each) === false && run.backlog(each) > 0
  })
  const usual = median(steps.filter(({ step }) => step.kind === 'closed').map(({ rate }) => rate))
  let collapsed: number | undefined
  // On a machine that is not steady, a step that answered little tells of the machine and not of the load.
  const isSteady = scatter(steps) <= STEADY
  const level = steps.filter((each) => {
    if (!isSteady || each.step.kind !== 'open' || each.offered < 1.05 * usual || each.rate >= STARTING * usual)
      return true
    collapsed = Math.min(collapsed ?? 1, each.rate / usual)
    return false
  })
  const before = level.length
  while (level.length > 4) {
    const [first, ...rest] = level as [Measured, ...Measured[]]
    const isSlow = first.rate < STARTING * median(rest.map(({ rate }) => rate))
    if (!isSlow || rest.some(({ rate }) => rate < first.rate * 1.05)) break
    level.shift()
  }
  const kept = isSteady && bracket.isSure(held) ? level.filter(({ rate }) => rate >= LEAST_OF_HELD * held) : level
  return { level: kept, dropped: before - level.length, collapsed }
}

function movedOf(answers: ReadonlyMap<string, number>): number {
  return ['301', '302', '303', '307', '308'].reduce((sum, code) => sum + (answers.get(code) ?? 0), 0)
}

/** By how much closed steps with as many workers differ, as a share of their median: of the workers where it is most. */
function scatter(steps: readonly Measured[]): number {
  const groups = new Map<number, number[]>()
  for (const { step, rate } of steps)
    if (step.kind === 'closed') groups.set(step.concurrency, [...(groups.get(step.concurrency) ?? []), rate])
  return Math.max(0, ...[...groups.values()].map((rates) => (Math.max(...rates) - Math.min(...rates)) / median(rates)))
}

/** Each of the last five is more than the one before, and the last more than the first by more than chance would give. */
function isRising(level: readonly Measured[]): boolean {
  const last = level.slice(-5)
  const [first, end] = [last[0], last.at(-1)]
  if (!first || !end || last.length < 5) return false
  const isUp = last.every(({ rate }, at) => at === 0 || rate > (last[at - 1] as Measured).rate)
  return isUp && end.rate > first.rate * (1.1 + 4 * Math.sqrt(1 / first.counted + 1 / end.counted))
}

/** What the paced rates say besides: a rate that was held twice is no more than the capacity, one that broke twice no less. */
function reconciled({ low, best, high }: Interval, held: number, broke: number, bracket: Bracket): Interval {
  const floor = held > 0 && bracket.isSure(held) ? held : 0
  const ceiling = broke < Number.POSITIVE_INFINITY && bracket.isSure(broke) ? broke : Number.POSITIVE_INFINITY
  const guess = Math.min(Math.max(best, floor), ceiling)
  return { low: Math.min(low, guess * 0.94), best: guess, high: Math.max(high, guess * 1.06) }
}
