import type { Spans } from './identity-fold.ts'

/** A quarter of `--request-timeout` (server/config.go: WithPriorityAndFairness): who waits longer is refused. */
export const MOST_WAIT_MS = 15_000

export interface CapLimits {
  readonly seats: number
  /** Of one request. */
  readonly most: number
  readonly queueLengthLimit: number
}

export interface Capped {
  readonly served: number
  /** Served, after a time in the queue. */
  readonly queued: number
  readonly refused: number
  /** Of the refused, those that waited too long. */
  readonly timedOut: number
  readonly waitedMs: number
  readonly mostWaitMs: number
  /** Of all that were served; 0 where none waited. */
  readonly p99WaitMs: number
  readonly mostWaiting: number
  readonly firstRefusedMs: number | undefined
  /** What was refused or waited while it did not flood. */
  readonly calm: { readonly requests: number; readonly refused: number; readonly queued: number }
  readonly seatSeconds: number
}

/**
 * Recorded requests at a priority level of one queue that neither borrows nor lends (fairqueuing/queueset: a request is
 * refused where all seats are taken and the queue is full; the head waits until its seats are free, and a request that is
 * wider than the level until nothing else is served). They come when they came, and are served for as long as they were.
 */
export function replayCapped(
  { count, startMs, servedMs, seats: widths }: Spans,
  { seats, most, queueLengthLimit }: CapLimits,
  isFlood: (timeMs: number) => boolean,
): Capped {
  const busy = new Ends()
  const queue: number[] = []
  let head = 0
  let inUse = 0
  const waits: number[] = []
  const told = { queued: 0, refused: 0, timedOut: 0, waitedMs: 0, mostWaitMs: 0, mostWaiting: 0, seatSeconds: 0 }
  const calm = { requests: 0, refused: 0, queued: 0 }
  let firstRefusedMs: number | undefined
  const widthOf = (at: number): number => Math.min(widths[at] as number, most)
  const refuse = (at: number): void => {
    told.refused++
    firstRefusedMs ??= startMs[at] as number
    if (!isFlood(startMs[at] as number)) calm.refused++
  }
  const expire = (now: number): void => {
    while (head < queue.length && (startMs[queue[head] as number] as number) + MOST_WAIT_MS < now) {
      told.timedOut++
      refuse(queue[head++] as number)
    }
  }
  const dispatch = (now: number): void => {
    expire(now)
    while (head < queue.length && inUse < seats) {
      const at = queue[head] as number
      const width = widthOf(at)
      const isFree = width > seats ? busy.size === 0 : inUse + width <= seats
      if (!isFree) return
      head++
      inUse += width
      const waited = now - (startMs[at] as number)
      if (waited > 0) {
        told.queued++
        told.waitedMs += waited
        told.mostWaitMs = Math.max(told.mostWaitMs, waited)
        waits.push(waited)
        if (!isFlood(startMs[at] as number)) calm.queued++
      }
      told.seatSeconds += (width * (servedMs[at] as number)) / 1000
      busy.add(now + (servedMs[at] as number), width)
    }
  }
  const advance = (until: number): void => {
    while (busy.size > 0 && busy.first <= until) {
      const now = busy.first
      inUse -= busy.take()
      dispatch(now)
    }
    expire(until)
  }
  for (let at = 0; at < count; at++) {
    const now = startMs[at] as number
    advance(now)
    if (!isFlood(now)) calm.requests++
    if (inUse >= seats && queue.length - head >= queueLengthLimit) {
      refuse(at)
      continue
    }
    queue.push(at)
    told.mostWaiting = Math.max(told.mostWaiting, queue.length - head)
    dispatch(now)
    if (head > 10_000 && head * 2 > queue.length) {
      queue.splice(0, head)
      head = 0
    }
  }
  advance(Number.POSITIVE_INFINITY)
  const served = count - told.refused
  const sorted = Float64Array.from(waits).sort()
  const rank = Math.floor(served * 0.99) - (served - sorted.length)
  return {
    ...told,
    served,
    p99WaitMs: rank < 0 ? 0 : (sorted[Math.min(rank, sorted.length - 1)] ?? 0),
    firstRefusedMs,
    calm,
  }
}

/** Ends of what is served, the earliest first: a binary heap. */
class Ends {
  readonly #times: number[] = []
  readonly #widths: number[] = []

  get size(): number {
    return this.#times.length
  }

  get first(): number {
    return this.#times[0] as number
  }

  add(time: number, width: number): void {
    let at = this.#times.length
    this.#times.push(time)
    this.#widths.push(width)
    while (at > 0) {
      const above = (at - 1) >> 1
      if ((this.#times[above] as number) <= time) break
      this.#swap(at, above)
      at = above
    }
  }

  /** The seats of the earliest. */
  take(): number {
    const width = this.#widths[0] as number
    const last = this.#times.length - 1
    this.#swap(0, last)
    this.#times.pop()
    this.#widths.pop()
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      if (left >= last) return width
      const least =
        left + 1 < last && (this.#times[left + 1] as number) < (this.#times[left] as number) ? left + 1 : left
      if ((this.#times[least] as number) >= (this.#times[at] as number)) return width
      this.#swap(at, least)
      at = least
    }
  }

  #swap(a: number, b: number): void {
    for (const list of [this.#times, this.#widths]) {
      const kept = list[a] as number
      list[a] = list[b] as number
      list[b] = kept
    }
  }
}
