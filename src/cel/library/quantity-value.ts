import { CelError } from '../error.ts'
import { spend } from '../run/work.ts'
import { objectType, type Type } from '../type.ts'
import type { Opaque, Value } from '../value.ts'
import { canonicalText } from './quantity-canonical.ts'

/** The k8s.io/apimachinery pkg/api/resource notation in which a quantity is written. */
export type Notation = 'DecimalExponent' | 'BinarySI' | 'DecimalSI'

export const QUANTITY_TYPE: Type = objectType('kubernetes.Quantity')

/**
 * `unscaled` × 10^`exponent`, exactly. `small`: Kubernetes keeps it in 64 bits and a power of ten; only such a quantity
 * can be an integer for CEL, whatever its value.
 */
export class Quantity implements Opaque {
  readonly opaque = true
  readonly type: Type = QUANTITY_TYPE
  readonly unscaled: bigint
  readonly exponent: number
  readonly small: boolean
  readonly notation: Notation
  /** The result of an operation: k8s.io/apiserver makes it a pointer, which nothing is equal to. */
  readonly computed: boolean
  /** As it was written, where Kubernetes takes that for canonical. */
  readonly text: string | undefined
  constructor(unscaled: bigint, exponent: number, small: boolean, notation: Notation, computed = false, text?: string) {
    this.unscaled = unscaled
    this.exponent = exponent
    this.small = small
    this.notation = notation
    this.computed = computed
    this.text = text
  }

  /** Throws `CelError` for what is no quantity, and for one that an operation made. */
  equals(other: Value): boolean {
    if (!(other instanceof Quantity) || other.computed) throw new CelError('no such overload')
    return compareQuantities(this, other) === 0
  }

  /** In its canonical form: the greatest suffix that leaves no fraction. */
  toString(): string {
    return this.text ?? canonicalText(this)
  }
}

function digitsOf(value: bigint): number {
  const { length } = (value < 0n ? -value : value).toString()
  spendOnDigits(length)
  return length
}

/** Arithmetic of so many digits takes the square of their number. */
export function spendOnDigits(digits: number): void {
  if (digits > FEW_DIGITS) spend((digits * digits) / FEW_DIGITS)
}

const FEW_DIGITS = 256

/** -1, 0 or 1: the exact order. */
export function compareQuantities(a: Quantity, b: Quantity): -1 | 0 | 1 {
  const sign = signOf(a.unscaled)
  const other = signOf(b.unscaled)
  if (sign !== other) return sign < other ? -1 : 1
  if (sign === 0) return 0
  const magnitude = digitsOf(a.unscaled) + a.exponent - digitsOf(b.unscaled) - b.exponent
  if (magnitude !== 0) return magnitude < 0 === sign > 0 ? -1 : 1
  const exponent = Math.min(a.exponent, b.exponent)
  return signOf(scaledTo(a, exponent) - scaledTo(b, exponent))
}

export const signOf = (value: bigint): -1 | 0 | 1 => (value < 0n ? -1 : value > 0n ? 1 : 0)

const scaledTo = (quantity: Quantity, exponent: number): bigint =>
  quantity.unscaled * 10n ** BigInt(quantity.exponent - exponent)

const MAX = 2n ** 63n - 1n
const MIN = -(2n ** 63n)
const fits = (value: bigint): boolean => value >= MIN && value <= MAX

/** The sum, or with `sign` -1 the difference (resource.Quantity, Add and Sub). */
export function addQuantities(a: Quantity, b: Quantity, sign: 1 | -1): Quantity {
  const notation = a.unscaled === 0n ? b.notation : a.notation
  if (!a.small || !b.small) return large(a, b, sign, notation)
  const term = sign < 0 ? wrapped(-b.unscaled) : b.unscaled
  if (term === 0n) return new Quantity(a.unscaled, a.exponent, true, notation, true)
  if (a.unscaled === 0n) return new Quantity(term, b.exponent, true, notation, true)
  const exponent = Math.min(a.exponent, b.exponent)
  const first = shift(a.unscaled, a.exponent - exponent)
  const second = shift(term, b.exponent - exponent)
  if (first === undefined || second === undefined || !fits(first + second)) {
    return large(a, b, sign, notation)
  }
  return new Quantity(first + second, exponent, true, notation, true)
}

/** In 64 bits the least number is its own negative. */
const wrapped = (value: bigint): bigint => (value > MAX ? MIN : value)

/** `value` × 10^`zeros` if 64 bits hold it. */
function shift(value: bigint, zeros: number): bigint | undefined {
  if (zeros === 0) return value
  if (zeros > 19 || value === MIN) return undefined
  const scaled = value * 10n ** BigInt(zeros)
  return fits(scaled) ? scaled : undefined
}

function large(a: Quantity, b: Quantity, sign: 1 | -1, notation: Notation): Quantity {
  const exponent = Math.min(a.exponent, b.exponent)
  if (Math.max(a.exponent, b.exponent) - exponent > MOST_ZEROS) throw new CelError('quantity out of range')
  return new Quantity(scaledTo(a, exponent) + BigInt(sign) * scaledTo(b, exponent), exponent, false, notation, true)
}

/** Kubernetes would write them all; no quantity that a person means has so many. */
export const MOST_ZEROS = 10_000

/** The int64, if 64 bits and no fraction hold it. */
export function asInt64(quantity: Quantity): bigint | undefined {
  if (!quantity.small || quantity.exponent < 0) return undefined
  if (quantity.unscaled === 0n) return 0n
  return shift(quantity.unscaled, quantity.exponent)
}

/** resource.Quantity, AsApproximateFloat64: two doubles multiplied, with the error that this makes. */
export function asFloat(quantity: Quantity): number {
  const base = Number(quantity.unscaled)
  return quantity.exponent === 0 ? base : base * pow10(quantity.exponent)
}

/** Go's math.Pow10: a product of two table entries, 0 below 1e-323, infinite above 1e308. */
function pow10(exponent: number): number {
  if (exponent > 308) return Number.POSITIVE_INFINITY
  if (exponent < -323) return 0
  const rest = Math.abs(exponent) % 32
  const most = exponent - Math.sign(exponent) * rest
  return exponent >= 0 ? Number(`1e${most}`) * Number(`1e${rest}`) : Number(`1e${most}`) / Number(`1e${rest}`)
}
