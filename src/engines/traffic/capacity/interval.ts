/** A capacity lies from `low` to `high`; `best` is the single best guess. */
export interface Interval {
  readonly low: number
  readonly best: number
  readonly high: number
}

/** Two-sided 97.5 % quantiles of Student's t by degrees of freedom; beyond the table those of the normal distribution. */
const T = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13]
const T_MANY = 2.1

/** What clocks, kernels and clients differ by on a quiet machine. */
const LEAST_HALF_WIDTH = 0.06

/** What is measured another time is as long as so many of these. */
const OTHERS = 2
/** Scattered by more than this times what independent answers of random length would scatter. */
const SCATTERED = 2
/** Two-sided 99 % against 95 %, about. */
const WIDER = 1.4
/** Of so many measurements one at either end is left out. */
const EXTREMES = 8

/**
 * Where another measurement would fall, 19 times of 20, that is as long as two of these (a prediction interval, not one of
 * the mean: what is asked is what the service holds another time). Where they scatter more than answers of random length
 * would, something else is at work that may last longer than a measurement, and the interval is wider; but hardly beyond
 * what was seen, of steady ones without their extremes where there are many. Undefined of fewer than two measurements.
 */
export function predict(
  measurements: readonly { readonly rate: number; readonly counted: number }[],
): Interval | undefined {
  const count = measurements.length
  if (count < 2) return undefined
  const weights = measurements.reduce((sum, each) => sum + each.counted, 0)
  const mean = measurements.reduce((sum, { rate, counted }) => sum + rate * counted, 0) / weights
  const square =
    (measurements.reduce((sum, { rate, counted }) => sum + counted * (rate - mean) ** 2, 0) / weights) *
    (count / (count - 1))
  const edge = (mean * count) / weights
  const isScattered = square > (SCATTERED * mean ** 2 * count) / weights
  const deviation = Math.sqrt(square + edge ** 2) * (isScattered ? WIDER : 1)
  const half = (T[count - 2] ?? T_MANY) * deviation * Math.sqrt(1 / (isScattered ? 1 : OTHERS) + 1 / count)
  const rates = measurements.map(({ rate }) => rate).sort((a, b) => a - b)
  const out = isScattered ? 0 : Math.floor(count / EXTREMES)
  const slack = Math.max((isScattered ? 2 : 1) * LEAST_HALF_WIDTH * mean, edge)
  const best = middle(rates)
  return {
    low: Math.max(0, Math.min(best * (1 - LEAST_HALF_WIDTH), Math.max(best - half, (rates[out] as number) - slack))),
    best,
    high: Math.max(best * (1 + LEAST_HALF_WIDTH), Math.min(best + half, (rates[count - 1 - out] as number) + slack)),
  }
}

/** The mean of the middle half: a stall of the machine, or of the sender, moves it little. */
function middle(sorted: readonly number[]): number {
  const out = Math.floor(sorted.length / 4)
  const kept = sorted.slice(out, sorted.length - out)
  return kept.reduce((sum, each) => sum + each, 0) / kept.length
}
