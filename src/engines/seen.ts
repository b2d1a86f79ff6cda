import type { RecordPlace } from '../history/history.ts'

export const DAY_MS = 86_400_000

export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS)
}

/** Records that differ in nothing that a rule could tell apart, folded into one, with one of them as a sample. */
export interface Seen {
  readonly times: number
  readonly first: number
  readonly last: number
  /** Days since 1970 (UTC) on which it was seen, once each. */
  readonly days: readonly number[]
  /** Of the first record that was read. */
  readonly place: RecordPlace
  /** That record. Empty where too many samples were kept already; its place is always there. */
  readonly raw: string
}

/** How long a sample may be, and how many characters of samples are kept in all. */
const MAX_RAW = 4_096
const MAX_SAMPLES = 64_000_000

/** How often and when something was seen, while it is counted. */
export interface Counted {
  times: number
  first: number
  last: number
  readonly days: number[]
}

export interface Tally extends Seen, Counted {
  times: number
  first: number
  last: number
  readonly days: number[]
}

interface Recorded {
  readonly time: number
  readonly place: RecordPlace
  raw(): string
}

/** Keeps one sample a behaviour, within one bound over all of them. */
export class Samples {
  #left: number

  /** `characters`: of all samples together. */
  constructor(characters: number = MAX_SAMPLES) {
    this.#left = characters
  }

  tally(record: Recorded): Tally {
    const { time, place } = record
    return {
      times: 1,
      first: time,
      last: time,
      days: [dayOf(time)],
      place: { ...place },
      raw: this.#sample(record),
    }
  }

  #sample(record: Recorded): string {
    if (this.#left <= 0) return ''
    // A slice would keep the whole text alive that it was cut from.
    const raw = ` ${record.raw().slice(0, MAX_RAW)}`.slice(1)
    this.#left -= raw.length
    return raw
  }
}

export function count(counted: Counted, time: number): void {
  countAll(counted, 1, time, time)
}

/** Several at once, all on one day. */
export function countAll(counted: Counted, times: number, first: number, last: number): void {
  counted.times += times
  if (first < counted.first) counted.first = first
  if (last > counted.last) counted.last = last
  const day = dayOf(first)
  if (counted.days[counted.days.length - 1] !== day && !counted.days.includes(day)) counted.days.push(day)
}

/** Leaves out the days outside of a span, unless that is all of them: a clock that was wrong is no day of a behaviour. */
export function trim(tally: Tally, from: number, to: number): void {
  if (tally.first >= from && tally.last <= to) return
  const kept = tally.days.filter((day) => day >= dayOf(from) && day <= dayOf(to))
  if (kept.length === 0) return
  tally.days.splice(0, tally.days.length, ...kept)
  if (tally.first < from) tally.first = Math.max(from, Math.min(...kept) * DAY_MS)
  if (tally.last > to) tally.last = Math.min(to, (Math.max(...kept) + 1) * DAY_MS - 1)
}

/** Days (UTC) on which anything at all was recorded: of others nobody knows what happened on them. */
export class Days {
  readonly #days = new Set<number>()
  #last: number | undefined

  add(time: number): void {
    const day = dayOf(time)
    if (day === this.#last) return
    this.#last = day
    this.#days.add(day)
  }

  within(span: { readonly from: number; readonly to: number } | undefined): ReadonlySet<number> {
    if (!span) return this.#days
    return new Set([...this.#days].filter((day) => day >= dayOf(span.from) && day <= dayOf(span.to)))
  }
}

/** Several behaviours as one: the sample is the first's. */
export function merged(all: readonly Seen[]): Seen | undefined {
  const [head] = all
  if (!head || all.length === 1) return head
  const first = all.reduce((best, each) => (each.first < best.first ? each : best), head)
  return {
    times: all.reduce((sum, each) => sum + each.times, 0),
    first: first.first,
    last: all.reduce((last, each) => Math.max(last, each.last), head.last),
    days: [...new Set(all.flatMap((each) => each.days))],
    place: first.place,
    raw: first.raw,
  }
}
