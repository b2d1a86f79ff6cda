import { instant } from '../../time.ts'
import { areSame } from './bytes.ts'
import { ZERO } from './signs.ts'

const DATE_LENGTH = 'YYYY-MM-DDTHH:MM:'.length
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const ZULU = 0x5a

/** Reads times from their bytes, as `instant` reads them from text. Records that follow each other are mostly of one minute. */
export class Times {
  readonly #date = Buffer.alloc(DATE_LENGTH)
  readonly #view = new DataView(this.#date.buffer, this.#date.byteOffset, DATE_LENGTH)
  #base = -1

  /** Negative for what is no time. */
  at(bytes: Buffer, view: DataView, from: number, to: number): number {
    const seconds = from + DATE_LENGTH
    const isOfMinute = this.#base >= 0 && to > seconds + 2 && bytes[to - 1] === ZULU
    if (isOfMinute && areSame(view, from, this.#view, 0, DATE_LENGTH)) {
      const tens = (bytes[seconds] as number) - ZERO
      const ones = (bytes[seconds + 1] as number) - ZERO
      if (tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9) {
        const rest = fraction(bytes, seconds + 2, to - 1)
        if (rest >= 0) return this.#base + (tens * 10 + ones) * 1000 + rest
      }
    }
    const text = bytes.toString('latin1', from, to)
    const time = instant(text)
    if (time === undefined) return -1
    if (UTC.test(text)) {
      bytes.copy(this.#date, 0, from, seconds)
      this.#base = Date.parse(`${text.slice(0, DATE_LENGTH)}00Z`)
    }
    return time
  }
}

/** Milliseconds of `.digits`, or of nothing; negative when it is neither. */
function fraction(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) return 0
  if (bytes[from] !== 0x2e || from + 1 === to) return -1
  let time = 0
  for (let at = from + 1, unit = 100; at < to; at++, unit /= 10) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return -1
    if (unit >= 1) time += digit * unit
  }
  return time
}
