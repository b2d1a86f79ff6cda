/** A double, digit by digit: `digits` / 10^`scale`, and its sign. */
interface Exact {
  readonly negative: boolean
  readonly digits: bigint
  readonly scale: number
}

/** Every double is a fraction of a power of two, so that it has an exact decimal. */
function exact(value: number): Exact {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, Math.abs(value))
  const raw = bits.getBigUint64(0)
  const exponent = Number(raw >> 52n)
  const fraction = raw & ((1n << 52n) - 1n)
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n)
  const power = Math.max(exponent, 1) - 1075
  const negative = value < 0
  if (power >= 0) return { negative, digits: mantissa << BigInt(power), scale: 0 }
  return { negative, digits: mantissa * 5n ** BigInt(-power), scale: -power }
}

/** The quotient, rounded half to even. */
function divideRounding(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const twice = (dividend % divisor) * 2n
  return twice > divisor || (twice === divisor && (quotient & 1n) === 1n) ? quotient + 1n : quotient
}

/** Whole and fractional digits with exactly `places` decimals, half to even: Go's `%.Nf`, without its sign. */
export function fixed(value: number, places: number): { readonly whole: string; readonly fraction: string } {
  const { digits, scale } = exact(value)
  const kept = Math.min(places, scale)
  const rounded = divideRounding(digits, 10n ** BigInt(scale - kept))
    .toString()
    .padStart(kept + 1, '0')
  const whole = rounded.slice(0, rounded.length - kept)
  return { whole, fraction: rounded.slice(rounded.length - kept).padEnd(places, '0') }
}

/** `1.234568` and 6: the seven leading digits, half to even, and the power of ten. Not for 0. */
export function scientific(value: number): { readonly mantissa: string; readonly exponent: number } {
  const { digits, scale } = exact(value)
  if (digits === 0n) return { mantissa: '0.000000', exponent: 0 }
  const length = digits.toString().length
  const cut = length - 7
  let kept = cut > 0 ? divideRounding(digits, 10n ** BigInt(cut)) : digits * 10n ** BigInt(-cut)
  let exponent = length - 1 - scale
  if (kept === 10_000_000n) {
    kept = 1_000_000n
    exponent++
  }
  const text = kept.toString()
  return { mantissa: `${text[0]}.${text.slice(1)}`, exponent }
}
