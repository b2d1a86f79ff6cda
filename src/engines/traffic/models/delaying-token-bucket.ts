import { ADMITTED, DELAYED, type Limiter, REFUSED, type Verdict } from './limiter.ts'
import { Rows } from './rows.ts'

/**
 * Traefik `rateLimit` (pkg/middlewares/ratelimiter over golang.org/x/time/rate): a token bucket whose tokens may be
 * reserved ahead, by as much as is served within half the time of one token (at most half a second); what would wait
 * longer is refused and gives its reservation back. A client that is silent until its entry expires (2 seconds, for rates
 * from one a second) finds a full bucket, however slowly it fills: expiry is in whole seconds of the clock.
 */
export class DelayingTokenBucket implements Limiter {
  readonly #msPerToken: number
  readonly #fullMs: number
  readonly #maxDelayNs: number
  readonly #ttl: number
  /** Of each client: when its bucket was or will be empty, the second in which it was last seen. */
  readonly #rows = new Rows([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])

  /** `rate` in requests a second; `size` in tokens, Traefik's `burst`. */
  constructor(rate: number, size: number) {
    this.#msPerToken = 1000 / rate
    this.#fullMs = Math.max(size, 1) * this.#msPerToken
    this.#maxDelayNs = rate < 1 ? 5e8 : Math.floor(1e9 / (Math.floor(rate) * 2))
    this.#ttl = rate >= 1 ? 2 : 1 + Math.floor(1 / rate)
  }

  admit(client: number, atMs: number): Verdict {
    const at = client * 2
    let rows = this.#rows.numbers
    if (at >= rows.length) rows = this.#rows.grow(at)
    const second = Math.floor(atMs / 1000)
    const full = atMs - this.#fullMs
    const forgotten = rows[at + 1]! + this.#ttl <= second
    rows[at + 1] = second
    const after = (forgotten ? full : Math.max(rows[at]!, full)) + this.#msPerToken
    if (after <= atMs) {
      rows[at] = after
      return ADMITTED
    }
    if (Math.floor((after - atMs) * 1e6) > this.#maxDelayNs) {
      if (forgotten) rows[at] = full
      return REFUSED
    }
    rows[at] = after
    return DELAYED
  }
}
