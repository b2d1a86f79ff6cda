import { CelError } from '../error.ts'
import { compareStrings } from '../run/compare.ts'
import { convertToString } from '../run/conversion.ts'
import { kindOf, typeName } from '../run/kind.ts'
import { forEachEntry } from '../run/map.ts'
import { TypeValue } from '../run/type-value.ts'
import { spend } from '../run/work.ts'
import type { CelMap, Double, JsonMap, Value } from '../value.ts'
import { adapt } from '../value.ts'
import { fixed } from './decimal-text.ts'
import { fromBytes, goQuote, toBytes } from './text.ts'

type Write = (verb: string, precision: number | undefined, index: number) => string

const VERBS = 'sdfebxXo'

/**
 * The text with each clause (`%s`, `%.2f`) as `write` gives it; `size`: how many arguments there are. Clauses are
 * read and written in turn, so that the first failure of either kind is the one that is told (cel-go ext/formatting.go,
 * parseFormatString). Throws `CelError`.
 */
export function formatClauses(format: string, size: number, write: Write): string {
  const bytes = toBytes(format)
  let out = ''
  let argument = 0
  for (let i = 0; i < bytes.length; ) {
    const percent = bytes.indexOf('%', i)
    if (percent < 0) return out + fromBytes(bytes.slice(i))
    out += fromBytes(bytes.slice(i, percent))
    if (bytes[percent + 1] === '%') {
      out += '%'
      i = percent + 2
      continue
    }
    if (argument >= size) throw new CelError(`index ${argument} out of range`)
    if (percent + 1 >= bytes.length) throw new CelError('unexpected end of string')
    const { precision, end } = precisionAt(bytes, percent + 1)
    const verb = bytes[end] as string
    if (!VERBS.includes(verb)) throw unreadable(`unrecognized formatting clause "${verb}"`)
    out += write(verb, precision, argument)
    i = end + 1
    argument++
  }
  return out
}

const unreadable = (problem: string): CelError => new CelError(`could not parse formatting clause: ${problem}`)

function precisionAt(bytes: string, at: number): { readonly precision?: number; readonly end: number } {
  if (bytes[at] !== '.') return { end: at }
  let end = at + 1
  while (end < bytes.length && (bytes[end] as string) >= '0' && (bytes[end] as string) <= '9') end++
  if (end === bytes.length) throw unreadable('error while parsing precision: could not find end of precision specifier')
  return { precision: precisionOf(bytes.slice(at + 1, end)), end }
}

function precisionOf(digits: string): number {
  const precision = digits === '' ? undefined : Number(digits)
  if (precision !== undefined && precision <= LARGEST) return precision
  const reason = precision === undefined ? 'invalid syntax' : 'value out of range'
  throw unreadable(
    `error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing ${goQuote(digits)}: ${reason}`,
  )
}

const LARGEST = 2 ** 63 - 1024

/** What `%s` writes. Throws `CelError`. */
export function clauseText(value: Value): string {
  return textOf(value, 0)
}

const DEPTH = 1000

function textOf(value: Value, depth: number): string {
  switch (kindOf(value)) {
    case 'null':
      return 'null'
    case 'list':
      return listText(value as readonly Value[], depth)
    case 'map':
      return mapText(value as JsonMap | CelMap, depth)
    case 'fields':
    case 'opaque':
      if (value instanceof TypeValue) return value.name
      throw new CelError(`error during formatting: ${STRING_CLAUSE}, was given ${typeName(value)}`)
    default:
      return scalar(value)
  }
}

const STRING_CLAUSE =
  'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps'

function scalar(value: Value): string {
  try {
    return convertToString(value) as string
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    throw new CelError(`error during formatting: could not convert argument ${goQuote(error.message)} to string`)
  }
}

function listText(list: readonly Value[], depth: number): string {
  const texts: string[] = []
  for (const element of list) texts.push(nested(adapt(element) as Value, depth + 1))
  return `[${texts.join(', ')}]`
}

function mapText(map: JsonMap | CelMap, depth: number): string {
  const entries: [key: string, value: string][] = []
  forEachEntry(map, (key, value) => {
    entries.push([keyText(key), nested(value, depth + 1)])
    return true
  })
  entries.sort((a, b) => compareStrings(a[0], b[0]))
  return `{${entries.map(([key, value]) => `${key}:${value}`).join(', ')}}`
}

function keyText(key: Value): string {
  if (kindOf(key) === 'double')
    throw new CelError('error during formatting: no formatting function for map key of type double')
  return typeof key === 'string' ? goQuote(key) : scalar(key)
}

/** Within lists and maps strings are quoted, and doubles have six decimals. */
function nested(value: Value, depth: number): string {
  if (depth > DEPTH) throw new CelError('error during formatting: values nest too deeply')
  const text = nestedText(value, depth)
  spend(text.length)
  return text
}

function nestedText(value: Value, depth: number): string {
  switch (kindOf(value)) {
    case 'string':
      return goQuote(value as string)
    case 'bytes':
      return `b${goQuote(scalar(value))}`
    case 'double':
      return sixDecimals((value as Double).value)
    case 'timestamp':
      return `timestamp(${goQuote(scalar(value))})`
    case 'duration':
      return `duration(${goQuote(scalar(value))})`
    case 'fields':
    case 'opaque':
      if (value instanceof TypeValue) return value.name
      throw new CelError(`error during formatting: no formatting function for ${typeName(value)}`)
    default:
      return textOf(value, depth)
  }
}

function sixDecimals(value: number): string {
  if (Number.isNaN(value)) return '"NaN"'
  if (!Number.isFinite(value)) return value < 0 ? '"-Inf"' : '"+Inf"'
  const { whole, fraction } = fixed(value, 6)
  return `${value < 0 || Object.is(value, -0) ? '-' : ''}${whole}.${fraction}`
}
