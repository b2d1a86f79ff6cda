import { DURATION, type Type } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { formatFixed } from './float.ts'

/** A span of nanoseconds in 64 bits: Go's time.Duration. */
export class Duration implements Opaque {
  readonly opaque = true
  readonly type: Type = DURATION
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
  equals(other: Value): boolean {
    return other instanceof Duration && other.nanos === this.nanos
  }
  /** `5400s`, `0.25s`: the seconds as a double, as cel-go writes them. */
  toString(): string {
    return `${formatFixed(secondsOf(this.nanos))}s`
  }
}

/** Go's Duration.Seconds: whole seconds and the rest are added as doubles. */
export function secondsOf(nanos: bigint): number {
  return Number(nanos / 1_000_000_000n) + Number(nanos % 1_000_000_000n) / 1e9
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])

const LARGEST = 2n ** 63n

/** `1h30m`, `-1.5s` (Go's time.ParseDuration), or undefined. */
export function parseDuration(text: string): Duration | undefined {
  let at = 0
  const negative = text[0] === '-'
  if (negative || text[0] === '+') at = 1
  if (text.slice(at) === '0') return new Duration(0n)
  if (at === text.length) return undefined
  let total = 0n
  while (at < text.length) {
    const whole = digitsAt(text, at)
    at += whole.length
    let fraction = ''
    if (text[at] === '.') {
      fraction = digitsAt(text, at + 1)
      at += fraction.length + 1
    }
    if (whole === '' && fraction === '') return undefined
    const start = at
    while (at < text.length && text[at] !== '.' && !isDigit(text, at)) at++
    const unit = UNITS.get(text.slice(start, at))
    if (unit === undefined || whole.length > 400) return undefined
    const part = BigInt(whole === '' ? 0 : whole) * unit + fractionOf(fraction, unit)
    total += part
    if (part > LARGEST || total > LARGEST) return undefined
  }
  if (negative) return new Duration(-total)
  return total > LARGEST - 1n ? undefined : new Duration(total)
}

const isDigit = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

function digitsAt(text: string, from: number): string {
  let to = from
  while (to < text.length && isDigit(text, to)) to++
  return text.slice(from, to)
}

/** Digits beyond what 63 bits hold are dropped, and the rest is scaled as a double: Go's leadingFraction. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit)
    if (value > (LARGEST - 1n) / 10n || next > LARGEST) break
    value = next
    scale *= 10
  }
  return value === 0n ? 0n : BigInt(Math.trunc(Number(value) * (Number(unit) / scale)))
}
