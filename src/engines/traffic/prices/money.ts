import { type Extent, isEndless } from '../bounds/extent.ts'

/**
 * Money as whole numbers of a unit so small that every price (12 decimals) times an amount (thousandths of bytes of 2^30)
 * is whole: sums are exact, and only what is shown is rounded. `INFINITE` is a legal sum; undefined is one not known.
 */
export type Money = Extent

/** A price in millionths of a millionth. */
export type Price = bigint

const DECIMALS = 12
const THOUSANDTHS = 1000n
const GIB = 1n << 30n
/** Units of one dollar, euro or whatever the table is in. */
export const WHOLE = 10n ** BigInt(DECIMALS) * THOUSANDTHS * GIB

/** Hours of a month, as clouds count them. */
export const HOURS = 730n

const DECIMAL = /^(\d{1,12})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/

/** Undefined for what is no price; decimals beyond the twelfth are rounded up. */
export function parsePrice(text: string): Price | undefined {
  const parts = DECIMAL.exec(text.trim())
  if (!parts) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = parts
  const shift = DECIMALS - fraction.length + Number(exponent)
  const digits = BigInt(whole + fraction)
  if (shift >= 0) return digits * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  return (digits + divisor - 1n) / divisor
}

/** So many things at a price each. */
export function each(price: Price, count: bigint): bigint {
  return price * count * THOUSANDTHS * GIB
}

/** An amount in thousandths at a price for each whole one. */
export function perWhole(price: Price, thousandths: bigint): bigint {
  return price * thousandths * GIB
}

/** An amount in thousandths of bytes at a price for each GiB. */
export function perGib(price: Price, thousandths: bigint): bigint {
  return price * thousandths
}

/** Hundredths, half up. */
export function cents(money: bigint): bigint {
  return (money * 200n + WHOLE) / (WHOLE * 2n)
}

/** For documents: with two decimals; `unbounded`; null where it is not known. */
export function moneyValue(money: Money | undefined): number | 'unbounded' | null {
  if (money === undefined) return null
  return isEndless(money) ? 'unbounded' : Math.min(Number(cents(money)) / 100, Number.MAX_VALUE)
}

/** `1,234.56`. */
export function moneyText(money: Money | undefined): string {
  if (money === undefined) return 'unknown'
  if (isEndless(money)) return 'unbounded'
  const all = cents(money).toString().padStart(3, '0')
  const whole = all.slice(0, -2).replace(/\B(?=(?:\d{3})+$)/g, ',')
  return `${whole}.${all.slice(-2)}`
}
