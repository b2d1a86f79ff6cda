import type { FunctionDecl, Overload } from '../library.ts'
import { type Civil, civil } from '../run/calendar.ts'
import { type Duration, secondsOf } from '../run/duration.ts'
import type { Timestamp } from '../run/timestamp.ts'
import { zoneOffset } from '../run/zone.ts'
import { DURATION, INT, STRING, TIMESTAMP } from '../type.ts'
import { int, type Value } from '../value.ts'
import { fn, member } from './overload.ts'

type Part = (local: Civil, at: Timestamp) => number

/** Of a timestamp, in UTC or in a named time zone. */
function part(id: string, read: Part, zoneId = `${id}_with_tz`): readonly Overload[] {
  const inZone = (at: Timestamp, offset: number): Value => read(civil(at.seconds + offset), at)
  return [
    member(id, [TIMESTAMP], INT, (at) => inZone(at as Timestamp, 0)),
    member(zoneId, [TIMESTAMP, STRING], INT, (at, zone) => {
      const instant = at as Timestamp
      return inZone(instant, zoneOffset(zone as string, instant.seconds))
    }),
  ]
}

/** Of a duration: whole hours, minutes, … of all of it. */
function whole(name: string, nanos: bigint): Overload {
  return member(`duration_to_${name}`, [DURATION], INT, (span) => int((span as Duration).nanos / nanos) as Value)
}

/** cel-go converts hours, minutes and seconds through a double. */
function wholeByDouble(name: string, seconds: number): Overload {
  return member(`duration_to_${name}`, [DURATION], INT, (span) => {
    return Math.trunc(secondsOf((span as Duration).nanos) / seconds) + 0
  })
}

/** `getFullYear`, …, `getMilliseconds` (cel-go common/stdlib/standard.go). Months, days of the year and, but for `getDate`, of the month count from 0. */
export const TIME: readonly FunctionDecl[] = [
  fn('getFullYear', ...part('timestamp_to_year', ({ year }) => year)),
  fn('getMonth', ...part('timestamp_to_month', ({ month }) => month - 1)),
  fn('getDayOfYear', ...part('timestamp_to_day_of_year', ({ dayOfYear }) => dayOfYear)),
  fn('getDayOfMonth', ...part('timestamp_to_day_of_month', ({ day }) => day - 1)),
  fn('getDate', ...part('timestamp_to_day_of_month_1_based', ({ day }) => day)),
  fn('getDayOfWeek', ...part('timestamp_to_day_of_week', ({ weekday }) => weekday)),
  fn('getHours', ...part('timestamp_to_hours', ({ hour }) => hour), wholeByDouble('hours', 3600)),
  fn('getMinutes', ...part('timestamp_to_minutes', ({ minute }) => minute), wholeByDouble('minutes', 60)),
  fn(
    'getSeconds',
    ...part('timestamp_to_seconds', ({ second }) => second, 'timestamp_to_seconds_tz'),
    wholeByDouble('seconds', 1),
  ),
  fn(
    'getMilliseconds',
    ...part('timestamp_to_milliseconds', (_, at) => Math.trunc(at.nanos / 1_000_000)),
    whole('milliseconds', 1_000_000n),
  ),
]
