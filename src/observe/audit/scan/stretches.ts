import type { Stage } from '../event.ts'
import { areSame } from './bytes.ts'
import { FIELDS } from './fields.ts'

const MOST = 8
const LONGEST = 512

/** The text from behind one value to the next that differs from event to event, and what the fields in it say. */
export interface Stretch {
  readonly length: number
  /** The fields in it and the one that it ends before, as bits; the latter as a number. */
  readonly fields: number
  readonly next: number
  /** How many of either, with those of no known name. */
  readonly count: number
  readonly level: string
  readonly stage: Stage
  readonly verb: string
  readonly verbHash: number
  readonly code: number
}

interface Kept extends Stretch {
  /** Where it last differed from what it was compared with: mostly it will again. */
  probe: number
}

interface List {
  readonly view: DataView
  readonly bytes: Buffer
  readonly stretches: Kept[]
  oldest: number
}

/**
 * Events of one source are the same between their values: what was walked over once, field by field, is known by its
 * bytes. Behind each field the last few stretches are kept.
 */
export class Stretches {
  readonly #lists: (List | undefined)[] = new Array<List | undefined>(FIELDS + 1).fill(undefined)

  /** The stretch that stands here, behind the value of a field (`FIELDS`: behind the first brace). */
  find(after: number, view: DataView, at: number): Stretch | undefined {
    const list = this.#lists[after]
    if (list === undefined) return undefined
    const { stretches } = list
    for (let index = 0; index < stretches.length; index++) {
      const kept = stretches[index] as Kept
      const { length, probe } = kept
      if (at + length > view.byteLength) continue
      const offset = index * LONGEST
      if (view.getUint8(at + probe) !== list.view.getUint8(offset + probe)) continue
      if (areSame(view, at, list.view, offset, length)) return kept
      let differs = 0
      while (view.getUint8(at + differs) === list.view.getUint8(offset + differs)) differs++
      kept.probe = differs
    }
    return undefined
  }

  /** Of bytes that were walked over and found to be plain. */
  keep(after: number, bytes: Buffer, from: number, to: number, told: Omit<Stretch, 'length'>): void {
    const length = to - from
    if (length > LONGEST) return
    let list = this.#lists[after]
    if (list === undefined) {
      const made = Buffer.allocUnsafeSlow(MOST * LONGEST)
      list = { view: new DataView(made.buffer), bytes: made, stretches: [], oldest: 0 }
      this.#lists[after] = list
    }
    const index = list.oldest
    list.oldest = (index + 1) % MOST
    bytes.copy(list.bytes, index * LONGEST, from, to)
    list.stretches[index] = { ...told, length, probe: 0 }
  }
}
