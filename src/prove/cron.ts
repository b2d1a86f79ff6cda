import { DAY_MS } from '../engines/seen.ts'

/** The five fields of a CronJob's schedule as robfig/cron reads them, and the words that stand for some. */
const WORDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface Schedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** Where both the day of the month and of the week are told, either is enough. */
  readonly eitherDay: boolean
}

/**
 * Whether a schedule was due within a span; undefined for one that cannot be read. Time zones are not looked at: a span
 * is days long, and a job that was due within hours of its ends counts as due.
 */
export function wasDue(text: string, from: number, to: number): boolean | undefined {
  const every = /^@every\s+(.+)$/.exec(text.trim())
  if (every) return to - from >= durationMs(every[1] as string)
  const schedule = parse(text)
  if (!schedule) return undefined
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day <= to; day += DAY_MS) {
    if (!isDueOn(schedule, new Date(day))) continue
    for (const hour of schedule.hours) {
      for (const minute of schedule.minutes) {
        const time = day + (hour * 60 + minute) * 60_000
        if (time >= from && time <= to) return true
      }
    }
  }
  return false
}

function isDueOn({ days, months, weekdays, eitherDay }: Schedule, date: Date): boolean {
  const byDay = days.has(date.getUTCDate())
  const byWeekday = weekdays.has(date.getUTCDay())
  return months.has(date.getUTCMonth() + 1) && (eitherDay ? byDay || byWeekday : byDay && byWeekday)
}

function parse(text: string): Schedule | undefined {
  const plain = text.trim().replace(/^(CRON_)?TZ=\S+\s+/, '')
  const fields = (Object.hasOwn(WORDS, plain) ? (WORDS[plain] as string) : plain).toLowerCase().split(/\s+/)
  if (fields.length !== 5) return undefined
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const minutes = range(minute, 0, 59)
  const hours = range(hour, 0, 23)
  const days = range(day, 1, 31)
  const months = range(month, 1, 12, MONTHS, 1)
  const weekdays = range(weekday, 0, 7, WEEKDAYS)
  if (!minutes || !hours || !days || !months || !weekdays) return undefined
  if (weekdays.has(7)) weekdays.add(0)
  const isAny = (field: string): boolean => field.startsWith('*') || field.startsWith('?')
  return { minutes, hours, days, months, weekdays, eitherDay: !isAny(day) && !isAny(weekday) }
}

function range(
  field: string,
  least: number,
  most: number,
  names: readonly string[] = [],
  base = 0,
): Set<number> | undefined {
  const found = new Set<number>()
  const numberOf = (text: string): number => {
    const named = names.indexOf(text)
    return named >= 0 ? named + base : /^\d+$/.test(text) ? Number(text) : Number.NaN
  }
  for (const part of field.split(',')) {
    const [span = '', step = '1'] = part.split('/')
    const [start = '', end] = span.split('-')
    const isAny = start === '*' || start === '?'
    const first = isAny ? least : numberOf(start)
    const last = isAny ? most : end !== undefined ? numberOf(end) : part.includes('/') ? most : first
    const stride = Number(step)
    if (!(first >= least && last <= most && first <= last && stride >= 1)) return undefined
    for (let value = first; value <= last; value += stride) found.add(value)
  }
  return found
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 }

function durationMs(text: string): number {
  return [...text.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit as string] as number),
    0,
  )
}
