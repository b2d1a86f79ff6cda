import type { Place } from './place.ts'
import { afterBreak, indentOf, lineEnd } from './text.ts'
import type { Entry, Node } from './tree.ts'
import type { BlockStyle, FlowStyle } from './value-text.ts'

/** kubectl's own, where a document shows none. */
const DEFAULT = { step: 2, list: 0, gap: 1 }

/** What the first of these trees that shows it shows, so that the nearest ones are to come first. */
function nearest(trees: readonly Node[], measure: (parent: Node, entry: Entry) => number | undefined) {
  const find = (node: Node): number | undefined => {
    for (const entry of node.entries) {
      const found = measure(node, entry) ?? find(entry.value)
      if (found !== undefined) return found
    }
    return undefined
  }
  for (const tree of trees) {
    const found = find(tree)
    if (found !== undefined) return found
  }
  return undefined
}

function under(parent: Node, { value }: Entry, kind: 'map' | 'seq'): number | undefined {
  const isUnder = parent.kind === 'map' && parent.style === 'block' && value.style === 'block' && value.kind === kind
  return isUnder ? value.column - parent.column : undefined
}

export function blockStyle({ text, around, mayBeLiteral }: Place): BlockStyle {
  const gap = (parent: Node, { start, value }: Entry): number | undefined => {
    if (parent.kind !== 'seq' || parent.style !== 'block' || value.kind === 'empty') return undefined
    const between = text.slice(start + 1, value.props?.start ?? value.start)
    return /^ +$/.test(between) ? between.length : undefined
  }
  const indentation = nearest(around, (parent, entry) => under(parent, entry, 'map'))
  return {
    step: indentation ?? DEFAULT.step,
    list: nearest(around, (parent, entry) => under(parent, entry, 'seq')) ?? DEFAULT.list,
    gap: nearest(around, gap) ?? DEFAULT.gap,
    mayBeLiteral,
  }
}

/** Whether a flow collection has its entries on lines of their own. */
export function isSpread(text: string, node: Node): boolean {
  const first = node.entries[0]
  return first !== undefined && lineEnd(text, node.start) < first.start
}

function unitOf(text: string, around: readonly Node[]): string {
  let unit: string | undefined
  nearest(around, (parent, entry) => {
    if (parent.style !== 'flow' || entry !== parent.entries[0] || !isSpread(text, parent)) return undefined
    const outer = indentOf(text, parent.start)
    const inner = indentOf(text, entry.start)
    if (!inner.startsWith(outer) || inner.length === outer.length) return undefined
    unit = inner.slice(outer.length)
    return 0
  })
  return unit ?? '  '
}

/** How flow collections at `node` are written. Only JSON spreads what is new in them over lines. */
export function flowStyle({ text, node, around, isJson }: Place): FlowStyle {
  const root = around.at(-1) as Node
  const known = [node, ...around].find(({ kind, entries }) => kind === 'map' && entries.length > 0)
  const quotesKeys = known?.style === 'flow' && known.entries.every(({ key }) => key?.style === 'double')
  const isTight = isJson && quotesKeys && /^[^\s]/.test(text.slice(((known.entries[0] as Entry).colon ?? 0) + 1))
  const enclosing = node.entries.length > 0 ? node : (around.find((each) => each !== node) ?? root)
  const isPretty = isJson && isSpread(text, enclosing)
  return {
    isFlow: true,
    isJson: isJson || quotesKeys,
    colon: isTight ? '' : ' ',
    comma: isTight ? '' : ' ',
    ...(isPretty
      ? { pretty: { indent: indentOf(text, node.start), unit: unitOf(text, around), eol: eolOf(text) } }
      : {}),
  }
}

export function eolOf(text: string): string {
  const end = lineEnd(text, 0)
  return end < text.length ? text.slice(end, afterBreak(text, end)) : '\n'
}
