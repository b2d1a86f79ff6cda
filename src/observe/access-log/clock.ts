const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const DIGIT = 0x30
const MINUTE_MS = 60_000

/**
 * Times of access logs out of their bytes. Lines that follow each other are mostly of one minute: then only their seconds
 * are read.
 */
export class Clock {
  /** Of the time that was read last: milliseconds between two that it can tell apart. */
  resolution = 1
  readonly #clf = new Minute('dd/Mmm/yyyy:hh:mm'.length)
  readonly #iso = new Minute('yyyy-mm-ddThh:mm'.length)

  /** `21/Nov/2026:14:02:11 +0000`; HAProxy's `21/Nov/2026:14:02:11.655`, which is taken for UTC. NaN for anything else. */
  common(bytes: Uint8Array, from: number, to: number): number {
    const minute = this.#clf
    if (to - from < minute.size + 3) return Number.NaN
    if (!minute.isAt(bytes, from)) {
      const month = monthAt(bytes, from + 3)
      const isShaped = bytes[from + 2] === 0x2f && bytes[from + 6] === 0x2f && bytes[from + 11] === 0x3a
      if (month < 0 || !isShaped || bytes[from + 14] !== 0x3a) return Number.NaN
      const year = digits(bytes, from + 7, 4)
      if (!minute.set(bytes, from, year, month, digits(bytes, from, 2), from + 12, from + 15)) return Number.NaN
    }
    return this.#seconds(minute.base, bytes, from + minute.size, to, 0x20)
  }

  /** `2026-11-21T14:02:11.123Z`, `2026-11-21T14:02:11+00:00`. NaN for anything else. */
  iso(bytes: Uint8Array, from: number, to: number): number {
    const minute = this.#iso
    if (to - from < minute.size + 3) return Number.NaN
    if (!minute.isAt(bytes, from)) {
      const between = bytes[from + 10]
      const isShaped = bytes[from + 4] === 0x2d && bytes[from + 7] === 0x2d && bytes[from + 13] === 0x3a
      if (!isShaped || (between !== 0x54 && between !== 0x20)) return Number.NaN
      const month = digits(bytes, from + 5, 2) - 1
      if (!minute.set(bytes, from, digits(bytes, from, 4), month, digits(bytes, from + 8, 2), from + 11, from + 14))
        return Number.NaN
    }
    return this.#seconds(minute.base, bytes, from + minute.size, to, -1)
  }

  /** `:SS[.fraction][zone]`; before a numeric zone of the common form stands a space. */
  #seconds(base: number, bytes: Uint8Array, from: number, to: number, before: number): number {
    const seconds = digits(bytes, from + 1, 2)
    if (bytes[from] !== 0x3a || !(seconds <= 60)) return Number.NaN
    let at = from + 3
    let ms = seconds * 1000
    this.resolution = 1000
    if (at < to && bytes[at] === 0x2e) {
      at++
      const first = at
      for (let unit = 100; at < to && isDigit(bytes[at] as number); at++, unit /= 10)
        ms += ((bytes[at] as number) - DIGIT) * unit
      if (at === first) return Number.NaN
      this.resolution = Math.max(1, 10 ** (3 - (at - first)))
    }
    if (at === to) return base + ms
    if (before >= 0) {
      if (bytes[at] !== before) return Number.NaN
      at++
    }
    if (bytes[at] === 0x5a && at + 1 === to) return base + ms
    const sign = bytes[at] === 0x2b ? 1 : bytes[at] === 0x2d ? -1 : 0
    const hours = digits(bytes, at + 1, 2)
    const minutes = digits(bytes, to - 2, 2)
    const isZone = to - at === 5 || (to - at === 6 && bytes[at + 3] === 0x3a)
    if (sign === 0 || !isZone || !(hours <= 14) || !(minutes <= 59)) return Number.NaN
    return base + ms - sign * (hours * 60 + minutes) * MINUTE_MS
  }
}

class Minute {
  readonly size: number
  base = 0
  readonly #bytes: Uint8Array

  constructor(size: number) {
    this.size = size
    this.#bytes = new Uint8Array(size)
  }

  isAt(bytes: Uint8Array, from: number): boolean {
    // Minutes differ most often in their last digits.
    for (let at = this.size - 1; at >= 0; at--) if (bytes[from + at] !== this.#bytes[at]) return false
    return true
  }

  /** False for what is no date. */
  set(bytes: Uint8Array, from: number, year: number, month: number, day: number, hourAt: number, minuteAt: number) {
    const hour = digits(bytes, hourAt, 2)
    const minute = digits(bytes, minuteAt, 2)
    if (!(year >= 1970) || !(month >= 0 && month < 12) || !(day >= 1 && day <= 31) || !(hour <= 23) || !(minute <= 59))
      return false
    this.base = Date.UTC(year, month, day, hour, minute)
    this.#bytes.set(bytes.subarray(from, from + this.size))
    return true
  }
}

function monthAt(bytes: Uint8Array, at: number): number {
  for (let month = 0; month < 12; month++)
    if (
      bytes[at] === MONTHS.charCodeAt(month * 3) &&
      bytes[at + 1] === MONTHS.charCodeAt(month * 3 + 1) &&
      bytes[at + 2] === MONTHS.charCodeAt(month * 3 + 2)
    )
      return month
  return -1
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

/** NaN where one of them is no digit. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index++) {
    const digit = (bytes[index] as number) - DIGIT
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** A decimal number, all of the range: `0.012`, `1732284131.123`. NaN for anything else, an empty range included. */
export function decimal(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  let at = from
  for (; at < to && isDigit(bytes[at] as number); at++) value = value * 10 + ((bytes[at] as number) - DIGIT)
  if (at === from || at - from > 19) return Number.NaN
  if (at === to) return value
  if (bytes[at] !== 0x2e || at + 1 === to) return Number.NaN
  let scale = 1
  for (at++; at < to; at++) {
    if (!isDigit(bytes[at] as number)) return Number.NaN
    value = value * 10 + ((bytes[at] as number) - DIGIT)
    scale *= 10
    if (scale > 1e9) return Number.NaN
  }
  return value / scale
}
