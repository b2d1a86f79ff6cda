import { ADMITTED, type PeekingLimiter, REFUSED, type Verdict } from './limiter.ts'
import { Rows } from './rows.ts'

/**
 * Kong `rate-limiting`, Envoy's rate limit service: a counter for each full period of the clock (seconds, minutes, hours
 * since 1970, UTC), which refuses once it is full. Across the edge of two periods it admits twice the limit.
 */
export class FixedWindow implements PeekingLimiter {
  readonly #limit: number
  readonly #periodMs: number
  /** Of each client: the number of its period, the count in it. */
  readonly #rows = new Rows([Number.NEGATIVE_INFINITY, 0])

  constructor(limit: number, periodMs: number) {
    this.#limit = Math.floor(limit)
    this.#periodMs = periodMs
  }

  refuses(client: number, atMs: number): boolean {
    const at = client * 2
    const rows = this.#rows.numbers
    const seen = at < rows.length && rows[at] === Math.floor(atMs / this.#periodMs)
    return (seen ? rows[at + 1]! : 0) >= this.#limit
  }

  admit(client: number, atMs: number): Verdict {
    const at = client * 2
    let rows = this.#rows.numbers
    if (at >= rows.length) rows = this.#rows.grow(at)
    const window = Math.floor(atMs / this.#periodMs)
    if (rows[at] !== window) {
      rows[at] = window
      rows[at + 1] = 0
    }
    if (rows[at + 1]! >= this.#limit) return REFUSED
    rows[at + 1] = rows[at + 1]! + 1
    return ADMITTED
  }
}
