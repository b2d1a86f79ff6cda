import type { Spans } from './identity-fold.ts'

/** Of the seats of the server: whoever takes more than this in a second, on average, floods it. */
const FLOOD = 0.05
const LEAST_FLOOD = 2
/** What a flood leaves in a queue is served within a quarter of the request timeout (server/config.go). */
const AFTER_MS = 15_000
const TAIL = 0.999
const MOST_SECONDS = 2_000_000

/** What one identity needed, second by second. */
export interface Demand {
  /** Seats above which it floods. */
  readonly floodSeats: number
  /** The most in one second, on average over it. */
  readonly peakSeats: number
  /** Outside of floods, the p99.9 of the seconds in which it did anything; undefined where all of it is flood, or nothing. */
  readonly needSeats: number | undefined
  readonly activeSeconds: number
  readonly floodSeconds: number
  /** There were more seconds than are kept. */
  readonly isPartial: boolean
  /** Whether it flooded at this time, or just before. */
  isFlood(timeMs: number): boolean
}

/** `most`: seats of one request at the level that takes them today, 0 for no bound. */
export function demandOf(
  { count, startMs, waitedMs, servedMs, seats }: Spans,
  most: number,
  serverSeats: number,
): Demand {
  const floodSeats = Math.max(LEAST_FLOOD, Math.floor(serverSeats * FLOOD))
  const bySecond = new Map<number, number>()
  let isPartial = false
  for (let at = 0; at < count; at++) {
    const from = (startMs[at] as number) + (waitedMs[at] as number)
    const to = from + (servedMs[at] as number)
    const wide = seats[at] as number
    const taken = most > 0 && wide > most ? most : wide
    // `--request-timeout` is a minute: what took longer was not served all the time.
    const last = Math.min(Math.floor(to / 1000), Math.floor(from / 1000) + 60)
    for (let second = Math.floor(from / 1000); second <= last; second++) {
      if (bySecond.size >= MOST_SECONDS && !bySecond.has(second)) {
        isPartial = true
        continue
      }
      const within = Math.min(to, (second + 1) * 1000) - Math.max(from, second * 1000)
      bySecond.set(second, (bySecond.get(second) ?? 0) + (taken * within) / 1000)
    }
  }
  const floods = [...bySecond].filter(([, each]) => each > floodSeats).map(([second]) => second * 1000)
  const spans = merged(floods)
  const isFlood = (time: number): boolean => holds(spans, time)
  const calm = [...bySecond].filter(([second]) => !isFlood(second * 1000)).map(([, each]) => each)
  const sorted = Float64Array.from(calm).sort()
  return {
    floodSeats,
    peakSeats: [...bySecond.values()].reduce((peak, each) => Math.max(peak, each), 0),
    needSeats: sorted.length === 0 ? undefined : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * TAIL))],
    activeSeconds: bySecond.size,
    floodSeconds: floods.length,
    isPartial,
    isFlood,
  }
}

interface Span {
  readonly from: number
  to: number
}

/** Before a flood is known as one it has begun: the second before belongs to it. */
function merged(seconds: readonly number[]): readonly Span[] {
  const spans: Span[] = []
  for (const second of seconds.toSorted((a, b) => a - b)) {
    const last = spans.at(-1)
    if (last && second - 1000 <= last.to) last.to = second + 1000 + AFTER_MS
    else spans.push({ from: second - 1000, to: second + 1000 + AFTER_MS })
  }
  return spans
}

function holds(spans: readonly Span[], time: number): boolean {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle] as Span).to < time) low = middle + 1
    else high = middle
  }
  const found = spans[low]
  return found !== undefined && found.from <= time
}
