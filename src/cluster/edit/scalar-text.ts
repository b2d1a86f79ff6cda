import type { Json } from '../json.ts'
import { resolvePlain } from '../scalar.ts'

export type Quote = '"' | "'"

/** What readers of YAML 1.1 or 1.2 take for something else than text; more than kubectl's own does. */
const WORD = /^(?:y|n|yes|no|on|off|true|false|null|~|=|<<|[-+]?\.(?:nan|inf))$/i
const NUMBER = /^[-+]?\.?[0-9][0-9a-fxob_.:+-]*$/i
const DATE = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/
const PLAIN = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[^\s\-,[\]{}])|--(?=[^\s\-,[\]{}]))/

function isPlain(text: string, isFlow: boolean): boolean {
  if (!PLAIN.test(text) || hasUnprintable(text) || /[\t\r\n]| $/.test(text)) return false
  if (/:(?: |$)| #/.test(text) || (isFlow && /[,[\]{}:?]/.test(text))) return false
  return resolvePlain(text) === undefined && !WORD.test(text) && !NUMBER.test(text) && !DATE.test(text)
}

function hasUnprintable(text: string): boolean {
  return /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/.test(text) || !text.isWellFormed()
}

export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export interface ScalarStyle {
  readonly isFlow: boolean
  readonly isJson: boolean
  /** The quotes of the text before, to be kept. */
  readonly quote?: Quote
}

export function scalarText(value: null | boolean | number | string, style: ScalarStyle): string {
  if (typeof value !== 'string') return String(value)
  const { quote } = style
  if (style.isJson || (quote === undefined && !isPlain(value, style.isFlow))) return quoted(value)
  if (quote === undefined) return value
  if (quote === "'" && !hasUnprintable(value) && !/[\r\n]/.test(value)) return `'${value.replaceAll("'", "''")}'`
  return quoted(value)
}

export function isScalar(value: Json): value is null | boolean | number | string {
  return typeof value !== 'object' || value === null
}

/** The lines of a text that `|` can hold as they are, with its indicator; one line only where it stood so before. */
export function literalOf(
  value: Json,
  wasLiteral = false,
): { readonly indicator: string; readonly lines: readonly string[] } | undefined {
  if (typeof value !== 'string' || hasUnprintable(value) || value.includes('\r')) return undefined
  if (value === '' || (!wasLiteral && !/[^\n]\n./s.test(value))) return undefined
  if (/^[ \n\t]|\n\n$|\n[ \t]+(?:\n|$)/.test(value)) return undefined
  const ends = value.endsWith('\n')
  return { indicator: ends ? '|' : '|-', lines: (ends ? value.slice(0, -1) : value).split('\n') }
}
