import type { Alike } from '../../../history/history.ts'
import { type Counted, countAll, DAY_MS, dayOf } from '../../seen.ts'
import type { OpenReason } from './reasons.ts'

/** Nobody says that there are so many slots; a list of them must not grow by the word of another. */
const MOST_SLOTS = 1 << 16
const MOST_OPEN = 1 << 15

/** What counts a request: its behaviour, its name among the names of that, and what the authorizer said. */
export interface Counts {
  readonly behaviour: Counted
  readonly name: Counted | undefined
  readonly reason: OpenReason | undefined
}

interface Repeated extends Counts {
  readonly alike: Alike
  /** Since it was last written to what counts it, all on one day. */
  times: number
  first: number
  last: number
}

/**
 * Requests that were folded before, known by `alike`: most of a log. They are counted here, and written to what counts
 * them when the day is over.
 */
export class Repeats {
  #known: (Repeated | undefined)[] = []
  #open: Repeated[] = []
  #from = 0
  #to = 0

  /** Each request begins with its time, whether it is known or not. */
  at(time: number): void {
    if (time >= this.#from && time < this.#to) return
    this.write()
    this.#from = dayOf(time) * DAY_MS
    this.#to = this.#from + DAY_MS
  }

  /** Counts it, if it is known. */
  again(alike: Alike, time: number): boolean {
    const known = this.#known[alike.slot]
    if (known === undefined || known.alike !== alike) return false
    if (known.times === 0) {
      this.#open.push(known)
      known.times = 1
      known.first = time
      known.last = time
      return true
    }
    known.times++
    if (time < known.first) known.first = time
    if (time > known.last) known.last = time
    return true
  }

  /** From now on it is known by what counted it. */
  keep(alike: Alike, { behaviour, name, reason }: Counts): void {
    if (alike.slot >= MOST_SLOTS) return
    // What was forgotten is still to be written.
    if (this.#open.length >= MOST_OPEN) this.write()
    this.#known[alike.slot] = { alike, behaviour, name, reason, times: 0, first: Number.NaN, last: Number.NaN }
  }

  /** Writes what is left, and forgets all. */
  end(): void {
    this.write()
    this.#known = []
  }

  write(): void {
    for (const each of this.#open) {
      const { behaviour, name, reason, times, first, last } = each
      countAll(behaviour, times, first, last)
      if (name) countAll(name, times, first, last)
      if (reason) {
        reason.times += times
        if (first < reason.first) reason.first = first
        if (last > reason.last) reason.last = last
      }
      each.times = 0
    }
    this.#open = []
  }
}
