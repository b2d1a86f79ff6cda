import type { RecordPlace, SourceCoverage } from './history.ts'

const DAY_HOURS = 24

/** An hour of the clock in which a source showed something. */
export interface Hour {
  /** Hours since 1970. */
  readonly key: number
  first: number
  last: number
  count: number
  /** Of the first record of it that was read. */
  readonly place: RecordPlace | undefined
}

/** So many records, where they are to be expected, are missing by chance less than once in 10^8. */
const BUSY = 20
/** So many hours show a habit of the source; fewer are bursts, or were recorded by hand, and are too few days to hold. */
const HABIT = 5
/** Of a day, in a source that is busy when it shows anything. */
const LEAST_A_DAY = 6
/** Days that show how a day of the source looks; of fewer, every hour is taken to be like the others. */
const PATTERN_DAYS = 3
/** Times that are farther from all others than these are long, and than a year, are of a clock that was wrong. */
const FAR_HOURS = 365 * DAY_HOURS
const FEW = 0.01

export interface Hours {
  readonly from: number
  readonly to: number
  readonly gaps: SourceCoverage['gaps']
  readonly thin: SourceCoverage['thin']
  readonly outlying: SourceCoverage['outlying']
}

/** What the hours in which a source shows something say of those in which it does not. */
export function hoursOf(seen: readonly Hour[]): Hours {
  const all = [...seen].sort((a, b) => a.key - b.key)
  const { bulk, outlying } = apart(all)
  const from = bulk[0]?.first ?? 0
  const to = bulk.reduce((last, hour) => Math.max(last, hour.last), 0)
  if (!isBusy(bulk)) return { from, to, gaps: [], thin: undefined, outlying }
  return { from, to, gaps: gapsOf(bulk), thin: thinOf(bulk), outlying }
}

function sum(hours: readonly Hour[]): number {
  return hours.reduce((total, { count }) => total + count, 0)
}

/** Few records of times that are far from all others: they say nothing of when the source was there. */
function apart(all: readonly Hour[]): { readonly bulk: readonly Hour[]; readonly outlying: Hours['outlying'] } {
  const runs: Hour[][] = []
  for (const hour of all) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    if (run && last && hour.key - last.key <= FAR_HOURS) run.push(hour)
    else runs.push([hour])
  }
  if (runs.length < 2) return { bulk: all, outlying: undefined }
  const few = Math.max(1, FEW * sum(all))
  const counts = runs.map(sum)
  const isMany = (index: number): boolean => (counts[index] as number) > few
  const most = counts.indexOf(Math.max(...counts))
  let first = most
  let last = most
  for (let index = 0; index < runs.length; index++) {
    if (!isMany(index)) continue
    first = Math.min(first, index)
    last = Math.max(last, index)
  }
  const startOf = (index: number): number => runs[index]?.[0]?.key ?? Number.NEGATIVE_INFINITY
  const endOf = (index: number): number => runs[index]?.at(-1)?.key ?? Number.POSITIVE_INFINITY
  for (let grows = true; grows; ) {
    const span = endOf(last) - startOf(first)
    grows = false
    if (first > 0 && startOf(first) - endOf(first - 1) <= span) {
      first--
      grows = true
    } else if (last < runs.length - 1 && startOf(last + 1) - endOf(last) <= span) {
      last++
      grows = true
    }
  }
  const bulk = runs.slice(first, last + 1).flat()
  const left = [...runs.slice(0, first), ...runs.slice(last + 1)].flat()
  const [head] = left
  // So many times all over are no clock that was wrong once.
  if (!head || sum(left) > few) return { bulk: all, outlying: undefined }
  const place = left.find((hour) => hour.place)?.place
  return { bulk, outlying: { count: sum(left), time: head.first, ...(place ? { place } : {}) } }
}

/** Whether it shows so much when it shows anything that silence says something. A few hours with less do not change that. */
function isBusy(hours: readonly Hour[]): boolean {
  if (hours.length < HABIT) return false
  const total = sum(hours)
  if (total / hours.length >= BUSY) return true
  const busy = hours.filter(({ count }) => count >= BUSY)
  return busy.length >= HABIT && sum(busy) >= total / 2
}

/**
 * Stretches of hours without any record in which many were to be expected: as many as that hour of the day mostly has, so
 * that nights which are always quiet are none.
 */
function gapsOf(hours: readonly Hour[]): SourceCoverage['gaps'] {
  const expected = expectedOf(hours)
  return hours.flatMap((hour, index) => {
    const next = hours[index + 1]
    if (next === undefined || next.key === hour.key + 1) return []
    let missing = 0
    // Any day is like another, so that one day tells of a stretch of many.
    for (let key = hour.key + 1; key < Math.min(next.key, hour.key + 1 + DAY_HOURS); key++)
      missing += expected[key % DAY_HOURS] as number
    return missing >= BUSY ? [{ from: hour.last, to: next.first }] : []
  })
}

/** By hour of the day, the median over the days on which there is anything at all. */
function expectedOf(hours: readonly Hour[]): readonly number[] {
  const days = new Map<number, number[]>()
  for (const { key, count } of hours) {
    const day = Math.floor(key / DAY_HOURS)
    const counts = days.get(day) ?? new Array<number>(DAY_HOURS).fill(0)
    counts[key % DAY_HOURS] = count
    days.set(day, counts)
  }
  if (days.size < PATTERN_DAYS) return new Array<number>(DAY_HOURS).fill(sum(hours) / hours.length)
  const first = hours[0]?.key ?? 0
  const last = hours.at(-1)?.key ?? 0
  return Array.from({ length: DAY_HOURS }, (_, hour) => {
    const counts = [...days]
      .filter(([day]) => day * DAY_HOURS + hour >= first && day * DAY_HOURS + hour <= last)
      .map(([, each]) => each[hour] as number)
      .sort((a, b) => a - b)
    return counts[Math.floor(counts.length / 2)] ?? 0
  })
}

/** A source that is busy a few hours of every day and silent the rest was clipped, or nobody can tell that it was not. */
function thinOf(hours: readonly Hour[]): SourceCoverage['thin'] {
  const first = hours[0] as Hour
  const last = hours.at(-1) as Hour
  const days = new Set(hours.map(({ key }) => Math.floor(key / DAY_HOURS))).size
  const span = last.key - first.key + 1
  const isThin = hours.length < LEAST_A_DAY * days && hours.length < (LEAST_A_DAY / DAY_HOURS) * span
  return isThin ? { hours: hours.length, of: span } : undefined
}
