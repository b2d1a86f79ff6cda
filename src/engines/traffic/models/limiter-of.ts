import type { Limit } from '../limit.ts'
import { Concurrency } from './concurrency.ts'
import { DelayingTokenBucket } from './delaying-token-bucket.ts'
import { FixedWindow } from './fixed-window.ts'
import { LeakyBucket } from './leaky-bucket.ts'
import { type ConcurrencyLimiter, type Limiter, type PeekingLimiter, REFUSED, type Verdict } from './limiter.ts'
import { SlidingWindow } from './sliding-window.ts'
import { TokenBucket } from './token-bucket.ts'
import { Turns } from './turns.ts'

export interface LimiterOptions {
  /** Replicas of the engine; requests of a client go to them in turn. One, if not said. */
  readonly replicas?: number
}

/**
 * The machine that decides as the engine of `limit` would. Undefined where nothing can be replayed: a limit of something
 * else than requests, an algorithm that nobody has said, a rate that is no number. What the limit exempts, or applies to
 * only, is the caller's to leave out; a limit in shadow mode refuses here as it would without.
 */
export function limiterOf(limit: Limit, options: LimiterOptions = {}): Limiter | undefined {
  const replicas = Math.max(1, Math.floor(options.replicas ?? 1))
  const apart = limit.scope === 'replica' || limit.scope === 'shared' ? replicas : 1
  const machine = machineOf(limit, limit.scope === 'shared' ? replicas : 1)
  if (machine === undefined) return undefined
  if (limit.key.kind === 'everyone') return new Everyone(apart === 1 ? machine : new Replicas(machine, apart))
  return apart === 1 ? machine : new Replicas(machine, apart)
}

/** The same for a limit of connections or requests in flight of one replica, which needs to know when each one ended. */
export function concurrencyLimiterOf(limit: Limit): ConcurrencyLimiter | undefined {
  const connections = limit.connections ?? Number.NaN
  if (limit.kind !== 'connections' || !(connections >= 0)) return undefined
  const inner = new Concurrency(connections)
  return limit.key.kind === 'everyone' ? { admit: (_, startMs, endMs) => inner.admit(0, startMs, endMs) } : inner
}

/** The machine of one replica, of `shares` that divide the rate; clients are as they come. */
export function machineOf(limit: Limit, shares: number): Limiter | PeekingLimiter | undefined {
  const { rate = Number.NaN, period = 1, burst = 0 } = limit
  if (limit.kind !== 'requests' || !Number.isFinite(rate) || !(rate >= 0)) return undefined
  if (!Number.isFinite(period) || !(period > 0) || !(burst >= 0)) return undefined
  if (limit.algorithm === 'unknown' || limit.algorithm === 'threshold' || limit.algorithm === 'concurrent')
    return undefined
  if (rate === 0) return { admit: () => REFUSED }
  const share = rate / shares
  switch (limit.algorithm) {
    case 'leaky-bucket':
      return new LeakyBucket(sharedRate(rate, period, shares), burst, limit.undelayed ?? Number.POSITIVE_INFINITY)
    case 'token-bucket':
      return new TokenBucket(share / period, burst + 1)
    case 'delaying-token-bucket':
      return new DelayingTokenBucket(share / period, burst + 1)
    case 'sliding-window':
      return new SlidingWindow(share, Math.round(period * 1000))
    case 'fixed-window':
      return new FixedWindow(share, period * 1000)
    default:
      return limit.algorithm satisfies never
  }
}

/** F5's `scale` (internal/configs/ingress.go): whole requests a second, or a minute where that is less than one. */
function sharedRate(rate: number, period: number, shares: number): number {
  if (shares === 1) return rate / period
  const each = rate / shares
  return period === 1 && each < 1 ? Math.floor(each * 60) / 60 : Math.floor(each) / period
}

class Everyone implements Limiter {
  readonly #inner: Limiter

  constructor(inner: Limiter) {
    this.#inner = inner
  }

  admit(_client: number, atMs: number): Verdict {
    return this.#inner.admit(0, atMs)
  }
}

/** Replicas that count alone: a client's requests go round them. */
class Replicas implements Limiter {
  readonly #inner: Limiter
  readonly #turns: Turns

  constructor(inner: Limiter, replicas: number) {
    this.#inner = inner
    this.#turns = new Turns(replicas)
  }

  admit(client: number, atMs: number): Verdict {
    return this.#inner.admit(client * this.#turns.replicas + this.#turns.next(client), atMs)
  }
}
