import { DAYS, FIRST_DAY } from './plan.ts'
import type { Draw } from './pods.ts'

export const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** A line of a log, and when it was written: the log has them in that order. */
export interface Line {
  readonly time: number
  readonly text: string
}

/** The days of the recording: their first milliseconds. */
export function days(): readonly number[] {
  return Array.from({ length: DAYS }, (_, day) => Date.parse(FIRST_DAY) + day * DAY_MS)
}

export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

/** A time within hours of a day, of which the first minutes and the last are left out: a watch ends on the day it began. */
export function within(day: number, [from, to]: readonly [number, number], draw: Draw): number {
  const first = Math.max(from * HOUR_MS, 5 * 60_000)
  const last = Math.min(to * HOUR_MS, DAY_MS - 20 * 60_000)
  return day + first + Math.floor(draw() * (last - first))
}

/** RFC 3339 with microseconds (6) or nanoseconds (9), as Go writes them. */
export function stamp(time: number, digits: number, draw: Draw): string {
  const rest = Math.floor(draw() * 10 ** (digits - 3))
  return `${new Date(time).toISOString().slice(0, -1)}${String(rest).padStart(digits - 3, '0')}Z`
}

export function inOrder(lines: readonly Line[]): string {
  return [...lines]
    .sort((a, b) => a.time - b.time)
    .map(({ text }) => `${text}\n`)
    .join('')
}
