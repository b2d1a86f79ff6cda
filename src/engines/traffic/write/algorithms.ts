import type { Algorithm, Limit } from '../limit.ts'

const WHO: Readonly<Record<Algorithm, string>> = {
  'leaky-bucket': 'a leaky bucket (nginx)',
  'token-bucket': 'a token bucket (Envoy)',
  'delaying-token-bucket': 'a token bucket that delays (Traefik)',
  'sliding-window': 'a sliding window (HAProxy)',
  'fixed-window': 'a fixed window',
  concurrent: 'a count of requests in flight',
  threshold: 'a threshold',
  unknown: 'an algorithm that nobody has said',
}

const HOW: Readonly<Record<Algorithm, string>> = {
  'leaky-bucket': 'above the limit it still admits the rate, and refused requests cost nothing',
  'token-bucket': 'above the limit it still admits the rate, and refused requests cost nothing',
  'delaying-token-bucket':
    'it holds a request back by up to half the time of one, and forgets a client of whom it hears nothing for 2 seconds, with what it owes',
  'sliding-window':
    'refused requests count, so that whoever keeps sending more than the limit gets nearly nothing through',
  'fixed-window': 'across the edge of two periods it admits twice the limit',
  concurrent: 'it knows no rate',
  threshold: 'it counts nothing',
  unknown: 'what it admits cannot be said',
}

/** What changes when one algorithm takes the place of another, without numbers: `translate` adds those. */
export function behaviour(from: Limit, to: Limit): string {
  const how =
    SAME.has(from.algorithm) && SAME.has(to.algorithm) ? 'above the limit both admit the rate' : HOW[to.algorithm]
  return `${WHO[to.algorithm]} instead of ${WHO[from.algorithm]}: ${how}`
}

/** Buckets that differ in rounding alone. */
const SAME: ReadonlySet<Algorithm> = new Set(['leaky-bucket', 'token-bucket'])
