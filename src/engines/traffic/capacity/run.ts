import type { Outcome, Step } from '../../../observe/probe/step.ts'
import { type Load, type Measured, measure } from './measured.ts'

/** What a search may use up. */
export interface Budget {
  readonly requests: number
  readonly seconds: number
  /** Requests in flight at once. */
  readonly inFlight: number
}

/** Answers of one load, or undefined where it can no longer be had. */
export type Asking<T> = Generator<Step, T, Outcome>

/** A share of errors that no load explains away. */
const ERRORS = 0.01
const LEAST_ERRORS = 3
const LIMITED = 0.01
const BACKLOG = 0.05
/** Requests that may wait beyond what an idle service would have in flight, whatever the size of the step. */
const LEAST_BACKLOG = 3
/** Sent this much later than planned, as a share of the step, the load was another one than was asked. */
const LATE = 0.05
/** The event loop of the sender is busy for so much of the time: what it measures may be itself. */
const SENDER_BUSY = 0.85

/** What was asked so far, what it has used up, and what it says. */
export class Run {
  readonly budget: Budget
  readonly steps: Measured[] = []
  /** Seconds and requests used. */
  seconds = 0
  requests = 0
  /** Median seconds of an answer of the idle service. */
  unloaded: number | undefined
  /** The share of errors of the idle service. */
  baseErrors = 0
  isStopped = false
  /** Times, since the search began, at which requests were sent that were served; for the burst of a limit. */
  readonly admitted: number[] = []
  readonly #tails: number[] = []

  constructor(budget: Budget) {
    this.budget = budget
  }

  get requestsLeft(): number {
    return this.isStopped ? 0 : this.budget.requests - this.requests
  }

  get secondsLeft(): number {
    return this.isStopped ? 0 : this.budget.seconds - this.seconds
  }

  /** Requests that one step of the search takes when nothing bounds it. */
  get size(): number {
    return Math.max(30, Math.floor(this.budget.requests / 16))
  }

  /** Seconds that one step takes at most, unless an answer takes longer. */
  get span(): number {
    return Math.max(this.budget.seconds / 40, 4 * (this.unloaded ?? 0))
  }

  /** Whether a step of so many requests, and seconds, leaves something to end with. */
  affords(requests: number, seconds: number): boolean {
    // What is in flight when the sending ends must still be answered: the longest wait so far says how long that may take.
    const tail = this.#tails.reduce((most, each) => Math.max(most, each), 0)
    return requests <= this.requestsLeft && seconds + tail + 0.02 * this.budget.seconds <= this.secondsLeft
  }

  *ask(step: Load): Asking<Measured> {
    const outcome = yield step
    const measured = measure(step, this.seconds, outcome)
    for (const [index, fate] of outcome.fates.entries())
      if (fate === 'served') this.admitted.push(this.seconds + (outcome.sentAt[index] as number))
    this.steps.push(measured)
    this.seconds += outcome.seconds
    this.requests += measured.sent
    this.#tails.push(Math.max(0, outcome.seconds - outcome.sendSeconds))
    if (this.#tails.length > 3) this.#tails.shift()
    if (outcome.ended === 'stopped') this.isStopped = true
    return measured
  }

  *rest(seconds: number): Asking<void> {
    const outcome = yield { kind: 'rest', seconds }
    this.seconds += outcome.seconds
    if (outcome.ended === 'stopped') this.isStopped = true
  }

  *closed(concurrency: number, requests: number, seconds = this.span): Asking<Measured> {
    return yield* this.ask({
      kind: 'closed',
      concurrency,
      requests: Math.max(1, Math.min(Math.ceil(requests), this.requestsLeft)),
      seconds: Math.min(seconds, Math.max(0.05, this.secondsLeft)),
    })
  }

  hasErrors({ failed, sent }: Measured): boolean {
    return failed >= LEAST_ERRORS && failed / sent > Math.max(ERRORS, this.baseErrors * 2 + ERRORS)
  }

  /** Refusals that came with the load are of a limit, whatever their code; one that answers 403 is common. */
  isLimited({ limited, refused, sent }: Measured): boolean {
    const count = limited + refused
    return count >= 2 && count / sent > LIMITED
  }

  /** Requests that wait although the service, at the speed that it has idle, would have answered them; or by their growth. */
  backlog({ offered, inFlight, growth }: Measured): number {
    const usual = offered * (this.unloaded ?? 0)
    return Math.max(inFlight - 1.5 * usual, usual > LEAST_BACKLOG ? growth : 0)
  }

  /** Whether an open step was held; undefined where the sender, and not the service, was late or at its bounds. */
  holds(measured: Measured): boolean | undefined {
    const { step, sent, load, ended } = measured
    if (step.kind !== 'open') return undefined
    // An answer takes so long that the bound on requests in flight is reached without any queue.
    if (step.rate * (this.unloaded ?? 0) > this.budget.inFlight / 2) return undefined
    if (ended === 'in-flight' || this.hasErrors(measured)) return false
    if (this.backlog(measured) <= Math.max(LEAST_BACKLOG, BACKLOG * sent)) return true
    return load.lateness > Math.max(0.02, (LATE * step.requests) / step.rate) ? undefined : false
  }
}

export function isSenderBound({ load }: Measured): boolean {
  return load.busy > SENDER_BUSY || load.cpu > SENDER_BUSY
}
