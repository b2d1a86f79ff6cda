import type { Json } from '../json.ts'
import { type Place, Unwritable } from './place.ts'
import { eolOf, flowStyle, isSpread } from './style.ts'
import { afterBreak, indentOf, lineEnd, lineStart, type Splice } from './text.ts'
import type { Entry } from './tree.ts'
import { type FlowStyle, flowPair, flowText } from './value-text.ts'

/** Splices that put another value in the place of a node in a flow collection, or in JSON. */
export function replaceFlow(place: Place, value: Json): readonly Splice[] {
  const { node, around } = place
  const style = flowStyle(place)
  const quote = node.style === 'single' ? "'" : node.style === 'double' ? '"' : undefined
  const written = flowText(value, quote ? { ...style, quote } : style)
  const start = node.props?.tagged ? node.props.start : node.start
  const anchor = node.props?.tagged && node.props.anchor !== undefined ? `&${node.props.anchor} ` : ''
  if (node.kind !== 'empty') return [{ start, end: node.end, text: anchor + written }]
  const entry = around[1]?.entries.find((each) => each.value === node)
  if (node.props?.tagged) return [{ start, end: node.end, text: anchor + written }]
  const colon = entry?.colon === undefined ? ':' : ''
  return [{ start: node.end, end: node.end, text: `${colon} ${written}` }]
}

export function insertFlowPair(place: Place, key: string, value: Json): readonly Splice[] {
  return insert(place, (style) => flowPair(key, value, style))
}

export function appendFlowItem(place: Place, value: Json): readonly Splice[] {
  return insert(place, (style) => flowText(value, style))
}

function insert(place: Place, write: (style: FlowStyle) => string): readonly Splice[] {
  const { text, node } = place
  const style = flowStyle(place)
  const last = node.entries.at(-1)
  if (!last) return fill(place, style, write)
  const eol = eolOf(text)
  const isOwnLine = isSpread(text, node) && text.slice(lineStart(text, last.start), last.start).trim() === ''
  const indent = indentOf(text, last.start)
  const written = write(style.pretty ? { ...style, pretty: { ...style.pretty, indent } } : style)
  const after = last.comma === undefined ? last.end : last.comma + 1
  const comma = last.comma === undefined ? [{ start: last.end, end: last.end, text: ',' }] : []
  const trailing = last.comma === undefined ? '' : ','
  if (isOwnLine) {
    const end = lineEnd(text, after)
    const at = end < node.end ? end : after
    return [...comma, { start: at, end: at, text: eol + indent + written + trailing }]
  }
  const space = spaceBetween(text, node.entries) ?? (trailing === '' ? style.comma : ' ')
  return [...comma, { start: after, end: after, text: space + written + trailing }]
}

function fill({ text, node }: Place, style: FlowStyle, write: (style: FlowStyle) => string): readonly Splice[] {
  const close = node.end - 1
  if (text.slice(node.start + 1, close).trim() !== '') return [{ start: close, end: close, text: write(style) }]
  const { pretty } = style
  if (!pretty) return [{ start: node.start + 1, end: close, text: write(style) }]
  const indent = pretty.indent + pretty.unit
  const written = write({ ...style, pretty: { ...pretty, indent } })
  return [{ start: node.start + 1, end: close, text: pretty.eol + indent + written + pretty.eol + pretty.indent }]
}

function spaceBetween(text: string, [first, second]: readonly Entry[]): string | undefined {
  if (first?.comma === undefined || !second) return undefined
  const between = text.slice(first.comma + 1, second.start)
  return /^ *$/.test(between) ? between : undefined
}

/** Removes the entry with its comma, and with its line where it has one of its own. */
export function removeFlowEntry({ text, node }: Place, entry: Entry): readonly Splice[] {
  const index = node.entries.indexOf(entry)
  const before = node.entries[index - 1]
  const next = node.entries[index + 1]
  const end = entry.comma === undefined ? entry.end : entry.comma + 1
  if (!before && !next) {
    const hasComment = [text.slice(node.start, entry.start), text.slice(end, node.end)].some((each) =>
      each.includes('#'),
    )
    if (!hasComment) return [{ start: node.start + 1, end: node.end - 1, text: '' }]
  }
  const line = lineStart(text, entry.start)
  const close = lineEnd(text, end)
  const isOwnLine =
    text.slice(line, entry.start).trim() === '' && /^[ \t]*(?:#.*)?$/.test(text.slice(end, close)) && close < node.end
  // A trailing comma is a style of YAML; where the last entry had none, none is to be left.
  const comma =
    next || entry.comma !== undefined || before?.comma === undefined
      ? []
      : [{ start: before.comma, end: before.comma + 1, text: '' }]
  if (isOwnLine) return [...comma, { start: line, end: afterBreak(text, close), text: '' }]
  if (next) return [{ start: entry.start, end: next.start, text: '' }]
  if (!before) return [{ start: entry.start, end, text: '' }]
  if (before.comma === undefined) throw new Unwritable('the list is not understood', entry.start)
  if (text.slice(before.comma + 1, entry.start).includes('#')) return [...comma, { start: entry.start, end, text: '' }]
  return [{ start: before.end, end: entry.end, text: '' }]
}
