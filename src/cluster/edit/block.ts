import type { Json } from '../json.ts'
import { isList } from './apply.ts'
import { endWithComments, type Place, parentOf, Unwritable } from './place.ts'
import { literalOf, scalarText } from './scalar-text.ts'
import { blockStyle, eolOf, flowStyle } from './style.ts'
import { afterBreak, beforeBreak, indentOf, isBreak, lineEnd, lineStart, type Splice } from './text.ts'
import type { Entry, Node } from './tree.ts'
import { blockLines, flowText, indented, isInline, pairLines } from './value-text.ts'

/** What stands behind the key or dash, and the lines below it. */
interface Written {
  readonly head: string
  readonly below: readonly string[]
}

/** Splices that put another value in the place of a node in block context. */
export function replaceBlock(place: Place, value: Json): readonly Splice[] {
  const { text, node } = place
  const eol = eolOf(text)
  const announced = node.props?.end ?? node.at
  const isBelow = parentOf(place) !== undefined && /[\r\n]/.test(text.slice(announced, node.start))
  const props = propsWithoutTag(place)
  const below = (at: number, lines: readonly string[], end = at): Splice => ({
    start: at,
    end,
    text: lines.map((line) => eol + line).join(''),
  })
  if (isBelow && node.style === 'block') {
    const first = lineStart(text, node.start)
    const region = { start: beforeBreak(text, first), end: lineEnd(text, node.end) }
    const written = write(place, value, true)
    if (written.head === '') return [...props, { ...below(0, written.below), ...region }]
    return [
      ...props,
      { start: announced, end: announced, text: ` ${written.head}` },
      below(lineEnd(text, announced), written.below),
      { ...region, text: '' },
    ]
  }
  if (isBelow) {
    const written = write(place, value, false)
    if (written.head !== '') return [...props, { start: node.start, end: node.end, text: written.head }]
    const start = beforeBreak(text, lineStart(text, node.start))
    return [...props, below(start, written.below, node.end)]
  }
  const written = write(place, value, true)
  if (node.kind === 'empty') {
    const head = written.head === '' ? '' : ` ${written.head}`
    return [...props, { start: announced, end: announced, text: head }, below(lineEnd(text, announced), written.below)]
  }
  const end = node.header ?? node.end
  const start = written.head === '' && props.length === 0 ? announced : node.start
  const old = node.header === undefined ? lineEnd(text, node.end) : node.end
  const from = lineEnd(text, end)
  return [...props, { start, end, text: written.head }, below(from, written.below, Math.max(from, old))]
}

/** A tag says what a value is, and the new one is something else; an anchor stays. */
function propsWithoutTag({ text, node: { props, start } }: Place): readonly Splice[] {
  if (!props?.tagged) return []
  if (props.anchor !== undefined) return [{ start: props.start, end: props.end, text: `&${props.anchor}` }]
  const isSpace = !/[\r\n]/.test(text.slice(props.end, start))
  return [{ start: props.start, end: isSpace ? start : props.end, text: '' }]
}

function write(place: Place, value: Json, mayBeLiteral: boolean): Written {
  const { text, node } = place
  const parent = parentOf(place)
  const style = blockStyle(place)
  const quote = node.style === 'double' ? '"' : node.style === 'single' ? "'" : undefined
  const literal =
    mayBeLiteral && place.mayBeLiteral && parent && !quote ? literalOf(value, node.style === 'literal') : undefined
  if (literal) {
    const column = literalColumn(text, node) ?? Math.max(parent?.column ?? 0, 0) + style.step
    return { head: literal.indicator, below: indented(literal.lines, column) }
  }
  if (typeof value !== 'object' || value === null)
    return { head: scalarText(value, { isFlow: false, isJson: false, ...(quote ? { quote } : {}) }), below: [] }
  if (isInline(value)) return { head: isList(value) ? '[]' : '{}', below: [] }
  if (node.style === 'flow' && node.entries.length > 0) return { head: flowText(value, flowStyle(place)), below: [] }
  const column = columnOf(place, value, style.gap, isList(value) ? style.list : style.step)
  const lines = blockLines(value, column, style)
  const isCompact = parent?.kind !== 'map' && node.props === undefined && !startsBelow(text, node)
  return isCompact ? { head: (lines[0] as string).trimStart(), below: lines.slice(1) } : { head: '', below: lines }
}

function startsBelow(text: string, node: Node): boolean {
  return /[\r\n]/.test(text.slice(node.at, node.start))
}

function literalColumn(text: string, node: Node): number | undefined {
  if (node.header === undefined || node.end === node.header) return undefined
  for (let line = afterBreak(text, lineEnd(text, node.header)); line < node.end; ) {
    const end = lineEnd(text, line)
    if (text.slice(line, end).trim() !== '') return indentOf(text, line).length
    line = afterBreak(text, end)
  }
  return undefined
}

function columnOf(place: Place, value: Json, gap: number, step: number): number {
  const { text, node } = place
  const parent = parentOf(place)
  if (!parent) return node.kind === 'empty' ? 0 : node.start - lineStart(text, node.start)
  if (parent.kind === 'map') {
    const isAlike = node.style === 'block' && startsBelow(text, node) && (node.kind === 'seq') === isList(value)
    return isAlike ? node.column : parent.column + step
  }
  if (node.style === 'block') return node.column
  if (node.kind === 'empty' || node.props || startsBelow(text, node)) return parent.column + 1 + gap
  return node.start - lineStart(text, node.start)
}

function insertAfterLast({ text, node }: Place, lines: readonly string[]): readonly Splice[] {
  const at = endWithComments(text, (node.entries.at(-1) as Entry).end, node.column)
  const eol = eolOf(text)
  return [{ start: at, end: at, text: lines.map((line) => eol + line).join('') }]
}

export function insertBlockPair(place: Place, key: string, value: Json): readonly Splice[] {
  return insertAfterLast(place, pairLines(key, value, place.node.column, blockStyle(place)))
}

export function appendBlockItem(place: Place, value: Json): readonly Splice[] {
  return insertAfterLast(place, blockLines([value], place.node.column, blockStyle(place)))
}

/** Of several entries; the last one that is left is replaced instead, by an empty collection. */
export function removeBlockEntry({ text, node }: Place, entry: Entry): readonly Splice[] {
  const before = node.entries[node.entries.indexOf(entry) - 1]
  const comments = endWithComments(text, entry.end, node.column)
  const isKept = before !== undefined && keepsBlanks(text, before.value)
  const end = isKept ? endWithBlanks(text, comments) : comments
  const line = lineStart(text, entry.start)
  if (text.slice(line, entry.start).trim() === '') {
    const isLast = node.entries.at(-1) === entry
    // js-yaml takes the next dash of an outer list for one of this list when the last item here is empty.
    const left = before?.value
    const explicit =
      isLast && node.kind === 'seq' && left?.kind === 'empty' ? [{ start: left.end, end: left.end, text: ' null' }] : []
    if (end < text.length) return [...explicit, { start: line, end: afterBreak(text, end), text: '' }]
    return [...explicit, { start: isKept ? line : beforeBreak(text, line), end, text: '' }]
  }
  // The entry shares its line with a dash, so that the next one moves up, or the comment before it.
  if (entry !== node.entries[0]) throw new Unwritable('the key stands on the line of another', entry.start)
  let next = end
  while (next < text.length && (isBreak(text[next]) || text[next] === ' ' || text[next] === '\t')) next++
  return [{ start: entry.start, end: next, text: '' }]
}

/** Whether a value would take blank lines below it for its own. */
function keepsBlanks(text: string, node: Node): boolean {
  const last = node.style === 'block' ? node.entries.at(-1) : undefined
  if (last) return keepsBlanks(text, last.value)
  return node.header !== undefined && text.slice(node.start, node.header).includes('+')
}

function endWithBlanks(text: string, at: number): number {
  let end = at
  for (let line = afterBreak(text, end); line < text.length; line = afterBreak(text, end)) {
    const close = lineEnd(text, line)
    if (text.slice(line, close).trim() !== '') break
    end = close
  }
  return end
}
