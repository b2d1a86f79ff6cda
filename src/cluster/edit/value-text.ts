import type { Json } from '../json.ts'
import { isList } from './apply.ts'
import { isScalar, literalOf, type ScalarStyle, scalarText } from './scalar-text.ts'

/** How a document indents. */
export interface BlockStyle {
  /** Of a mapping under its key. */
  readonly step: number
  /** Of a list under its key. */
  readonly list: number
  readonly mayBeLiteral: boolean
  /** White space between a dash and its item. */
  readonly gap: number
}

const BLOCK: ScalarStyle = { isFlow: false, isJson: false }

function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** Whether a value stands behind its key or dash. */
export function isInline(value: Json): boolean {
  return isScalar(value) || isEmpty(value)
}

function inlineText(value: Json): string {
  return isScalar(value) ? scalarText(value, BLOCK) : isList(value) ? '[]' : '{}'
}

/** The lines of a mapping or list that is not empty, indented. */
export function blockLines(value: Json, column: number, style: BlockStyle): readonly string[] {
  const indent = ' '.repeat(column)
  if (isList(value)) {
    const gap = ' '.repeat(style.gap)
    return value.flatMap((item) => {
      const [head = '', ...rest] = itemLines(item, column, style)
      return [`${indent}-${gap}${head}`, ...rest]
    })
  }
  return Object.entries(value as object).flatMap(([key, item]) => pairLines(key, item as Json, column, style))
}

export function pairLines(key: string, value: Json, column: number, style: BlockStyle): readonly string[] {
  const head = `${' '.repeat(column)}${scalarText(key, BLOCK)}:`
  const literal = style.mayBeLiteral ? literalOf(value) : undefined
  if (literal) return [`${head} ${literal.indicator}`, ...indented(literal.lines, column + style.step)]
  if (isInline(value)) return [`${head} ${inlineText(value)}`]
  return [head, ...blockLines(value, column + (isList(value) ? style.list : style.step), style)]
}

/** What follows a dash at that column: the first line without indentation. */
export function itemLines(value: Json, column: number, style: BlockStyle): readonly string[] {
  const literal = style.mayBeLiteral ? literalOf(value) : undefined
  if (literal) return [literal.indicator, ...indented(literal.lines, column + style.step)]
  if (isInline(value)) return [inlineText(value)]
  const [head = '', ...rest] = blockLines(value, column + 1 + style.gap, style)
  return [head.trimStart(), ...rest]
}

export function indented(lines: readonly string[], column: number): readonly string[] {
  const indent = ' '.repeat(column)
  return lines.map((line) => (line === '' ? '' : indent + line))
}

export interface FlowStyle extends ScalarStyle {
  readonly colon: string
  readonly comma: string
  /** One entry a line: the indentation of the line that opens, and of a step. */
  readonly pretty?: { readonly indent: string; readonly unit: string; readonly eol: string }
}

export function flowText(value: Json, style: FlowStyle): string {
  if (isScalar(value)) return scalarText(value, style)
  const [open, close] = isList(value) ? '[]' : '{}'
  if (isEmpty(value)) return `${open}${close}`
  const { pretty, quote: _, ...rest } = style
  const inner: FlowStyle = pretty ? { ...rest, pretty: { ...pretty, indent: pretty.indent + pretty.unit } } : rest
  const entries = isList(value)
    ? value.map((item) => flowText(item, inner))
    : Object.entries(value).map(([key, item]) => flowPair(key, item as Json, inner))
  if (!inner.pretty) return `${open}${entries.join(`,${style.comma}`)}${close}`
  const { eol, indent } = inner.pretty
  return `${open}${eol}${indent}${entries.join(`,${eol}${indent}`)}${eol}${(pretty as { indent: string }).indent}${close}`
}

export function flowPair(key: string, value: Json, style: FlowStyle): string {
  const { quote: _, ...rest } = style
  return `${scalarText(key, rest)}:${style.colon}${flowText(value, style)}`
}
