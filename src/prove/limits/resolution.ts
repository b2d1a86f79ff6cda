import type { Limit } from '../../engines/traffic/limit.ts'

/**
 * A log that tells the second only leaves open when in it a request came. Two requests that it shows so many seconds apart
 * came up to one second nearer or farther: within any span a bucket got up to a second's worth of its rate less or more, and
 * a window saw up to a second's worth of others. The limit that is stricter by this refuses at least what the real one
 * refused, the looser one at most that.
 */
export function stricter(limit: Limit, seconds: number): Limit {
  const { rate = 0, period = 1, burst = 0 } = limit
  if (limit.kind !== 'requests') return limit
  if (isWindow(limit)) return { ...limit, rate: Math.floor((rate * period) / (period + seconds)) }
  return { ...limit, burst: Math.max(0, Math.floor(burst - (rate / period) * seconds)) }
}

export function looser(limit: Limit, seconds: number): Limit {
  const { rate = 0, period = 1, burst = 0 } = limit
  if (limit.kind !== 'requests') return limit
  if (isWindow(limit)) return { ...limit, rate: Math.ceil((rate * (period + seconds)) / period) }
  return { ...limit, burst: Math.ceil(burst + (rate / period) * seconds) }
}

function isWindow({ algorithm }: Limit): boolean {
  return algorithm === 'sliding-window' || algorithm === 'fixed-window'
}
