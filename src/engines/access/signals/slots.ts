/** Five minutes: what is in one of them is at once. */
export const SLOT_MS = 300_000
const SLOTS_OF_DAY = 288
const WORDS = 9
/** Until then a list is smaller than bits. */
const FEW = 32
/** A year and a leap day; clocks that are wrong add days without end. */
const MOST_DAYS = 366

/** In which five minutes something was active: a few numbers, or a bit each, of which a day takes 36 bytes. */
export class Slots {
  #few: number[] = []
  #days: Map<number, Uint32Array> | undefined

  add(time: number): void {
    const slot = Math.floor(time / SLOT_MS)
    if (this.#days) {
      this.#mark(slot)
      return
    }
    const few = this.#few
    if (few[few.length - 1] === slot || few.includes(slot)) return
    if (few.length < FEW) {
      few.push(slot)
      return
    }
    this.#days = new Map()
    for (const each of few) this.#mark(each)
    this.#mark(slot)
    this.#few = []
  }

  #mark(slot: number): void {
    const days = this.#days as Map<number, Uint32Array>
    const day = Math.floor(slot / SLOTS_OF_DAY)
    let words = days.get(day)
    if (!words) {
      if (days.size >= MOST_DAYS) return
      words = new Uint32Array(WORDS)
      days.set(day, words)
    }
    const bit = slot - day * SLOTS_OF_DAY
    words[bit >> 5] = (words[bit >> 5] as number) | (1 << (bit & 31))
  }

  /** The slots in order. */
  list(): readonly number[] {
    const days = this.#days
    if (!days) return [...this.#few].sort((a, b) => a - b)
    const found: number[] = []
    for (const day of [...days.keys()].sort((a, b) => a - b)) {
      const words = days.get(day) as Uint32Array
      for (let bit = 0; bit < SLOTS_OF_DAY; bit++)
        if (((words[bit >> 5] as number) >>> (bit & 31)) & 1) found.push(day * SLOTS_OF_DAY + bit)
    }
    return found
  }
}
