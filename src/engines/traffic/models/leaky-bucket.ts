import { ADMITTED, DELAYED, type PeekingLimiter, REFUSED, type Verdict } from './limiter.ts'
import { Rows } from './rows.ts'

/**
 * nginx `limit_req` (ngx_http_limit_req_module.c, since 1.15): whole milliseconds, the excess in thousandths of a request,
 * the rate in thousandths of a request a second, all rounded down. An admitted request adds one, time takes away the rate;
 * above `burst` it is refused and costs nothing. A drain of less than a thousandth between two requests is lost, and a
 * millisecond in which many requests come drains once: a small burst admits less than the rate.
 */
export class LeakyBucket implements PeekingLimiter {
  readonly #rate: number
  readonly #burst: number
  readonly #undelayed: number
  /** Of each client: when its excess was last counted, and the excess. */
  readonly #rows = new Rows([Number.NEGATIVE_INFINITY, 0])

  /** `rate` in requests a second; `burst` and `undelayed` in requests, the latter Infinity with `nodelay`. */
  constructor(rate: number, burst: number, undelayed: number) {
    this.#rate = thousandths(rate)
    this.#burst = Math.floor(burst) * 1000
    this.#undelayed = undelayed * 1000
  }

  refuses(client: number, atMs: number): boolean {
    const at = client * 2
    const rows = this.#rows.numbers
    if (at >= rows.length) return 0 > this.#burst
    return this.#excess(rows, at, Math.floor(atMs)) > this.#burst
  }

  admit(client: number, atMs: number): Verdict {
    const at = client * 2
    let rows = this.#rows.numbers
    if (at >= rows.length) rows = this.#rows.grow(at)
    const now = Math.floor(atMs)
    const excess = this.#excess(rows, at, now)
    if (excess > this.#burst) return REFUSED
    // A clock that went back by more than a minute is believed (ngx_msec_int_t arithmetic of the module).
    if (now > rows[at]! || now - rows[at]! < -60_000) rows[at] = now
    rows[at + 1] = excess
    if (excess <= this.#undelayed) return ADMITTED
    return Math.floor(((excess - this.#undelayed) * 1000) / this.#rate) > 0 ? DELAYED : ADMITTED
  }

  #excess(rows: Float64Array, at: number, now: number): number {
    let ms = now - rows[at]!
    if (ms < 0) ms = ms < -60_000 ? 1 : 0
    const excess = rows[at + 1]! - Math.floor((this.#rate * ms) / 1000) + 1000
    return excess < 0 ? 0 : excess
  }
}

/** nginx keeps a rate as a whole number of thousandths: `1r/m` is 16 of them, 0.96 requests a minute. */
export function thousandths(ratePerSecond: number): number {
  // Of 1000/60 and its kind, the division may fall a hair short of the whole number that nginx computes in integers.
  return Math.floor(ratePerSecond * 1000 + 1e-9)
}
