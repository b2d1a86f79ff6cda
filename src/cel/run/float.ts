/** A double with all its digits and no exponent: strconv.FormatFloat(x, 'f', -1, 64). */
export function formatFixed(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const { sign, digits, exponent } = decompose(value)
  if (exponent <= 0) return `${sign}0${digits === '0' ? '' : `.${'0'.repeat(-exponent)}${digits}`}`
  if (exponent >= digits.length) return `${sign}${digits}${'0'.repeat(exponent - digits.length)}`
  return `${sign}${digits.slice(0, exponent)}.${digits.slice(exponent)}`
}

/** Go's `%g`: the fewest digits; an exponent, of at least two digits, below 1e-4 and from 1e6 on. */
export function formatShortest(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const { sign, digits, exponent } = decompose(value)
  const power = exponent - 1
  if (value === 0 || (power >= -4 && power < 6)) return formatFixed(value)
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${sign}${digits[0]}${fraction}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** value = sign 0.digits × 10^exponent, with the fewest digits that give the value back. */
function decompose(value: number): { readonly sign: string; readonly digits: string; readonly exponent: number } {
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e')
  return { sign, digits: mantissa.replace('.', ''), exponent: value === 0 ? 0 : Number(power) + 1 }
}

/** strconv.ParseFloat of a decimal, hexadecimal or special number, or undefined. */
export function parseFloatText(text: string): number | undefined {
  if (text.length > MAX_FLOAT) return undefined
  const special = SPECIAL.get(text.toLowerCase())
  if (special !== undefined) return special
  // An underscore may stand between digits, and after the prefix of a hexadecimal number.
  if (/(^|[^0-9a-f])_|_([^0-9a-f]|$)/i.test(text.replace(/^([+-]?)0x_/i, '$10x'))) return undefined
  const plain = text.replaceAll('_', '')
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) {
    const value = Number(plain)
    return Number.isFinite(value) ? value : undefined
  }
  const hex = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/i.exec(plain)
  if (hex === null || `${hex[2]}${hex[3]}` === '') return undefined
  const mantissa = Number(`0x${hex[2]}${hex[3]}`)
  const value = mantissa * 2 ** (Number(hex[4]) - 4 * (hex[3] as string).length)
  if (!Number.isFinite(value)) return undefined
  return hex[1] === '-' ? -value : value
}

/** Go takes digits without end; nobody writes a thousand of them. */
const MAX_FLOAT = 1000

const SPECIAL: ReadonlyMap<string, number> = new Map(
  ['inf', 'infinity'].flatMap((name): [string, number][] => [
    [name, Number.POSITIVE_INFINITY],
    [`+${name}`, Number.POSITIVE_INFINITY],
    [`-${name}`, Number.NEGATIVE_INFINITY],
  ]),
).set('nan', Number.NaN)
