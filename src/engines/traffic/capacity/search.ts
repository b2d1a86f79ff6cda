import { Bracket } from './bracket.ts'
import { conclude, type Evidence } from './conclude.ts'
import type { Found } from './found.ts'
import { searchLimit } from './limit.ts'
import type { Measured } from './measured.ts'
import { ramp, warmUp } from './ramp.ts'
import { type Asking, type Budget, Run } from './run.ts'
import { unanswered } from './unanswered.ts'

/** Rates are tried from this share of the level part of the ramp to the other one, and further where that is held. */
const FIRST_TRY = 0.9
const LEAST_TRY = 0.3
const UP = 1.25
const DOWN = 0.8
/** A bracket is narrow enough when its ends are this near. */
const NARROW = 1.13
const MOST_TRIES = 14
/** Tries in which the sender, and not the service, decided. */
const MOST_UNSURE = 3
/** More workers give this much more than before: the service has grown meanwhile. */
const GROWN = 1.15
/** Closed steps that are kept for the end, where their spread says how sure the answer is. */
const KEPT = 4
const MOST_REPEATS = 14
/** Where the interval is no wider, nothing more is asked. */
const SURE = 0.08

/**
 * The search for the capacity of a service, as a machine without clock and network: it asks for steps and is given their
 * outcomes. First closed loops of 1, 2, 4, … workers, until more of them give no more answers; then evenly paced rates
 * around that level, each held or not by whether a backlog grows; between them closed loops again, whose spread makes the
 * interval. Every step is a size that the rest of the budget affords.
 */
export function* search(budget: Budget): Asking<Found> {
  return yield* searchWith(new Run(budget))
}

export function* searchWith(run: Run): Asking<Found> {
  const first = yield* warmUp(run)
  const none = unanswered(run, first)
  if (none) return none
  if (run.isLimited(first)) return yield* searchLimit(run)
  const ramped = yield* ramp(run, first)
  if (ramped.isLimited) return yield* searchLimit(run)
  const evidence: Evidence = {
    run,
    ramped,
    bracket: new Bracket(),
    repeats: [],
    grown: 0,
    sinceGrown: 0,
    level: ramped.rate,
  }
  let { workers } = ramped
  let unsure = 0
  let tries = 0
  for (; tries < MOST_TRIES; tries++) {
    const rate = nextRate(evidence)
    if (rate === undefined) break
    const measured = yield* paced(run, rate)
    if (!measured) break
    if (run.isLimited(measured)) return yield* searchLimit(run)
    const isHeld = run.holds(measured)
    if (isHeld === undefined && ++unsure === MOST_UNSURE) break
    if (isHeld === undefined) continue
    evidence.bracket.add(rate, isHeld)
    if (!isHeld) yield* settle(run)
    const isAbove = isHeld && rate > 1.05 * evidence.level
    if (tries % 2 === 0 && !isAbove) continue
    const repeat = yield* repeated(evidence, isAbove ? 2 * workers : workers)
    if (!repeat) continue
    if (run.isLimited(repeat)) return yield* searchLimit(run)
    if (repeat.rate > GROWN * evidence.level && isAbove) {
      workers = Math.min(2 * workers, run.budget.inFlight)
      evidence.grown++
      evidence.sinceGrown = run.steps.length - 1
      evidence.level = repeat.rate
      evidence.bracket = new Bracket()
      evidence.repeats.length = 0
    }
    if (!run.hasErrors(repeat)) evidence.repeats.push(repeat)
  }
  let isFull = false
  for (let count = 0; count < MOST_REPEATS && hasEnd(evidence); count++) {
    const found = conclude(evidence)
    const { low, best, high } = found
    const isSure = low !== undefined && best !== undefined && high !== undefined && high - best <= SURE * best
    if (isSure && evidence.repeats.length >= KEPT) break
    // With a longer queue as well: what a service answers may depend on it, and more so where others use the machine.
    const isLonger = count % 2 === 0 && !isFull
    const repeat = yield* repeated(evidence, isLonger ? 2 * workers : workers)
    if (!repeat && isLonger) {
      isFull = true
      continue
    }
    if (!repeat) break
    if (run.isLimited(repeat)) return yield* searchLimit(run)
    if (run.hasErrors(repeat)) isFull = true
    else evidence.repeats.push(repeat)
  }
  return conclude(evidence)
}

/** More than the service holds was seen. */
function hasEnd({ ramped, bracket }: Evidence): boolean {
  return ramped.isLevel || bracket.ends.broke < Number.POSITIVE_INFINITY
}

/** The next rate to try; undefined when both ends of a narrow bracket are sure. */
function nextRate({ bracket, level }: Evidence): number | undefined {
  const tied = bracket.tied()
  if (tied !== undefined) return tied
  const { held, broke } = bracket.ends
  if (held === 0 && broke === Number.POSITIVE_INFINITY) return FIRST_TRY * level
  if (held === 0) return broke * DOWN < LEAST_TRY * level ? undefined : broke * DOWN
  if (broke === Number.POSITIVE_INFINITY) return held * UP
  if (broke / held > NARROW) return Math.sqrt(held * broke)
  if (!bracket.isSure(held)) return held
  if (!bracket.isSure(broke)) return broke
  return undefined
}

/** Seconds of an open step, in times of one answer: before a third of it, as many wait as will. */
const LONG = 4

/** An open step, as long as what is left affords beside the closed ones that end the search. */
function* paced(run: Run, rate: number): Asking<Measured | undefined> {
  const keptRequests = 2 * run.size
  const keptSeconds = KEPT * run.span
  const seconds = Math.min(run.budget.seconds / 10, (run.secondsLeft - keptSeconds) / 2)
  const requests = Math.floor(Math.min(Math.max(run.size, rate * LONG * (run.unloaded ?? 0)), rate * seconds))
  if (requests < 20 || seconds < LONG * (run.unloaded ?? 0)) return undefined
  if (!run.affords(requests + keptRequests, requests / rate + keptSeconds)) return undefined
  return yield* run.ask({ kind: 'open', rate, requests })
}

/** A closed step with as many workers as keep it busy: of 30 answers at least, and of more where they come fast. */
function* repeated({ run, level }: Evidence, workers: number): Asking<Measured | undefined> {
  const concurrency = Math.min(workers, run.budget.inFlight)
  const seconds = Math.min(run.budget.seconds / 12, Math.max(1.5 * run.span, 40 / level, (4 * concurrency) / level))
  const requests = Math.min(
    Math.max(3 * concurrency, run.size),
    run.requestsLeft,
    Math.ceil(level * seconds) + concurrency,
  )
  const least = Math.min(seconds, requests / level)
  if (requests < 3 * concurrency || !run.affords(requests, least)) return undefined
  return yield* run.closed(concurrency, requests, seconds)
}

const MOST_WAITS = 3

/** After a step that broke: waits until an answer takes about as long as it did before, or the next step breaks for it. */
function* settle(run: Run): Asking<void> {
  for (let count = 0; count < MOST_WAITS; count++) {
    if (!run.affords(5, 0.1 + 5 * (run.unloaded ?? 0))) return
    const calm = yield* run.closed(1, 3)
    if (calm.served > 0 && calm.latency.p50 < 2 * (run.unloaded ?? 0) + 0.002) {
      run.unloaded = Math.min(run.unloaded ?? Number.POSITIVE_INFINITY, Math.max(calm.latency.p50, 1e-4))
      return
    }
    yield* run.rest(Math.min(0.3, run.secondsLeft / 20))
  }
}
