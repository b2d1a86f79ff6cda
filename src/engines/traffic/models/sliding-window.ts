import { ADMITTED, type Limiter, REFUSED, type Verdict } from './limiter.ts'
import { Rows } from './rows.ts'

/**
 * HAProxy `http_req_rate(period)` of a stick table, denied where it is greater than the limit (freq_ctr.h, freq_ctr.c): the
 * count of this period and that of the period before, the latter weighted by what of it still lies in the window. Requests
 * are counted before they are judged, so refused ones count: whoever sends more than the limit stays refused. A period
 * starts with the first request after two have passed, else where the last one ended, on an even millisecond. Entries are
 * not forgotten here: the controllers let them expire never, or after minutes of silence.
 */
export class SlidingWindow implements Limiter {
  readonly #limit: number
  readonly #periodMs: number
  /** Of each client: the start of its period, the counts of this and of the last one. */
  readonly #rows = new Rows([Number.NEGATIVE_INFINITY, 0, 0])

  constructor(limit: number, periodMs: number) {
    this.#limit = Math.floor(limit)
    this.#periodMs = periodMs
  }

  admit(client: number, atMs: number): Verdict {
    const at = client * 3
    let rows = this.#rows.numbers
    if (at >= rows.length) rows = this.#rows.grow(at)
    const now = Math.floor(atMs)
    const period = this.#periodMs
    let start = rows[at]!
    let count = rows[at + 1]!
    let before = rows[at + 2]!
    if (now - start >= period) {
      before = count
      count = 0
      start += period
      if (now - start >= period) {
        before = 0
        start = now
      }
      start -= start % 2
    }
    count++
    rows[at] = start
    rows[at + 1] = count
    rows[at + 2] = before
    return Math.floor((before * (start + period - now)) / period) + count > this.#limit ? REFUSED : ADMITTED
  }
}
