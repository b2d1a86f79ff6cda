/** A log is in the order in which requests ended: those of one second may come this much later. */
const SECONDS = 64

/** The most that began within one second of the clock. Exact where no record comes a minute after its like. */
export class Peak {
  #seconds: Float64Array | undefined
  #counts: Uint32Array | undefined
  #first = 0
  #few = 0
  most = 0

  add(time: number): void {
    const second = Math.floor(time / 1000)
    // Most of what is counted comes once in a while: no memory for it.
    if (!this.#seconds || !this.#counts) {
      if (this.#few === 0 || this.#first === second) {
        this.#first = second
        this.#few++
        this.most = Math.max(this.most, this.#few)
        return
      }
      this.#seconds = new Float64Array(SECONDS)
      this.#counts = new Uint32Array(SECONDS)
      const slot = slotOf(this.#first)
      this.#seconds[slot] = this.#first
      this.#counts[slot] = this.#few
    }
    const slot = slotOf(second)
    if (this.#seconds[slot] !== second) {
      if (second < (this.#seconds[slot] as number)) return
      this.#seconds[slot] = second
      this.#counts[slot] = 0
    }
    const count = (this.#counts[slot] as number) + 1
    this.#counts[slot] = count
    if (count > this.most) this.most = count
  }
}

function slotOf(second: number): number {
  return ((second % SECONDS) + SECONDS) % SECONDS
}
