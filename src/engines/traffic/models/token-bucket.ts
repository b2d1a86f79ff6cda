import { ADMITTED, type Limiter, REFUSED, type Verdict } from './limiter.ts'
import { Rows } from './rows.ts'

/**
 * Envoy `local_ratelimit` (token_bucket_impl.cc, 1.40): a bucket is one number, the time at which it was empty. Tokens come
 * back continuously at `tokens_per_fill / fill_interval`, not in steps; a client that is new finds the bucket full; a
 * refused request costs nothing.
 */
export class TokenBucket implements Limiter {
  readonly #fullMs: number
  readonly #msPerToken: number
  /** Of each client: when its bucket was empty. */
  readonly #rows = new Rows([Number.NEGATIVE_INFINITY])

  /** `rate` in tokens a second, `size` in tokens. */
  constructor(rate: number, size: number) {
    this.#msPerToken = 1000 / rate
    this.#fullMs = size * this.#msPerToken
  }

  admit(client: number, atMs: number): Verdict {
    let empty = this.#rows.numbers
    if (client >= empty.length) empty = this.#rows.grow(client)
    const after = Math.max(empty[client]!, atMs - this.#fullMs) + this.#msPerToken
    if (after > atMs) return REFUSED
    empty[client] = after
    return ADMITTED
  }
}
