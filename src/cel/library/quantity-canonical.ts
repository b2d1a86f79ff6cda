import type { Quantity } from './quantity-value.ts'

const DECIMAL: ReadonlyMap<number, string> = new Map([
  [-9, 'n'],
  [-6, 'u'],
  [-3, 'm'],
  [3, 'k'],
  [6, 'M'],
  [9, 'G'],
  [12, 'T'],
  [15, 'P'],
  [18, 'E'],
])

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** resource.Quantity, CanonicalizeBytes. Beyond the greatest suffix it writes none, as Kubernetes does. */
export function canonicalText({ unscaled, exponent, notation }: Quantity): string {
  if (unscaled === 0n) return '0'
  if (notation === 'BinarySI') {
    const whole = wholeOf(unscaled, exponent)
    if (whole !== undefined && (whole <= -1024n || whole >= 1024n)) return binaryText(whole)
  }
  const { amount, power } = withoutFactors(unscaled, 10n)
  let digits = amount
  let place = exponent + power
  for (; place % 3 !== 0; place--) digits *= 10n
  if (notation === 'DecimalExponent') return place === 0 ? `${digits}` : `${digits}e${place}`
  return `${digits}${DECIMAL.get(place) ?? ''}`
}

function wholeOf(unscaled: bigint, exponent: number): bigint | undefined {
  if (exponent >= 0) return unscaled * 10n ** BigInt(exponent)
  const divisor = 10n ** BigInt(-exponent)
  return unscaled % divisor === 0n ? unscaled / divisor : undefined
}

function binaryText(whole: bigint): string {
  const { amount, power } = withoutFactors(whole, 1024n)
  return `${amount}${BINARY[power] ?? ''}`
}

/** `value` as `amount` × `factor`^`power`. */
function withoutFactors(value: bigint, factor: bigint): { readonly amount: bigint; readonly power: number } {
  let amount = value
  let power = 0
  for (; amount % factor === 0n; power++) amount /= factor
  return { amount, power }
}
