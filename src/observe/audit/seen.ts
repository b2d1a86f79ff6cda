/** A set is two lines of the cache: eight requests of four numbers each. */
const SETS = 1 << 15
const WIDTH = 4
const SET = 8 * WIDTH

/**
 * The requests that were told, nearly all of the last hundred thousand and most of a quarter of a million, in 4 MiB: each
 * belongs to a set, whose oldest goes when a ninth one comes. That two different ones pass for the same needs equal keys of
 * 64 bits.
 */
export class Seen {
  readonly #slots = new Int32Array(SETS * SET)

  /**
   * What was known of it before. The last bit of `low` tells whether it was told as done, or was given up before; a request
   * with another body is another request, whatever its client wrote into its auditID.
   */
  put(high: number, low: number, body: number, isDone: boolean): 'done' | 'given up' | undefined {
    const slots = this.#slots
    const first = setOf(high, low)
    const place = placeIn(slots, first, high, low)
    const known = place < 0 ? 0 : (slots[place + 1] as number)
    const isCopy = place >= 0 && slots[place + 2] === body
    const at = place < 0 ? this.#oldest(first) : place
    slots[at] = high
    slots[at + 1] = (low & ~1) | (isDone ? 1 : 0)
    slots[at + 2] = body
    if (place < 0) return undefined
    if ((known & 1) === 0) return 'given up'
    return isCopy ? 'done' : undefined
  }

  /** The place that is taken next: the fourth number of the first request of a set tells which. */
  #oldest(first: number): number {
    const slots = this.#slots
    const at = slots[first + 3] as number
    slots[first + 3] = (at + WIDTH) % SET
    return first + at
  }

  has(high: number, low: number): boolean {
    return placeIn(this.#slots, setOf(high, low), high, low) >= 0
  }
}

function setOf(high: number, low: number): number {
  return ((high ^ (low >>> 7)) & (SETS - 1)) * SET
}

function placeIn(slots: Int32Array, first: number, high: number, low: number): number {
  for (let place = first; place < first + SET; place += WIDTH)
    if (slots[place] === high && (((slots[place + 1] as number) ^ low) & ~1) === 0) return place
  return -1
}
