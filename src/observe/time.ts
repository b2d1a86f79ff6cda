const DATE_LENGTH = 'YYYY-MM-DDTHH:MM:'.length
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
/** As BigQuery, Athena and CloudWatch Logs Insights print times, which are in UTC. */
const SPACED = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?: ?UTC|Z|\+00(?::?00)?)?$/
let lastDate = ''
let lastBase = 0

/**
 * Milliseconds since 1970 of an RFC 3339 time, or of one with a space where that has a T; undefined for what is neither,
 * and for times before 1970.
 */
export function instant(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  const length = text.length
  // Records that follow each other are mostly of one minute: only their seconds are read.
  if (length > 19 && text.charCodeAt(length - 1) === 0x5a && lastDate !== '' && text.startsWith(lastDate)) {
    const fast = seconds(text, length - 1)
    if (fast >= 0) return lastBase + fast
  }
  if (length > 64) return undefined
  if (text[10] === ' ') {
    const [, date, clock] = SPACED.exec(text) ?? []
    return date === undefined ? undefined : instant(`${date}T${clock}Z`)
  }
  if (!DATE_TIME.test(text)) return undefined
  const time = Date.parse(text)
  // Go writes year 1 for a time that was never set.
  if (!(time > 0)) return undefined
  if (text.endsWith('Z')) {
    lastDate = text.slice(0, DATE_LENGTH)
    lastBase = Date.parse(`${lastDate}00Z`)
  }
  return time
}

/** Milliseconds of `SS[.fraction]` from DATE_LENGTH to `end`; negative when it is not that. */
function seconds(text: string, end: number): number {
  const tens = text.charCodeAt(DATE_LENGTH) - 0x30
  const ones = text.charCodeAt(DATE_LENGTH + 1) - 0x30
  if (tens < 0 || tens > 5 || ones < 0 || ones > 9) return -1
  let ms = (tens * 10 + ones) * 1000
  if (end === DATE_LENGTH + 2) return ms
  if (text.charCodeAt(DATE_LENGTH + 2) !== 0x2e || end === DATE_LENGTH + 3) return -1
  for (let index = DATE_LENGTH + 3, unit = 100; index < end; index++, unit /= 10) {
    const digit = text.charCodeAt(index) - 0x30
    if (digit < 0 || digit > 9) return -1
    if (unit >= 1) ms += digit * unit
  }
  return ms
}
