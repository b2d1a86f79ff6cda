import type { Limit } from '../limit.ts'
import type { Column } from './column.ts'
import type { Measure } from './needs.ts'
import type { Outlier } from './outliers.ts'
import type { RouteProfile } from './profile.ts'
import { above, quantile } from './quantile.ts'
import type { Shape } from './shape.ts'

const P999 = 0.999
/** Of the requests of everyone but outliers, at most this share may come from clients that a limit refuses anything. */
const MOST_REFUSED = 0.001
/** A burst below a tenth of the rate refuses evenly paced clients at the rate itself (nginx counts whole milliseconds). */
const LEAST_BURST = 0.1
const LEAST_CONNECTIONS = 10
const LEAST_BODY = 64 * 1024

export interface FitOptions {
  readonly shape: Shape
  readonly headroom: number
  readonly outliers: readonly Outlier[]
  /** Seconds within which the log does not tell times apart. */
  readonly coarseSeconds: number
}

/** The sustained rate: what 99.9 % of the clients stay below in their busiest minute, with headroom. */
export interface Sustained {
  readonly rate: number
  readonly period: number
  /** Requests in the busiest minute of the client that 99.9 % do not exceed. */
  readonly p999: number
}

export function sustained(profile: RouteProfile, { shape, headroom, outliers }: FitOptions): Sustained | undefined {
  const p999 = quantile(profile.peakMinute, P999, new Set(outliers.map(({ client }) => client)))
  if (p999 === 0) return undefined
  const perSecond = (p999 * headroom) / 60
  if (shape.burst === 'period')
    return { rate: Math.max(1, Math.ceil(perSecond * shape.period)), period: shape.period, p999 }
  return perSecond >= 1 || shape.longest < 60
    ? { rate: Math.max(1, Math.ceil(perSecond)), period: 1, p999 }
    : { rate: Math.ceil(p999 * headroom), period: 60, p999 }
}

/** What has to be measured of each client before the burst, or the window, can be fitted. */
export function measureOf({ rate, period }: Sustained, { shape }: FitOptions): Measure {
  return shape.burst === 'period'
    ? { kind: 'window', seconds: shape.period }
    : { kind: 'bucket', perSecond: rate / period }
}

/** The smallest limit of requests that refuses nothing of 99.9 % of the clients with headroom, and next to nothing of all. */
export function requestLimitOf(
  found: Sustained,
  need: Column,
  { total, requests }: RouteProfile,
  { shape, headroom, outliers, coarseSeconds }: FitOptions,
): Limit {
  const without = new Set(outliers.map(({ client }) => client))
  const legitimate = requests - outliers.reduce((sum, each) => sum + each.requests, 0)
  const slack = shape.burst === 'period' ? 0 : (found.rate / found.period) * coarseSeconds
  const wanted = quantile(need, P999, without) * headroom + slack
  const beyond = above(need, wanted - slack, total, without)
  const enough = beyond.requests > MOST_REFUSED * legitimate ? beyond.greatest + slack : wanted
  const common = {
    kind: 'requests',
    algorithm: shape.algorithm,
    key: { kind: 'client-address' },
    scope: 'replica',
    code: shape.code,
  } as const
  if (shape.burst === 'period') {
    const rate = Math.max(1, Math.ceil(enough))
    return { ...common, rate, period: shape.period, burst: shape.algorithm === 'token-bucket' ? rate - 1 : 0 }
  }
  const { rate, period } = found
  const least = Math.max(1, Math.ceil(enough), Math.ceil((LEAST_BURST * rate) / period))
  const burst = shape.burst === 'multiple' ? Math.ceil(least / rate) * rate : least
  return { ...common, rate, period, burst }
}

/** Requests of one client that are answered at once; undefined where the log does not tell how long they took. */
export function connectionLimitOf(profile: RouteProfile, { shape, headroom, outliers }: FitOptions): Limit | undefined {
  if (!shape.connections || profile.timed < profile.requests) return undefined
  const without = new Set(outliers.map(({ client }) => client))
  const p999 = quantile(profile.peakInFlight, P999, without)
  const { greatest } = above(profile.peakInFlight, p999, profile.total, without)
  const connections = Math.max(LEAST_CONNECTIONS, Math.ceil(p999 * headroom), greatest)
  return {
    kind: 'connections',
    algorithm: 'concurrent',
    connections,
    key: { kind: 'client-address' },
    scope: 'replica',
    code: shape.code,
  }
}

/** The next power of two above the largest body with headroom; undefined where the log tells of none. */
export function bodyLimitOf(profile: RouteProfile, { shape, headroom }: FitOptions): Limit | undefined {
  if (!shape.body || profile.sized < profile.requests || profile.largest === 0) return undefined
  const body = Math.max(LEAST_BODY, 2 ** Math.ceil(Math.log2(profile.largest * headroom)))
  return {
    kind: 'body',
    algorithm: 'threshold',
    body,
    key: { kind: 'expression', text: 'request' },
    scope: 'replica',
    code: 413,
  }
}
