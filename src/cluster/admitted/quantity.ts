import type { Json } from '../json.ts'

/**
 * Quantities as the API server writes them (apimachinery/pkg/api/resource/quantity.go). The Go type remembers the
 * notation, keeps some texts as they were written, and is read from a number as from its text.
 */
export interface Quantity {
  /** The amount is `value` × 10^`scale`. */
  readonly value: bigint
  readonly scale: number
  readonly format: 'decimal' | 'exponent' | 'binary'
  /** The text as it was written, where Go takes it for canonical. */
  readonly text?: string
}

/** Nearly all quantities: nothing to change. */
const CANONICAL = /^[1-9]\d{0,2}(?:[mkMG]|[KMGT]i)?$/

/** Of the common short notations: canonical, and of whole thousandths. */
export function isPlainQuantity(value: Json): boolean {
  return typeof value === 'string' && CANONICAL.test(value)
}

/** The canonical text, or undefined for what is no quantity. */
export function canonicalQuantity(value: Json): string | undefined {
  if (isPlainQuantity(value)) return value as string
  const quantity = parseQuantity(value)
  return quantity && formatQuantity(quantity)
}

const SUFFIXES: ReadonlyMap<string, readonly [Quantity['format'], number]> = new Map([
  ['', ['decimal', 0]],
  ['n', ['decimal', -9]],
  ['u', ['decimal', -6]],
  ['m', ['decimal', -3]],
  ['k', ['decimal', 3]],
  ['M', ['decimal', 6]],
  ['G', ['decimal', 9]],
  ['T', ['decimal', 12]],
  ['P', ['decimal', 15]],
  ['E', ['decimal', 18]],
  ['Ki', ['binary', 10]],
  ['Mi', ['binary', 20]],
  ['Gi', ['binary', 30]],
  ['Ti', ['binary', 40]],
  ['Pi', ['binary', 50]],
  ['Ei', ['binary', 60]],
])

/** No quantity of use is longer; Go has no limit, but its work grows with the square of the digits. */
const MAX_LENGTH = 256
/** Go's exponents are of 32 bits; a power of ten of a billion digits is nobody's quantity. */
const MAX_EXPONENT = 1_000
const MAX_INT64 = 2n ** 63n - 1n
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/
const EXPONENT = /^[eE]([-+]?\d+)$/

export function parseQuantity(from: Json): Quantity | undefined {
  if (typeof from !== 'string' && typeof from !== 'number') return undefined
  const text = typeof from === 'number' ? String(from) : from.trim()
  if (text.length > MAX_LENGTH) return undefined
  if (text === '0') return { value: 0n, scale: 0, format: 'decimal', text }
  const shape = text === '' ? null : SHAPE.exec(text)
  if (!shape) return undefined
  const [, sign = '', digits = '', fraction = '', suffix = ''] = shape
  const found = SUFFIXES.get(suffix)
  const written = found ? undefined : EXPONENT.exec(suffix)
  if (!found && !written) return undefined
  const [format, exponent] = found ?? (['exponent', Number(written?.[1])] as const)
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined
  // `-` and `.` are read as zero, but `.k` is none.
  if (digits === '' && fraction === '' && !onlyZero(text)) return undefined

  const stripped = digits.replace(/^0+/, '')
  const whole = stripped === '' ? '0' : stripped
  const unsigned = BigInt(whole + fraction)
  const signed = sign === '-' ? -unsigned : unsigned
  const quick = quickly(whole, fraction, format, exponent)
  if (quick && inInt64(unsigned * quick.times)) {
    const quantity = { value: signed * quick.times, scale: quick.scale, format }
    return keepsText(quick, whole + fraction, unsigned, format, exponent) ? { ...quantity, text } : quantity
  }
  return slowly(signed, fraction.length, format, exponent)
}

function onlyZero(text: string): boolean {
  return text === '+' || text === '-' || text === '.' || text === '+.' || text === '-.'
}

const inInt64 = (value: bigint): boolean => value <= MAX_INT64

/** What Go keeps in an int64: the rest goes through a slower path that rounds, caps and forgets the text. */
function quickly(whole: string, fraction: string, format: Quantity['format'], exponent: number) {
  if (format === 'binary') {
    if (fraction !== '' || 15 - whole.length - Math.trunc(Math.fround(Math.fround(exponent * 3) / 10)) - 1 < 0)
      return undefined
    return { times: 1n << BigInt(exponent), scale: 0 }
  }
  if (18 - whole.length - fraction.length < 0) return undefined
  const scale = exponent - fraction.length
  return scale < -9 ? undefined : { times: 1n, scale }
}

function keepsText(
  quick: { readonly scale: number },
  digits: string,
  unsigned: bigint,
  format: Quantity['format'],
  exponent: number,
): boolean {
  if (format === 'binary') return exponent % 10 === 0 && (unsigned & 7n) !== 0n
  return quick.scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
}

function slowly(signed: bigint, places: number, format: Quantity['format'], exponent: number): Quantity {
  const negative = signed < 0n
  let value = negative ? -signed : signed
  let scale = -places
  if (format === 'binary') value <<= BigInt(exponent)
  else scale += exponent
  const rounded = roundedUp({ value, scale, format }, -9)
  value = rounded.value
  scale = rounded.scale
  let shown = format
  if (format === 'binary') {
    if (compare({ value, scale }, MAX_INT64) > 0) {
      value = MAX_INT64
      scale = 0
    }
    if (value > 0n && compare({ value, scale }, 1n) < 0) shown = 'decimal'
  }
  return { value: negative ? -value : value, scale, format: shown }
}

/** Away from zero, to a multiple of 10^`scale`; the text is forgotten only where Go forgets it. */
export function roundedUp(quantity: Quantity, scale: number): Quantity {
  if (quantity.scale >= scale) return quantity
  const divisor = 10n ** BigInt(scale - quantity.scale)
  const negative = quantity.value < 0n
  const magnitude = negative ? -quantity.value : quantity.value
  const up = (magnitude + divisor - 1n) / divisor
  return { value: negative ? -up : up, scale, format: quantity.format }
}

type Amount = Pick<Quantity, 'value' | 'scale'>

function compare(one: Amount, integer: bigint): number {
  return compareAmounts(one, { value: integer, scale: 0 })
}

export function compareAmounts(one: Amount, other: Amount): number {
  const scale = Math.min(one.scale, other.scale)
  const [left, right] = [atScale(one, scale), atScale(other, scale)]
  return left < right ? -1 : left > right ? 1 : 0
}

const atScale = (amount: Amount, scale: number): bigint => amount.value * 10n ** BigInt(amount.scale - scale)

/** The notation is that of the first, unless it is zero. */
export function sum(one: Quantity, other: Quantity): Quantity {
  const scale = Math.min(one.scale, other.scale)
  return {
    value: atScale(one, scale) + atScale(other, scale),
    scale,
    format: one.value === 0n ? other.format : one.format,
  }
}

const DECIMAL_SUFFIX: ReadonlyMap<number, string> = new Map(
  [...SUFFIXES].flatMap(([suffix, [format, exponent]]) => (format === 'decimal' ? [[exponent, suffix] as const] : [])),
)
const BINARY_SUFFIX = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text
  if (quantity.value === 0n) return '0'
  if (quantity.format === 'binary' && binary(quantity)) {
    let value = atScale(quantity, Math.min(0, quantity.scale)) / 10n ** BigInt(Math.max(0, -quantity.scale))
    let power = 0
    while (value % 1024n === 0n) {
      value /= 1024n
      power++
    }
    return `${value}${BINARY_SUFFIX[power] ?? ''}`
  }
  let { value, scale } = quantity
  while (value % 10n === 0n) {
    value /= 10n
    scale++
  }
  while (scale % 3 !== 0) {
    value *= 10n
    scale--
  }
  // Beyond the largest and the smallest suffix, Go writes none.
  if (quantity.format === 'exponent') return scale === 0 ? String(value) : `${value}e${scale}`
  return `${value}${DECIMAL_SUFFIX.get(scale) ?? ''}`
}

/** Between -1024 and 1024, and with a fraction, a binary quantity is written as a decimal one. */
function binary(quantity: Quantity): boolean {
  if (compare(quantity, -1024n) > 0 && compare(quantity, 1024n) < 0) return false
  return quantity.scale >= 0 || quantity.value % 10n ** BigInt(-quantity.scale) === 0n
}
