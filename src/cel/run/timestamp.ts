import { TIMESTAMP, type Type } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { civil, daysIn, daysSinceEpoch } from './calendar.ts'

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds of the epoch. */
export const FIRST_SECOND = -62135596800
const LAST_SECOND = 253402300799

/** An instant, and the offset that it was written with: `string(t)` keeps it. */
export class Timestamp implements Opaque {
  readonly opaque = true
  readonly type: Type = TIMESTAMP
  /** Since the epoch, rounded down. */
  readonly seconds: number
  /** 0 to 999,999,999. */
  readonly nanos: number
  /** Seconds east of UTC. */
  readonly offset: number
  constructor(seconds: number, nanos: number, offset = 0) {
    this.seconds = seconds
    this.nanos = nanos
    this.offset = offset
  }
  equals(other: Value): boolean {
    return other instanceof Timestamp && other.seconds === this.seconds && other.nanos === this.nanos
  }
  /** Go's time.RFC3339Nano. */
  toString(): string {
    const local = civil(this.seconds + this.offset)
    const fraction = this.nanos === 0 ? '' : `.${String(this.nanos).padStart(9, '0').replace(/0+$/, '')}`
    const date = `${pad(local.year, 4)}-${pad(local.month, 2)}-${pad(local.day, 2)}`
    const time = `${pad(local.hour, 2)}:${pad(local.minute, 2)}:${pad(local.second, 2)}`
    return `${date}T${time}${fraction}${offsetText(this.offset)}`
  }
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0')

function offsetText(offset: number): string {
  if (offset === 0) return 'Z'
  const minutes = Math.trunc(Math.abs(offset) / 60)
  return `${offset < 0 ? '-' : '+'}${pad(Math.trunc(minutes / 60), 2)}:${pad(minutes % 60, 2)}`
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d+))?(Z|([+-])(\d\d):(\d\d))$/

/** Go's time.Parse(time.RFC3339, text), or undefined. Hours may have one digit, as Go lets them. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const found = RFC3339.exec(text)
  if (found === null) return undefined
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as Parts
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const [offsetHour, offsetMinute] = [Number(found[10] ?? 0), Number(found[11] ?? 0)]
  if (offsetHour > 24 || offsetMinute > 60) return undefined
  const offset = (found[9] === '-' ? -1 : 1) * (offsetHour * 3600 + offsetMinute * 60)
  const nanos = Number((found[7] ?? '').slice(0, 9).padEnd(9, '0'))
  const seconds = daysSinceEpoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
  return new Timestamp(seconds, nanos, offset === 0 ? 0 : offset)
}

type Parts = [year: number, month: number, day: number, hour: number, minute: number, second: number]

/** Is it an instant that a timestamp of CEL may be? */
export function inRange(seconds: number): boolean {
  return seconds >= FIRST_SECOND && seconds <= LAST_SECOND
}
