import type { Algorithm, Limit } from '../limit.ts'

/** Engines without a burst of their own: what they admit at once is their limit. */
const WINDOWS: ReadonlySet<Algorithm> = new Set(['sliding-window', 'fixed-window'])

export function isWindow({ algorithm }: Limit): boolean {
  return WINDOWS.has(algorithm)
}

/** Requests of one client that pass at once after a pause. */
export function atOnce(limit: Limit): number {
  return isWindow(limit) ? (limit.rate ?? 0) : (limit.burst ?? 0) + 1
}

/** Requests a second, in the long run. */
export function perSecond({ rate = 0, period = 1 }: Limit): number {
  return rate / period
}

/** `10 a second`, `600 a minute`, `5 in 10 s`. */
export function rateText({ rate = 0, period = 1 }: Limit): string {
  const number = String(Math.round(rate * 1000) / 1000)
  const name = UNITS.get(period)
  return name === undefined ? `${number} in ${period} s` : `${number} a ${name}`
}

const UNITS: ReadonlyMap<number, string> = new Map([
  [1, 'second'],
  [60, 'minute'],
  [3600, 'hour'],
  [86_400, 'day'],
])

/**
 * `rate` whole requests in one of `periods` seconds, as near to the limit as may be and never more strict than asked by
 * more than the rounding: the own period first, then the shortest that needs no rounding, then the longest.
 */
export function inPeriods(limit: Limit, periods: readonly number[]): { rate: number; period: number } {
  const { rate = 0, period = 1 } = limit
  if (periods.includes(period) && Number.isInteger(rate)) return { rate, period }
  const exact = [...periods].sort((a, b) => a - b).find((each) => nearlyWhole((rate * each) / period) && rate > 0)
  const chosen = exact ?? Math.max(...periods)
  return { rate: Math.max(1, Math.round((rate * chosen) / period)), period: chosen }
}

function nearlyWhole(value: number): boolean {
  return value >= 1 && Math.abs(value - Math.round(value)) < 1e-9 * value
}
