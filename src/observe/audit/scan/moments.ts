import { plainEnd } from './bytes.ts'
import { QUOTE } from './signs.ts'
import { Times } from './times.ts'

/** When an event was received, or which time it says besides, and when its stage was reached. */
export class Moments {
  readonly #times = new Times()
  /** Milliseconds since 1970; negative: before, or none. */
  began = -1
  staged = -1
  /** Where the text of `began` stands. */
  from = 0
  to = 0

  clear(): void {
    this.began = -1
    this.staged = -1
    this.from = 0
    this.to = 0
  }

  readStaged(bytes: Buffer, view: DataView, at: number): number {
    const end = this.#read(bytes, view, at)
    if (end >= 0) this.staged = this.#times.time
    return end
  }

  readBegan(bytes: Buffer, view: DataView, at: number, counts: boolean): number {
    const end = this.#read(bytes, view, at)
    if (end < 0 || !counts) return end
    this.began = this.#times.time
    this.from = at + 1
    this.to = end - 1
    return end
  }

  /** From the quote before a time to behind the one after it; negative where it takes a parser to tell. */
  #read(bytes: Buffer, view: DataView, at: number): number {
    const end = bytes[at] === QUOTE ? plainEnd(bytes, view, at + 1) : -1
    if (end < 0) return -1
    // What is no time is negative.
    this.#times.read(bytes, view, at + 1, end)
    return end + 1
  }
}
