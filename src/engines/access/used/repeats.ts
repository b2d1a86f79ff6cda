import type { Alike } from '../../../history/history.ts'
import { type Counted, countAll, DAY_MS, dayOf } from '../../seen.ts'
import type { OpenReason } from './reasons.ts'

/** As many as there are; lists of them must not grow by the word of another. */
const SLOTS = 1 << 15
const MOST_OPEN = 1 << 15

/** What counts a request: its behaviour, its name among the names of that, and what the authorizer said. */
export interface Counts {
  readonly behaviour: Counted
  readonly name: Counted | undefined
  readonly reason: OpenReason | undefined
}

interface Repeated extends Counts {
  readonly alike: Alike
}

/** Numbers of a slot: how often, first and last since it was last written to what counts it, all on one day. */
const WIDTH = 4
const FIRST = 1
const LAST = 2

/**
 * Requests that were folded before, known by `alike`: most of a log. They are counted here, and written to what counts
 * them when the day is over.
 */
export class Repeats {
  #known = new Array<Repeated | undefined>(SLOTS).fill(undefined)
  /** Side by side, so that counting touches little memory: it is done for each line of a log. */
  #counts = new Float64Array(SLOTS * WIDTH)
  /** Slots that are to be written. */
  #open: number[] = []
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
    const { slot } = alike
    const known = this.#known[slot]
    if (known === undefined || known.alike !== alike) return false
    const counts = this.#counts
    const at = slot * WIDTH
    const times = counts[at] as number
    counts[at] = times + 1
    if (times === 0) this.#open.push(slot)
    if (times === 0 || time < (counts[at + FIRST] as number)) counts[at + FIRST] = time
    if (times === 0 || time > (counts[at + LAST] as number)) counts[at + LAST] = time
    return true
  }

  /** From now on it is known by what counted it. */
  keep(alike: Alike, { behaviour, name, reason }: Counts): void {
    const { slot } = alike
    if (slot >= SLOTS) return
    if (this.#open.length >= MOST_OPEN) this.write()
    // What is forgotten is still to be written.
    else this.#writeSlot(slot)
    this.#known[slot] = { alike, behaviour, name, reason }
  }

  /** Writes what is left, and forgets all. */
  end(): void {
    this.write()
    this.#known = []
    this.#counts = new Float64Array(0)
  }

  write(): void {
    for (const slot of this.#open) this.#writeSlot(slot)
    this.#open = []
  }

  #writeSlot(slot: number): void {
    const known = this.#known[slot]
    const at = slot * WIDTH
    const times = this.#counts[at] as number
    if (known === undefined || times === 0) return
    const first = this.#counts[at + FIRST] as number
    const last = this.#counts[at + LAST] as number
    const { behaviour, name, reason } = known
    countAll(behaviour, times, first, last)
    if (name) countAll(name, times, first, last)
    if (reason) {
      reason.times += times
      if (first < reason.first) reason.first = first
      if (last > reason.last) reason.last = last
    }
    this.#counts[at] = 0
  }
}
