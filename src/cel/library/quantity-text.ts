import { CelError } from '../error.ts'
import { MOST_ZEROS, type Notation, Quantity, spendOnDigits } from './quantity-value.ts'

interface Suffix {
  readonly base: 2 | 10
  readonly exponent: number
  readonly notation: Notation
}

const decimal = (exponent: number): Suffix => ({ base: 10, exponent, notation: 'DecimalSI' })
const binary = (exponent: number): Suffix => ({ base: 2, exponent, notation: 'BinarySI' })

const SUFFIXES: ReadonlyMap<string, Suffix> = new Map([
  ['n', decimal(-9)],
  ['u', decimal(-6)],
  ['m', decimal(-3)],
  ['', decimal(0)],
  ['k', decimal(3)],
  ['M', decimal(6)],
  ['G', decimal(9)],
  ['T', decimal(12)],
  ['P', decimal(15)],
  ['E', decimal(18)],
  ['Ki', binary(10)],
  ['Mi', binary(20)],
  ['Gi', binary(30)],
  ['Ti', binary(40)],
  ['Pi', binary(50)],
  ['Ei', binary(60)],
])

const FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const NUMERIC = 'unable to parse numeric part of quantity'
const SUFFIX = "unable to parse quantity's suffix"

const PARTS = /^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/

const parsed = new Map<string, Quantity | string>()
const MAX_PARSED = 500
/** In characters; nobody writes as many digits. */
const SHORT = 32

/**
 * k8s.io/apimachinery pkg/api/resource ParseQuantity, or what it has against the text. Remembered for those that were
 * asked for lately: a cluster writes a few quantities thousands of times.
 */
export function parseQuantity(text: string): Quantity | string {
  if (text.length > SHORT) return parse(text)
  const known = parsed.get(text)
  if (known !== undefined) return known
  const quantity = parse(text)
  if (parsed.size >= MAX_PARSED) parsed.clear()
  parsed.set(text, quantity)
  return quantity
}

function parse(text: string): Quantity | string {
  const parts = PARTS.exec(text)
  if (text === '' || parts === null) return FORMAT
  const [, sign = '', zeros = '', whole = '', fraction = '', unit = ''] = parts
  const suffix = suffixOf(unit)
  if (suffix === undefined) return SUFFIX
  const number = {
    negative: sign === '-',
    whole: whole === '' ? '0' : whole,
    fraction,
    digits: zeros + whole + fraction,
  }
  return small(number, suffix, text) ?? large(number, suffix)
}

interface Digits {
  readonly negative: boolean
  /** Without leading zeros. */
  readonly whole: string
  readonly fraction: string
  readonly digits: string
}

function suffixOf(text: string): Suffix | undefined {
  const known = SUFFIXES.get(text)
  if (known !== undefined) return known
  const exponent = /^[eE]([+-]?[0-9]+)$/.exec(text)
  if (exponent === null) return undefined
  const power = BigInt(exponent[1] as string)
  if (power > 2n ** 63n - 1n || power < -(2n ** 63n)) return undefined
  return { base: 10, exponent: Number(BigInt.asIntN(32, power)), notation: 'DecimalExponent' }
}

/** What 64 bits and a power of ten hold: with at most 18 digits, and not below nano. */
function small(
  { negative, whole, fraction }: Digits,
  { base, exponent, notation }: Suffix,
  text: string,
): Quantity | undefined {
  let precision = 18 - whole.length - fraction.length
  let factor = 1n
  if (base === 2) {
    if (fraction !== '') return undefined
    factor = 1n << BigInt(exponent)
    precision = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1
  }
  const scale = BigInt.asIntN(32, BigInt((base === 2 ? 0 : exponent) - fraction.length))
  if (precision < 0 || scale < -9n) return undefined
  const digits = whole + fraction
  const value = BigInt(digits) * factor
  const canonical =
    base === 2 ? BigInt(digits) % 8n !== 0n : scale % 3n === 0n && !digits.endsWith('000') && digits[0] !== '0'
  return new Quantity(negative ? -value : value, Number(scale), true, notation, false, canonical ? text : undefined)
}

/** Whatever 64 bits do not hold is kept in billionths. */
const NANO = -9

const MAX_INT64 = 2n ** 63n - 1n

function large({ negative, fraction, digits }: Digits, suffix: Suffix): Quantity | string {
  if (digits === '') return NUMERIC
  spendOnDigits(digits.length)
  let unscaled = BigInt(digits)
  let exponent = -fraction.length
  if (suffix.base === 10) exponent += suffix.exponent
  else unscaled <<= BigInt(suffix.exponent)
  if (unscaled !== 0n) {
    if (exponent > MOST_ZEROS) return NUMERIC
    unscaled = exponent < NANO ? divideUp(unscaled, NANO - exponent) : unscaled * 10n ** BigInt(exponent - NANO)
    exponent = NANO
  }
  let notation = suffix.notation
  if (notation === 'BinarySI') {
    const one = 10n ** BigInt(Math.max(0, -exponent))
    if (unscaled > MAX_INT64 * one) {
      unscaled = MAX_INT64
      exponent = 0
    } else if (unscaled > 0n && unscaled < one) notation = 'DecimalSI'
  }
  return new Quantity(negative ? -unscaled : unscaled, exponent, false, notation)
}

/** Divided by 10^`zeros`, up. Whatever small it is, it is not nothing. */
function divideUp(value: bigint, zeros: number): bigint {
  if (value === 0n) return 0n
  if (zeros > value.toString().length) return 1n
  const divisor = 10n ** BigInt(zeros)
  return (value + divisor - 1n) / divisor
}

/** The quantity of a text; throws `CelError` where it is none. */
export function quantityOf(text: string): Quantity {
  const quantity = parseQuantity(text)
  if (typeof quantity === 'string') throw new CelError(quantity)
  return quantity
}
