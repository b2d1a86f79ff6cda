import type { Outcome, SenderLoad, Step } from '../../../observe/probe/step.ts'

export type Load = Exclude<Step, { kind: 'rest' }>

/** What one step showed. Rates are requests a second, times seconds. */
export interface Measured {
  readonly step: Load
  /** When it began, since the search did. */
  readonly at: number
  readonly seconds: number
  readonly sent: number
  readonly served: number
  readonly failed: number
  readonly limited: number
  readonly refused: number
  /** What was offered: of an open step the rate at which requests were really sent, of a closed one what was answered. */
  readonly offered: number
  /** Answers served in its steady part, a second; `counted` is how many those were. */
  readonly rate: number
  readonly counted: number
  /** Requests without an answer near the end of sending: the median over the last seventh of them. */
  readonly inFlight: number
  /** By how many of all those that were sent it grew meanwhile, as far as the part after the third seventh tells. */
  readonly growth: number
  readonly latency: { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number }
  readonly load: SenderLoad
  readonly ended: Outcome['ended']
  readonly answers: ReadonlyMap<string, number>
}

export function measure(step: Load, at: number, outcome: Outcome): Measured {
  const { sentAt, doneAt, fates, sendSeconds, seconds, load, ended, answers } = outcome
  const count = (fate: string): number => fates.reduce((sum, each) => sum + (each === fate ? 1 : 0), 0)
  const served: number[] = []
  const latencies: number[] = []
  const dones: number[] = []
  for (let index = 0; index < sentAt.length; index++) {
    const done = doneAt[index] as number
    if (Number.isNaN(done)) continue
    dones.push(done)
    if (fates[index] !== 'served') continue
    served.push(done)
    latencies.push(done - (sentAt[index] as number))
  }
  ascending(served)
  ascending(dones)
  ascending(latencies)
  const steady =
    step.kind === 'closed' ? closedRate(step.concurrency, served, sendSeconds) : openRate(served, sendSeconds)
  return {
    step,
    at,
    seconds,
    sent: sentAt.length,
    served: served.length,
    failed: count('failed'),
    limited: count('limited'),
    refused: count('refused'),
    offered: step.kind === 'open' ? offeredRate(sentAt) : steady.rate,
    ...steady,
    ...waiting(sentAt, dones),
    latency: {
      p50: quantile(latencies, 0.5),
      p90: quantile(latencies, 0.9),
      p99: quantile(latencies, 0.99),
      max: latencies.at(-1) ?? Number.NaN,
    },
    load,
    ended,
    answers,
  }
}

function ascending(values: number[]): void {
  values.sort((a, b) => a - b)
}

/** Of sorted values; NaN of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )
}

/** The part of an open step after which a backlog has built up, where one does. */
const BUILT_UP = 0.35

/** Rounds of all workers below which the slope depends on where it is cut. */
const ROUNDS = 8

/**
 * The slope of the answers over time, by least squares, from when every worker has had an answer until the sending ends, so
 * that answers which come in bunches (eight servers in step) do not count by where the window cuts them. Of few rounds it is
 * whole rounds by their time, from one worker's answer to a later one of the same worker's.
 */
function closedRate(
  workers: number,
  served: readonly number[],
  sendSeconds: number,
): { rate: number; counted: number } {
  const times = until(served, sendSeconds)
  const rounds = Math.floor(times.length / workers)
  if (rounds >= ROUNDS) {
    const counted = times.length - workers
    return { rate: slopeOf(times.slice(workers)), counted }
  }
  if (rounds >= 2) {
    const counted = (rounds - 1) * workers
    return { rate: counted / ((times[rounds * workers - 1] as number) - (times[workers - 1] as number)), counted }
  }
  return {
    rate: served.length / Math.max(sendSeconds, served.at(-1) ?? Number.POSITIVE_INFINITY),
    counted: times.length,
  }
}

/** A slope so much more than the mean is of answers that came all at once, after a stall. */
const BUNCHED = 1.3

/** The slope after the part in which a backlog builds up; where a stall bends it, the mean. */
function openRate(served: readonly number[], sendSeconds: number): { rate: number; counted: number } {
  const times = until(served, sendSeconds).filter((done) => done >= sendSeconds * BUILT_UP)
  const mean = times.length / Math.max(1e-9, (1 - BUILT_UP) * sendSeconds)
  const slope = times.length < 3 ? Number.NaN : slopeOf(times)
  return { rate: slope <= BUNCHED * mean ? slope : mean, counted: times.length }
}

function until(times: readonly number[], end: number): readonly number[] {
  return times.filter((time) => time <= end)
}

/** Events a second of ascending times. */
export function slopeOf(times: readonly number[]): number {
  const middleTime = times.reduce((sum, each) => sum + each, 0) / times.length
  const middle = (times.length - 1) / 2
  let above = 0
  let below = 0
  for (const [index, time] of times.entries()) {
    above += (index - middle) * (time - middleTime)
    below += (time - middleTime) ** 2
  }
  return above / below
}

function offeredRate(sentAt: ArrayLike<number>): number {
  const last = sentAt.length - 1
  return last < 1 ? 0 : last / Math.max(1e-9, (sentAt[last] as number) - (sentAt[0] as number))
}

/** A stall of a moment moves one request's view, not the median of a seventh of them. */
function waiting(sentAt: ArrayLike<number>, dones: readonly number[]): { inFlight: number; growth: number } {
  const early: number[] = []
  const late: number[] = []
  let answered = 0
  for (let index = 0; index < sentAt.length; index++) {
    while (answered < dones.length && (dones[answered] as number) <= (sentAt[index] as number)) answered++
    const seventh = Math.floor((7 * index) / sentAt.length)
    if (seventh === 3) early.push(index - answered)
    if (seventh === 6) late.push(index - answered)
  }
  if (early.length === 0 || late.length === 0) return { inFlight: 0, growth: 0 }
  const inFlight = median(late)
  return { inFlight, growth: ((inFlight - median(early)) * 7) / 3 }
}
