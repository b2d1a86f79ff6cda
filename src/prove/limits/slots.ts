import type { Limit } from '../../engines/traffic/limit.ts'

/** Free slots are looked for among so many, one after another, before another is made. */
const LOOKED_AT = 4
/** What the times of a log may be off by. */
const SLACK_MS = 5_000

/**
 * Small numbers for the clients that a limiter has to remember. One that was away so long that its bucket is full again, or
 * its window empty, is to the limiter like one that it never saw, so that its number can be another's: millions of clients
 * need no more memory than those of the same minute.
 */
export class Slots {
  readonly #forgottenMs: number
  /** Slot + 1 by client. */
  #slotOf = new Uint32Array(1024)
  #owner = new Uint32Array(256)
  #last = new Float64Array(256)
  #count = 0
  #hand = 0

  constructor(limits: readonly Limit[]) {
    this.#forgottenMs = Math.max(0, ...limits.map(forgottenMs)) + SLACK_MS
  }

  /** In the order of `now`. */
  of(client: number, now: number): number {
    if (client >= this.#slotOf.length) {
      const larger = new Uint32Array(Math.max(client + 1, this.#slotOf.length * 2))
      larger.set(this.#slotOf)
      this.#slotOf = larger
    }
    const known = (this.#slotOf[client] as number) - 1
    if (known >= 0 && this.#owner[known] === client) {
      this.#last[known] = now
      return known
    }
    const slot = this.#free(now)
    this.#slotOf[client] = slot + 1
    this.#owner[slot] = client
    this.#last[slot] = now
    return slot
  }

  #free(now: number): number {
    for (let looked = 0; looked < LOOKED_AT && looked < this.#count; looked++) {
      const slot = this.#hand
      this.#hand = slot + 1 >= this.#count ? 0 : slot + 1
      if (now - (this.#last[slot] as number) > this.#forgottenMs) return slot
    }
    if (this.#count === this.#owner.length) {
      const owner = new Uint32Array(this.#count * 2)
      owner.set(this.#owner)
      this.#owner = owner
      const last = new Float64Array(this.#count * 2)
      last.set(this.#last)
      this.#last = last
    }
    return this.#count++
  }
}

/** Milliseconds after which nothing of a client is left in the limiter. A request that is answered is there as long as it takes. */
function forgottenMs({ kind, algorithm, rate = 0, period = 1, burst = 0 }: Limit): number {
  if (kind !== 'requests' || !(rate > 0)) return Number.POSITIVE_INFINITY
  if (algorithm === 'sliding-window' || algorithm === 'fixed-window') return 3_000 * period
  return ((burst + 2) / (rate / period)) * 1_000
}
