import type { Measured } from './measured.ts'
import type { Asking, Run } from './run.ts'

/** Twice the workers give less than this much more: the service has no more to give. */
const GAIN = 1.1
/** Of steps at least this near the best one the differences are chance. */
export const LEVEL = 0.9

export interface Ramp {
  /** Requests a second of the level part; of the best step where it never levelled off. */
  readonly rate: number
  /** Fewest workers that reach it. */
  readonly knee: number
  /** Workers that keep the service busy without a long queue. */
  readonly workers: number
  readonly isLevel: boolean
  /** As many workers as may be were not enough. */
  readonly isCapped: boolean
  readonly isLimited: boolean
}

/** Waits until the idle service answers evenly: first answers compile, connect and fill caches. */
export function* warmUp(run: Run): Asking<Measured> {
  let before: Measured | undefined
  for (;;) {
    const measured = yield* run.closed(1, Math.max(10, run.size / 12))
    if (measured.served === 0 || run.isLimited(measured)) return measured
    run.unloaded = Math.min(run.unloaded ?? Number.POSITIVE_INFINITY, measured.latency.p50)
    run.baseErrors = measured.failed / measured.sent
    const isEven = before !== undefined && measured.latency.p50 > 0.8 * before.latency.p50
    before = measured
    const isLong = run.seconds > 0.1 * run.budget.seconds || run.requests > 0.05 * run.budget.requests
    if (isEven || isLong || run.isStopped) return measured
  }
}

/** More and more workers, until more of them give no more answers. */
export function* ramp(run: Run, first: Measured): Asking<Ramp> {
  const steps: { workers: number; measured: Measured }[] = [{ workers: 1, measured: first }]
  let best = first.rate
  let flat = 0
  let factor = 2
  let workers = 1
  let isLevel = false
  let isCapped = false
  for (;;) {
    workers *= factor
    if (workers > run.budget.inFlight) {
      isCapped = true
      break
    }
    const rate = Math.max(best, 1 / (run.unloaded ?? 1))
    const requests = Math.max(4 * workers, Math.min(run.size / 2, rate * run.span * 2))
    const isPoor = !run.affords(requests, Math.min(run.span, requests / rate))
    const isHalf = run.requests + requests > run.budget.requests / 2 || run.seconds + run.span > run.budget.seconds / 2
    if (run.isStopped || isPoor || isHalf) break
    const measured = yield* run.closed(workers, requests)
    if (run.isLimited(measured)) return { rate: best, knee: 1, workers, isLevel: false, isCapped, isLimited: true }
    steps.push({ workers, measured })
    if (run.hasErrors(measured)) {
      isLevel = true
      break
    }
    const gain = measured.rate / best
    flat = gain < GAIN ? flat + 1 : 0
    best = Math.max(best, measured.rate)
    if (flat === 2) {
      isLevel = true
      break
    }
    // Slow services are asked in greater steps while they scale, or time would run out on the way.
    factor = gain > 1.7 && measured.latency.p50 > run.budget.seconds / 120 ? 4 : 2
  }
  const good = steps.filter(({ measured }) => !run.hasErrors(measured))
  const level = good.filter(({ measured }) => measured.rate >= LEVEL * best)
  const counted = level.reduce((sum, { measured }) => sum + measured.counted, 0)
  const rate = level.reduce((sum, { measured }) => sum + measured.rate * measured.counted, 0) / Math.max(1, counted)
  const knee = level[0]?.workers ?? 1
  return {
    rate: rate || best,
    knee,
    workers: Math.min(good.at(-1)?.workers ?? knee, Math.max(2, knee * 2)),
    isLevel,
    isCapped,
    isLimited: false,
  }
}
