/** Half a million requests, in 5 MiB. */
const SLOTS = 1 << 19

/**
 * The requests that were told, most of the last half million: each has one place, which the next one of that place takes.
 * That two different ones pass for the same needs equal keys of 64 bits.
 */
export class Seen {
  readonly #high = new Int32Array(SLOTS)
  readonly #low = new Int32Array(SLOTS)
  readonly #body = new Uint16Array(SLOTS)

  /**
   * What was known of it before. The last bit tells whether it was told as done, or was given up before; a request with
   * another body is another request, whatever its client wrote into its auditID.
   */
  put(high: number, low: number, body: number, isDone: boolean): 'done' | 'given up' | undefined {
    const slot = (high ^ (low >>> 7)) & (SLOTS - 1)
    const known = this.#low[slot] as number
    const isKnown = this.#high[slot] === high && ((known ^ low) & ~1) === 0 && (known !== 0 || high !== 0)
    const isCopy = this.#body[slot] === (body & 0xffff)
    this.#body[slot] = body
    this.#high[slot] = high
    this.#low[slot] = (low & ~1) | (isDone ? 1 : 0)
    if (!isKnown) return undefined
    if ((known & 1) === 0) return 'given up'
    return isCopy ? 'done' : undefined
  }

  has(high: number, low: number): boolean {
    const slot = (high ^ (low >>> 7)) & (SLOTS - 1)
    return this.#high[slot] === high && (((this.#low[slot] as number) ^ low) & ~1) === 0
  }
}
