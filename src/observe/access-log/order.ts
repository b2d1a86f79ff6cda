import { Requests } from './requests.ts'

/** Requests are held until none that came before them can still be read: twice as long as the longest so far, between these. */
const LEAST_HELD_MS = 120_000
const MOST_HELD_MS = 600_000
const MOST_HELD = 1 << 18
const BLOCK = 1 << 17
const RADIX = 11
const BUCKETS = 1 << RADIX

/**
 * Puts requests into the order in which they came. Logs are written at the end of a request, so a line may belong before
 * thousands of others; several files of the same time are merged here too. What comes out of turn all the same (it lasted
 * longer than was waited, or too many were held) is given out at once and counted.
 */
export class Order {
  /** Requests that came before some that had been given out; they stand where they were read. */
  late = 0
  #held = new Requests(BLOCK)
  #next = new Requests(0)
  /** Rows that an earlier `take` left. */
  #carried = 0
  readonly #most: number
  readonly #block: number
  #out = new Requests(0)
  #given = Number.NEGATIVE_INFINITY
  #longestMs = LEAST_HELD_MS
  #keys = new Uint32Array(0)
  #places = new Uint32Array(0)
  #spare = new Uint32Array(0)
  readonly #counts = new Uint32Array(BUCKETS)

  constructor(most = MOST_HELD, block = BLOCK) {
    this.#most = most
    this.#block = block
  }

  /** Whether enough came since the last `take` for another to be worth sorting. */
  get isDue(): boolean {
    return this.#held.count - this.#carried >= this.#block
  }

  add(rows: Requests, from: number, to: number): void {
    const held = this.#held
    held.reserve(held.count + to - from)
    for (let row = from; row < to; row++) {
      held.copy(held.count++, rows, row)
      const duration = rows.duration[row] as number
      if (2 * duration > this.#longestMs) this.#longestMs = Math.min(MOST_HELD_MS, 2 * duration)
    }
  }

  /** Everything that came before `ended`, less the longest a request may last. Undefined: everything. */
  take(ended: number | undefined): Requests {
    const held = this.#held
    const count = held.count
    this.#sort()
    let until = ended === undefined ? Number.POSITIVE_INFINITY : ended - this.#longestMs
    const most = Math.min(this.#most, count)
    // Too many to hold: half of them go, whatever may still come.
    if (ended !== undefined && count > this.#most) {
      const at = count - (most >> 1)
      until = Math.max(until, held.start[this.#places[at] as number] as number)
    }
    let last = 0
    while (last < count && (held.start[this.#places[last] as number] as number) < until) last++
    const out = this.#out
    out.reserve(last)
    for (let row = 0; row < last; row++) {
      const place = this.#places[row] as number
      out.copy(row, held, place)
      if ((held.start[place] as number) < this.#given) this.late++
    }
    out.count = last
    if (last > 0) this.#given = Math.max(this.#given, out.start[last - 1] as number)
    this.#keep(last, count)
    return out
  }

  /** What is not given out yet goes to the front, in order. */
  #keep(from: number, count: number): void {
    const left = count - from
    const next = this.#next
    next.count = 0
    next.reserve(left)
    for (let row = 0; row < left; row++) next.copy(row, this.#held, this.#places[from + row] as number)
    next.count = left
    this.#carried = left
    this.#next = this.#held
    this.#held = next
  }

  /** Stable, by the millisecond: least significant digits first. */
  #sort(): void {
    const held = this.#held
    const count = held.count
    if (this.#keys.length < count) {
      this.#keys = new Uint32Array(held.capacity)
      this.#places = new Uint32Array(held.capacity)
      this.#spare = new Uint32Array(held.capacity)
    }
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let row = 0; row < count; row++) {
      const start = held.start[row] as number
      if (start < least) least = start
      if (start > most) most = start
    }
    const span = Math.min(0xffff_fffe, most - least)
    for (let row = 0; row < count; row++) {
      this.#keys[row] = Math.min(span, (held.start[row] as number) - least)
      this.#places[row] = row
    }
    for (let shift = 0; shift < 32 && span / 2 ** shift >= 1; shift += RADIX) this.#pass(count, shift)
  }

  #pass(count: number, shift: number): void {
    const counts = this.#counts.fill(0)
    const keys = this.#keys
    const places = this.#places
    const spare = this.#spare
    for (let row = 0; row < count; row++) counts[((keys[row] as number) >>> shift) & (BUCKETS - 1)]!++
    let sum = 0
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const size = counts[bucket] as number
      counts[bucket] = sum
      sum += size
    }
    for (let row = 0; row < count; row++) {
      const place = places[row] as number
      spare[counts[((keys[place] as number) >>> shift) & (BUCKETS - 1)]!++] = place
    }
    this.#places = spare
    this.#spare = places
  }
}
