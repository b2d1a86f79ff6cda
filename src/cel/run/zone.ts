import { CelError } from '../error.ts'

const formats = new Map<string, Intl.DateTimeFormat>()
const MAX_FORMATS = 100

/**
 * Seconds east of UTC of a time zone at an instant: `America/New_York`, `UTC`, `+02:30`, `-8:00`. Throws `CelError`
 * (cel-go common/stdlib/standard.go, inTimeZone).
 */
export function zoneOffset(zone: string, seconds: number): number {
  const colon = zone.indexOf(':')
  if (colon >= 0) return fixedOffset(zone, colon)
  // The zone of the API server's machine, which is UTC in its image.
  if (zone === '' || zone === 'UTC' || zone === 'Local') return 0
  const format = formatOf(zone)
  const parts = format.formatToParts(new Date(seconds * 1000))
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const found = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name)
  const east = Number(found?.[2] ?? 0) * 3600 + Number(found?.[3] ?? 0) * 60 + Number(found?.[4] ?? 0)
  return found?.[1] === '-' ? -east : east
}

function fixedOffset(zone: string, colon: number): number {
  const hours = atoi(zone.slice(0, colon))
  const minutes = atoi(zone.slice(colon + 1))
  return (zone.startsWith('-') ? hours * 60 - minutes : hours * 60 + minutes) * 60
}

function atoi(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) {
    throw new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return Number(text)
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  // Intl also takes offsets such as `+0200`, which Go does not know as names.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone) || zone.length > 64) throw new CelError(`unknown time zone ${zone}`)
  try {
    const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    // Intl takes names in any case, Go only as they are written.
    const { timeZone } = made.resolvedOptions()
    if (timeZone !== zone && timeZone.toLowerCase() === zone.toLowerCase()) throw new RangeError(zone)
    if (formats.size >= MAX_FORMATS) formats.clear()
    formats.set(zone, made)
    return made
  } catch {
    throw new CelError(`unknown time zone ${zone}`)
  }
}
