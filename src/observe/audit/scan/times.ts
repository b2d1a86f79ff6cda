import { instant } from '../../time.ts'
import { areSame } from './bytes.ts'
import { COLON, ZERO } from './signs.ts'

const DATE_LENGTH = 'YYYY-MM-DDTHH:'.length
const LONGEST = 64
const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const ZULU = 0x5a

/** Reads times from their bytes, as `instant` reads them from text. Records that follow each other are mostly of one hour. */
export class Times {
  readonly #date = Buffer.alloc(DATE_LENGTH)
  readonly #view = new DataView(this.#date.buffer, this.#date.byteOffset, DATE_LENGTH)
  #base = -1
  /** What was read last: not told as a result, for which a number of its own would be made. */
  time = -1

  /** Whether a time stands between two places, then `time`. */
  read(bytes: Buffer, view: DataView, from: number, to: number): boolean {
    const minutes = from + DATE_LENGTH
    const isPlain = to > minutes + 5 && to - from <= LONGEST && bytes[to - 1] === ZULU && bytes[minutes + 2] === COLON
    if (isPlain && this.#base > 0 && areSame(view, from, this.#view, 0, DATE_LENGTH)) {
      const minute = sixtieth(bytes, minutes)
      const second = sixtieth(bytes, minutes + 3)
      const rest = fraction(bytes, minutes + 5, to - 1)
      if (minute >= 0 && second >= 0 && rest >= 0) {
        this.time = this.#base + (minute * 60_000 + second * 1000 + rest)
        return true
      }
    }
    return this.#parse(bytes, from, to)
  }

  #parse(bytes: Buffer, from: number, to: number): boolean {
    const text = bytes.toString('latin1', from, to)
    const time = instant(text)
    this.time = time ?? -1
    if (time === undefined) return false
    // The day may end with an hour 24 of one moment.
    if (UTC.test(text) && text.slice(DATE_LENGTH - 3, DATE_LENGTH) !== '24:') {
      bytes.copy(this.#date, 0, from, from + DATE_LENGTH)
      this.#base = Date.parse(`${text.slice(0, DATE_LENGTH)}00:00Z`)
    }
    return true
  }
}

/** Of two digits; negative for what is none of 0 to 59. */
function sixtieth(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - ZERO
  const ones = (bytes[at + 1] as number) - ZERO
  return tens >= 0 && tens <= 5 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** Milliseconds of `.digits`, or of nothing; negative when it is neither. */
function fraction(bytes: Uint8Array, from: number, to: number): number {
  if (from === to) return 0
  if (bytes[from] !== 0x2e || from + 1 === to) return -1
  let time = 0
  let digits = 0
  for (let at = from + 1; at < to; at++, digits++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return -1
    if (digits < 3) time = time * 10 + digit
  }
  return digits === 1 ? time * 100 : digits === 2 ? time * 10 : time
}
