import type { Limit } from '../limit.ts'
import { Concurrency } from './concurrency.ts'
import { type ConcurrencyLimiter, type Limiter, type PeekingLimiter, REFUSED, type Verdict } from './limiter.ts'
import { type LimiterOptions, machineOf } from './limiter-of.ts'
import { Turns } from './turns.ts'

interface Member {
  /** Its place among the limits. */
  readonly index: number
  readonly everyone: boolean
  readonly apart: boolean
  readonly rate?: Limiter
  readonly peeking?: PeekingLimiter
  readonly concurrency?: ConcurrencyLimiter
}

/**
 * Several limits that hold for one request, in their order.
 *
 * nginx asks every `limit_req` before it tells any (`ngx_http_limit_req_lookup` with `account` for the last alone), and Kong
 * all its periods: a request that one refuses counts in none of them. `limit_conn` comes after `limit_req`, because handlers
 * of a phase run against the order of their modules: what it refuses has counted there. Other engines go from one to the
 * next, and what a later one refuses has counted in those before.
 */
export class Together {
  /** The place of the limit that refused the last request; -1 where none did. */
  refusedBy = -1
  readonly #counting: readonly Member[]
  readonly #allOrNone: readonly Member[]
  readonly #turns: Turns

  /** Limits that nothing can be said of (`limiterOf` is undefined for them) are left out: ask before. */
  constructor(limits: readonly Limit[], options: LimiterOptions = {}) {
    this.#turns = new Turns(options.replicas ?? 1)
    const members = limits.flatMap((limit, index) => memberOf(limit, index, this.#turns.replicas) ?? [])
    this.#allOrNone = members.filter(({ peeking }) => peeking !== undefined)
    this.#counting = members.filter(({ peeking }) => peeking === undefined)
  }

  admit(client: number, startMs: number, endMs: number): Verdict {
    const turn = this.#turns.next(client)
    this.refusedBy = -1
    for (const { peeking, index, everyone, apart } of this.#allOrNone) {
      if (!peeking!.refuses(this.#row(client, turn, everyone, apart), startMs)) continue
      this.refusedBy = index
      return REFUSED
    }
    let verdict: Verdict = 0
    for (const { peeking, everyone, apart } of this.#allOrNone) {
      const one = peeking!.admit(this.#row(client, turn, everyone, apart), startMs)
      if (one !== 0) verdict = one
    }
    for (const { rate, concurrency, index, everyone, apart } of this.#counting) {
      const row = this.#row(client, turn, everyone, apart)
      const one = concurrency ? concurrency.admit(row, startMs, endMs) : rate!.admit(row, startMs)
      if (one === REFUSED) {
        this.refusedBy = index
        return REFUSED
      }
      if (one !== 0) verdict = one
    }
    return verdict
  }

  #row(client: number, turn: number, everyone: boolean, apart: boolean): number {
    if (!apart) return everyone ? 0 : client
    return everyone ? turn : client * this.#turns.replicas + turn
  }
}

function memberOf(limit: Limit, index: number, replicas: number): Member | undefined {
  const common = {
    index,
    everyone: limit.key.kind === 'everyone',
    apart: limit.scope === 'replica' || limit.scope === 'shared',
  }
  if (limit.kind === 'connections') {
    const most = limit.connections ?? Number.NaN
    return most >= 0 ? { ...common, concurrency: new Concurrency(most) } : undefined
  }
  const rate = machineOf(limit, limit.scope === 'shared' ? replicas : 1)
  if (rate === undefined) return undefined
  return 'refuses' in rate ? { ...common, peeking: rate } : { ...common, rate }
}
