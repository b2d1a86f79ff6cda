import { CelError } from '../error.ts'
import type { Minor } from '../library.ts'
import { formatFixed } from '../run/float.ts'
import { typeName } from '../run/kind.ts'
import { spend } from '../run/work.ts'
import { adapt, Double, Uint, type Value } from '../value.ts'
import { fixed, scientific } from './decimal-text.ts'
import { clauseText, formatClauses } from './format-value.ts'
import { utf8Length } from './text.ts'

/** `text.format(args)` of version 2 of cel-go's strings (ext/formatting.go) in a release. It throws `CelError`. */
export function formatter(minor: Minor): (text: Value, args: Value) => string {
  const times = minor < 33 ? SPACED_TIMES : '×'
  return (text, args) => {
    const list = args as readonly Value[]
    return formatClauses(text as string, list.length, (verb, precision, i) => {
      const written = format(verb, precision, adapt(list[i]) as Value, times)
      spend(written.length)
      return written
    })
  }
}

/** golang.org/x/text below 0.20 wrote narrow spaces around it. */
const SPACED_TIMES = '\u202f×\u202f'

function format(verb: string, precision: number | undefined, value: Value, times: string): string {
  switch (verb) {
    case 's':
      return clauseText(value)
    case 'd':
      return decimal(value)
    case 'f':
      return readable(precision, grouped)(double(value, 'fixed-point'), precision ?? 6)
    case 'e':
      return readable(precision, (number, width) => powerOfTen(number, width, times))(
        double(value, 'scientific'),
        precision ?? 6,
      )
    case 'b':
      return binary(value)
    case 'o':
      return octal(value)
    default:
      return hex(value, verb === 'X')
  }
}

type Written = (value: number, precision: number) => string

/** golang.org/x/text gives a number of eight digits or more up, and with it the verb. */
const readable = (precision: number | undefined, write: Written): Written =>
  (precision ?? 0) >= 10_000_010 ? () => '%!(NOVERB)' : write

const isInt = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'

/** The digits of an int or uint in a base, a minus before them. */
function digits(value: Value, base: number): string | undefined {
  if (value instanceof Uint) return value.value.toString(base)
  return isInt(value) ? value.toString(base) : undefined
}

function decimal(value: Value): string {
  const text = digits(value, 10)
  if (text === undefined) throw wrong('decimal clause can only be used on integers', value)
  return text
}

function octal(value: Value): string {
  const text = digits(value, 8)
  if (text === undefined) throw wrong('octal clause can only be used on integers', value)
  return text
}

function binary(value: Value): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  const text = digits(value, 2)
  if (text === undefined) throw wrong('only integers and bools can be formatted as binary', value)
  return text
}

function hex(value: Value, upper: boolean): string {
  const text = digits(value, 16) ?? hexOfBytes(value)
  return upper ? text.toUpperCase() : text
}

function hexOfBytes(value: Value): string {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
  if (!(bytes instanceof Uint8Array))
    throw wrong('only integers, byte buffers, and strings can be formatted as hex', value)
  spend(utf8Length(typeof value === 'string' ? value : ''))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const wrong = (problem: string, value: Value): CelError =>
  new CelError(`error during formatting: ${problem}, was given ${typeName(value)}`)

const SPECIAL: ReadonlyMap<Value, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

function double(value: Value, clause: string): number {
  const special = SPECIAL.get(value)
  if (special !== undefined) return special
  if (value instanceof Double) return value.value
  throw wrong(`${clause} clause can only be used on doubles`, value)
}

/** As golang.org/x/text writes what is no finite number for English. */
function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return undefined
  return value < 0 ? '-∞' : '∞'
}

/**
 * `1,234,567.500`, as golang.org/x/text writes a number for en-US. It keeps the least number of decimals in 8 bits and
 * the greatest in 16, so that a precision above 255 is not what it says.
 */
function grouped(value: number, precision: number): string {
  const name = special(value)
  if (name !== undefined) return name
  const least = precision & 0xff
  const most = (precision << 16) >> 16
  const { whole, fraction } = most < 0 ? shortest(value) : fixed(value, most)
  const decimals = fraction.replace(/0+$/, '').padEnd(least, '0')
  const sign = value < 0 ? '-' : ''
  const groups = whole.replace(/\B(?=(?:\d{3})+$)/g, ',')
  return decimals === '' ? `${sign}${groups}` : `${sign}${groups}.${decimals}`
}

function shortest(value: number): { readonly whole: string; readonly fraction: string } {
  const [whole = '', fraction = ''] = formatFixed(Math.abs(value)).split('.')
  return { whole, fraction }
}

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** `1.234568×10⁰⁶`. What was meant as a precision is the width: cel-go forgets the dot. */
function powerOfTen(value: number, precision: number, times: string): string {
  return (special(value) ?? mantissaAndExponent(value, times)).padStart(precision & 0xffff)
}

function mantissaAndExponent(value: number, times: string): string {
  const { mantissa, exponent } = scientific(value)
  const power = Array.from(String(Math.abs(exponent)).padStart(2, '0'), (digit) => SUPERSCRIPT[Number(digit)]).join('')
  return `${value < 0 ? '-' : ''}${mantissa}${times}10${exponent < 0 ? '⁻' : ''}${power}`
}
