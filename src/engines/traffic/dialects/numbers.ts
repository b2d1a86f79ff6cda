import { parseQuantity } from '../../../cel/library/quantity-text.ts'
import { asFloat } from '../../../cel/library/quantity-value.ts'
import type { Json } from '../../../cluster/json.ts'

/** Longer numbers are nobody's; every reader here is linear in its text all the same. */
const LONGEST = 64

const MOST = 2n ** 63n - 1n

/** Go's `strconv.Atoi`: digits with a sign, of 64 bits. */
export function atoi(text: string): number | undefined {
  if (text.length > LONGEST || !/^[+-]?[0-9]+$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return value > MOST || value < -MOST - 1n ? undefined : Number(value)
}

/** A whole number as a field of a custom resource holds it. */
export function whole(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

/** A quantity of Kubernetes (`10Mi`, `500k`, 1024) in units of one. */
export function quantity(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string' || value.length > LONGEST) return undefined
  const read = parseQuantity(value)
  return typeof read === 'string' ? undefined : asFloat(read)
}

const GO_UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['µs', 1e-6],
  ['μs', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
])

/** Go's `time.ParseDuration` in seconds: `1m30s`, `500ms`, `0`. */
export function goDuration(text: string): number | undefined {
  if (text.length > LONGEST) return undefined
  const signed = /^[+-]/.test(text)
  const rest = signed ? text.slice(1) : text
  if (rest === '0') return 0
  const sum = units(rest, /([0-9]+\.?[0-9]*|\.[0-9]+)([a-zµμ]+)/y, GO_UNITS)
  return sum === undefined ? undefined : text.startsWith('-') ? -sum : sum
}

function units(text: string, part: RegExp, factors: ReadonlyMap<string, number>): number | undefined {
  if (text === '') return undefined
  let sum = 0
  part.lastIndex = 0
  while (part.lastIndex < text.length) {
    const found = part.exec(text)
    const factor = found ? factors.get(found[2] as string) : undefined
    if (found === null || factor === undefined) return undefined
    sum += Number(found[1]) * factor
  }
  return rounded(sum)
}

/** Without what binary fractions add to `0.1 + 0.2`: nanoseconds are the finest unit there is. */
function rounded(seconds: number): number {
  return seconds < 1e6 ? Math.round(seconds * 1e9) / 1e9 : seconds
}

/** A size of nginx in bytes: `8k`, `10m`, `1g`, `512` (ngx_parse_offset). */
export function nginxSize(text: string): number | undefined {
  const parts = text.length > LONGEST ? null : /^([0-9]+)([kKmMgG]?)$/.exec(text)
  if (parts === null) return undefined
  return (
    Number(parts[1]) * ({ '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[(parts[2] as string).toLowerCase()] as number)
  )
}

const NGINX_TIMES: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
  ['w', 604_800],
  ['M', 2_592_000],
  ['y', 31_536_000],
])

/** A time of nginx in seconds: `60`, `1m30s`, `1m 30s` (ngx_parse_time). */
export function nginxTime(text: string): number | undefined {
  return text.length > LONGEST ? undefined : units(text.trim(), /([0-9]+) ?(ms|[smhdwMy]|) ?/y, NGINX_TIMES)
}

const HAPROXY_TIMES: ReadonlyMap<string, number> = new Map([
  ['', 1e-3],
  ['us', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])

/** A time of HAProxy in seconds: `5s`, `1m`; without a unit milliseconds. */
export function haproxyTime(text: string): number | undefined {
  const parts = text.length > LONGEST ? null : /^([0-9]+)(us|ms|s|m|h|d|)$/.exec(text)
  return parts === null ? undefined : rounded(Number(parts[1]) * (HAPROXY_TIMES.get(parts[2] as string) as number))
}
