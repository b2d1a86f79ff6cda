/**
 * Schedules of CronJobs as robfig/cron's ParseStandard reads them: five fields, descriptors (`@hourly`), `@every 5m`, a
 * time zone before them. Days of the month and of the week both restricted: either is enough.
 */
export type Schedule =
  | { readonly kind: 'every'; readonly seconds: number }
  | {
      readonly kind: 'fields'
      /** Minutes of the day, ascending. */
      readonly times: readonly number[]
      readonly days: ReadonlySet<number>
      readonly months: ReadonlySet<number>
      readonly weekdays: ReadonlySet<number>
      readonly either: boolean
    }

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const LONGEST = 512

/** Undefined for what the API server would refuse. */
export function parseSchedule(given: string): Schedule | undefined {
  if (given.length > LONGEST) return undefined
  const text = given.trim().replace(/^(?:CRON_)?TZ=\S+\s+/, '')
  if (text.startsWith('@every ')) {
    const seconds = durationSeconds(text.slice('@every '.length).trim())
    // robfig/cron ConstantDelaySchedule: whole seconds, at least one.
    return seconds === undefined ? undefined : { kind: 'every', seconds: Math.max(1, Math.floor(seconds)) }
  }
  const fields = (text.startsWith('@') ? (DESCRIPTORS.get(text) ?? '') : text).split(/\s+/)
  if (fields.length !== 5) return undefined
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const minutes = parseField(minute, 0, 59)
  const hours = parseField(hour, 0, 23)
  const days = parseField(day, 1, 31)
  const months = parseField(month, 1, 12, MONTHS)
  const weekdays = parseField(weekday, 0, 6, WEEKDAYS)
  if (!minutes || !hours || !days || !months || !weekdays) return undefined
  const times = [...hours].flatMap((each) => [...minutes].map((past) => each * 60 + past))
  return {
    kind: 'fields',
    times: times.sort((a, b) => a - b),
    days,
    months,
    weekdays,
    either: !isStar(day) && !isStar(weekday),
  }
}

const isStar = (text: string): boolean => text.split(',').some((part) => /^[*?](?:\/1)?$/.test(part))

function parseField(text: string, least: number, most: number, names?: readonly string[]): Set<number> | undefined {
  const found = new Set<number>()
  const numberOf = (word: string): number => {
    const named = names?.indexOf(word.toLowerCase()) ?? -1
    if (named >= 0) return named + least
    return /^\d{1,4}$/.test(word) ? Number(word) : Number.NaN
  }
  for (const part of text.split(',')) {
    const [range = '', step, ...rest] = part.split('/')
    const [from = '', to, ...more] = range.split('-')
    if (rest.length > 0 || more.length > 0) return undefined
    const all = from === '*' || from === '?'
    const start = all ? least : numberOf(from)
    const by = step === undefined ? 1 : /^\d{1,4}$/.test(step) ? Number(step) : 0
    // `5/15` runs from 5 to the end.
    const end = all ? most : to !== undefined ? numberOf(to) : step === undefined ? start : most
    if (!(start >= least && end <= most && start <= end && by >= 1)) return undefined
    for (let value = start; value <= end; value += by) found.add(value)
  }
  return found
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 }

/** Go's time.ParseDuration. */
export function durationSeconds(text: string): number | undefined {
  if (text.length > LONGEST || !/^(?:\d+(?:\.\d*)?(?:h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined
  let seconds = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)/g))
    seconds += Number(amount) * (UNITS[unit as string] as number)
  return seconds
}

const DAY = 86_400
/** Weekdays and leap years repeat after 28 years within 1901 to 2099. */
const CYCLE = 10_227

/**
 * The most starts in any `seconds` on end: how many runs of that length are there at once. One that ends as the next one
 * starts does not overlap with it.
 */
export function mostStarts(schedule: Schedule, seconds: number): number {
  if (!(seconds > 0)) return 0
  if (schedule.kind === 'every') return Math.ceil(seconds / schedule.seconds)
  const { times } = schedule
  const cycle = daysOf(schedule)
  const before = new Uint32Array(CYCLE + 1)
  for (let day = 0; day < CYCLE; day++) before[day + 1] = (before[day] as number) + (cycle[day] as number)
  const each = before[CYCLE] as number
  if (each === 0) return 0
  const until = (day: number): number =>
    Math.floor(day / CYCLE) * each + (before[day - Math.floor(day / CYCLE) * CYCLE] as number)
  const whole = Math.floor(seconds / DAY)
  const spans = [whole, whole + 1].map((days) => between(cycle, until, days))
  let most = 0
  times.forEach((minute, index) => {
    const end = minute * 60 + seconds
    const days = Math.floor(end / DAY)
    const span = spans[days - whole] as Span
    const part = startsBefore(times, end - days * DAY)
    const count =
      days === 0
        ? part - index
        : times.length - index + Math.max(span.within * times.length + part, span.any * times.length)
    most = Math.max(most, count)
  })
  return most
}

/** Days with starts strictly between two days that are so far apart: the most, and the most where the last has starts too. */
interface Span {
  readonly any: number
  readonly within: number
}

function between(cycle: Uint8Array, until: (day: number) => number, days: number): Span {
  let any = 0
  let within = Number.NEGATIVE_INFINITY
  if (days === 0) return { any, within: 0 }
  for (let day = 0; day < CYCLE; day++) {
    if (cycle[day] === 0) continue
    const count = until(day + days) - until(day + 1)
    any = Math.max(any, count)
    if (cycle[(day + days) % CYCLE] === 1) within = Math.max(within, count)
  }
  return { any, within }
}

function startsBefore(times: readonly number[], second: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) * 60 < second) low = middle + 1
    else high = middle
  }
  return low
}

function daysOf({ days, months, weekdays, either }: Extract<Schedule, { kind: 'fields' }>): Uint8Array {
  const cycle = new Uint8Array(CYCLE)
  // 2001-01-01 was a Monday.
  let [year, month, day, weekday] = [2001, 1, 1, 1]
  for (let index = 0; index < CYCLE; index++) {
    const inMonth = days.has(day)
    const inWeek = weekdays.has(weekday)
    if (months.has(month) && (either ? inMonth || inWeek : inMonth && inWeek)) cycle[index] = 1
    weekday = (weekday + 1) % 7
    if (++day > lengthOf(year, month)) {
      day = 1
      if (++month > 12) {
        month = 1
        year++
      }
    }
  }
  return cycle
}

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function lengthOf(year: number, month: number): number {
  return month === 2 && year % 4 === 0 ? 29 : (LENGTHS[month - 1] as number)
}
