/**
 * Times and durations as the API server writes them: RFC 3339 in UTC
 * (apimachinery/pkg/apis/meta/v1/time.go, micro_time.go), Go's notation of durations (duration.go).
 */

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d{2}):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/

/** Of seconds, fractions dropped; null for the zero of Go's type, undefined for what is no time. */
export function canonicalTime(text: string): string | null | undefined {
  const read = instant(text)
  if (read === undefined || read.seconds === ZERO) return read && null
  return iso(read.seconds)
}

/** Of microseconds, which must be written: six digits, neither more nor fewer. */
export function canonicalMicroTime(text: string): string | null | undefined {
  const read = instant(text)
  if (read?.fraction.length !== 6) return undefined
  if (read.seconds === ZERO && Number(read.fraction) === 0) return null
  return `${iso(read.seconds).slice(0, -1)}.${read.fraction}Z`
}

/** Go's zero time, the first of January of the year 1, in seconds. */
const ZERO = -62_135_596_800

function instant(text: string): { readonly seconds: number; readonly fraction: string } | undefined {
  if (text.length > 64) return undefined
  const parts = RFC3339.exec(text)
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
    return undefined
  const zone = parts[8] as string
  const [zoneHours, zoneMinutes] = zone === 'Z' ? [0, 0] : [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))]
  if (zoneHours > 24 || zoneMinutes > 60) return undefined
  const offset = (zoneHours * 60 + zoneMinutes) * (zone.startsWith('-') ? -60 : 60)
  return { seconds: date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset, fraction: parts[7] ?? '' }
}

function iso(seconds: number): string {
  const date = new Date(seconds * 1000)
  const year = date.getUTCFullYear()
  return `${String(year).padStart(4, '0')}${date
    .toISOString()
    .replace(/^[+-]?\d+/, '')
    .slice(0, -5)}Z`
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
const PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y
const MAX_DURATION = 2n ** 63n

/** As `time.ParseDuration` reads and `Duration.String` writes: `90m` is `1h30m0s`. */
export function canonicalDuration(text: string): string | undefined {
  if (text.length > 64) return undefined
  const negative = text.startsWith('-')
  const rest = text.replace(/^[+-]/, '')
  if (rest === '0') return '0s'
  if (rest === '') return undefined
  let total = 0n
  PART.lastIndex = 0
  while (PART.lastIndex < rest.length) {
    const part = PART.exec(rest)
    if (!part) return undefined
    const [, whole = '', fraction = '', unit = ''] = part
    if (whole === '' && fraction === '') return undefined
    const size = UNITS.get(unit) as bigint
    total += BigInt(whole === '' ? 0 : whole) * size
    if (fraction !== '') total += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
    if (total > MAX_DURATION) return undefined
  }
  return total === MAX_DURATION && !negative ? undefined : formatDuration(total, negative)
}

function formatDuration(total: bigint, negative: boolean): string {
  if (total === 0n) return '0s'
  const sign = negative ? '-' : ''
  if (total < 1_000n) return `${sign}${total}ns`
  if (total < 1_000_000n) return `${sign}${decimal(total, 1_000n)}µs`
  if (total < 1_000_000_000n) return `${sign}${decimal(total, 1_000_000n)}ms`
  const minutes = total / 60_000_000_000n
  const seconds = `${decimal(total % 60_000_000_000n, 1_000_000_000n)}s`
  if (minutes === 0n) return `${sign}${seconds}`
  const hours = minutes / 60n
  return `${sign}${hours === 0n ? '' : `${hours}h`}${minutes % 60n}m${seconds}`
}

function decimal(value: bigint, unit: bigint): string {
  const digits = String(unit).length - 1
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '')
  return `${value / unit}${fraction === '' ? '' : `.${fraction}`}`
}
