import { idParts } from '../../cluster/object.ts'
import type { NodeBill } from '../../engines/traffic/bounds/bill.ts'
import { isEndless, toNumber } from '../../engines/traffic/bounds/extent.ts'
import type { BoundItem } from '../../engines/traffic/bounds/items.ts'
import type { Monthly } from '../../engines/traffic/bounds/monthly.ts'
import { moneyText } from '../../engines/traffic/prices/money.ts'
import { markdownText, rows } from '../escape.ts'
import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { counted } from '../text.ts'
import type { ToldBounds } from './bounds.ts'

const COLUMNS: readonly Column[] = [
  { title: 'CONTROLLER', least: 24 },
  { title: 'NOW', right: true },
  { title: 'WORST', right: true },
  { title: 'MONTHLY', right: true },
  { title: 'WORST', right: true },
  { title: 'CAPPED BY', least: 16, spare: 1 },
]

const MOST_ROWS = 15
const MOST_PATHS = 5

/** The bill in one screen: what may grow without an end first, then the dearest. */
export function boundsLines(told: ToldBounds, term: Terminal, wide: boolean): readonly string[] {
  const { bounds, findings, prices } = told
  const { items, nodes, totals, unknowns, currency } = bounds
  const lines: string[] = [...wrap(sentence(told), term.width).map((line) => term.bold(line))]
  for (const { text } of prices.flatMap(({ warning }) => (warning === undefined ? [] : [{ text: warning }])))
    lines.push(...wrap(text, term.width).map((line) => term.dim(line)))
  const section = (title: string): void => {
    lines.push('', term.bold(title))
  }
  if (items.length > 0) {
    section(`CONTROLLERS (${items.length}), ${currency} a month`)
    const shown = wide ? items : items.slice(0, MOST_ROWS)
    lines.push(...table(COLUMNS, shown.map(itemRow), term.width))
    if (shown.length < items.length) lines.push(term.dim(`and ${items.length - shown.length} more with -o wide`))
  }
  const billed = nodes.filter(({ nodes: each, worst, uncapped }) => each.now > 0 || worst !== 0n || uncapped !== 0n)
  if (billed.length > 0 && billed.some(({ nodes: each }) => each.billed === 'nodes' || each.pool !== '')) {
    section(`NODES (${billed.length})`)
    lines.push(...table([{ title: 'CLASS', least: 24 }, ...COLUMNS.slice(1)], billed.map(nodeRow), term.width))
  }
  section('TOTAL')
  const parts: readonly (readonly [string, Monthly])[] = [
    ['compute', totals.compute],
    ['volumes', totals.volumes],
    ['load balancers', totals.loadBalancers],
    [totals.complete ? 'all' : 'all that has a price', totals.all],
  ]
  lines.push(
    ...table(
      [
        { title: currency },
        { title: 'NOW', right: true },
        { title: 'WORST', right: true },
        { title: 'WITHOUT CAPS', right: true },
      ],
      parts.map(([name, { now, worst, uncapped }]) => [name, moneyText(now), moneyText(worst), moneyText(uncapped)]),
      term.width,
    ),
  )
  const open = items.filter(({ unbounded }) => unbounded)
  if (open.length > 0) {
    section(`WITHOUT AN END (${open.length})`)
    for (const item of wide ? open : open.slice(0, MOST_PATHS)) lines.push(...pathLines(item, term))
    if (!wide && open.length > MOST_PATHS) lines.push(term.dim(`and ${open.length - MOST_PATHS} more with -o wide`))
  }
  if (findings.length > 0) {
    section(`FINDINGS (${findings.length})`)
    for (const { severity, check, object, message } of wide ? findings : findings.slice(0, MOST_ROWS))
      lines.push(...wrap(`${severity} ${check} ${object.id}: ${message}`, term.width, '    ', '  '))
  }
  if (unknowns.length > 0) {
    section(`UNKNOWN (${unknowns.length})`)
    for (const { message, settle } of unknowns)
      lines.push(...wrap(`${message}. To settle it: ${settle}.`, term.width, '    ', '  '))
  }
  return lines
}

function sentence({ bounds }: ToldBounds): string {
  const { items, loads, totals, currency } = bounds
  const open = items.filter(({ unbounded }) => unbounded)
  const outside = open.filter(({ exposed }) => exposed !== 'no')
  const least = totals.complete ? '' : 'at least '
  if (totals.all.now === undefined)
    return `Nothing has a price: ${counted(loads.length, 'controller')}, ${open.length === 0 ? 'none' : open.length} without an end.`
  const now = `Now ${least}${currency} ${moneyText(totals.all.now)} a month`
  if (open.length === 0)
    return `${now}; the worst month is ${least}${currency} ${moneyText(totals.all.worst)}: ${counted(loads.length, 'controller')}, none without an end.`
  const by =
    outside.length === 0
      ? ''
      : outside.length === open.length
        ? ', from outside'
        : `, ${outside.length} of them from outside`
  const worst =
    totals.all.worst !== undefined && isEndless(totals.all.worst)
      ? 'the worst month has no end'
      : `the worst month is ${least}${currency} ${moneyText(totals.all.worst)}`
  return `${now}; ${worst}: ${counted(open.length, 'controller')} may grow without an end${by}.`
}

function itemRow({ controller, now, worst, monthly, caps }: BoundItem): readonly string[] {
  return [
    shortId(controller),
    countText(now),
    countText(worst),
    moneyText(monthly.now),
    moneyText(monthly.worst),
    caps.map(({ label }) => label).join('; '),
  ]
}

function nodeRow({ nodes, worst, monthly, caps, open }: NodeBill): readonly string[] {
  return [
    nodes.id,
    nodes.billed === 'pods' ? '-' : String(nodes.now),
    nodes.billed === 'pods' ? '-' : countText(toNumber(worst)),
    moneyText(monthly.now),
    moneyText(monthly.worst),
    caps.map(({ label }) => label).join('; ') || (open?.text ?? ''),
  ]
}

function countText(count: number | undefined): string {
  return count === undefined ? 'unknown' : Number.isFinite(count) ? String(count) : 'unbounded'
}

function shortId(id: string): string {
  const { type, namespace, name } = idParts(id)
  return namespace === '' ? `${type} ${name}` : `${type} ${namespace}/${name}`
}

function pathLines({ controller, path }: BoundItem, term: Terminal): readonly string[] {
  return [
    ...wrap(shortId(controller), term.width, '    ', '  '),
    ...path.flatMap(({ text }) => wrap(`→ ${text}`, term.width, '      ', '    ')),
  ]
}

export function* boundsMarkdown(told: ToldBounds): Generator<string> {
  const { bounds, findings } = told
  yield `# Bounds and bill\n\n${markdownText(sentence(told))}\n\n`
  yield* rows(
    ['Controller', 'Now', 'Worst', 'Monthly', 'Worst month', 'Capped by'],
    bounds.items.map((item) => [...itemRow(item)]),
  )
  const open = bounds.items.filter(({ unbounded }) => unbounded)
  if (open.length > 0) {
    yield '\n## Without an end\n\n'
    for (const { controller, path } of open) {
      yield `- ${markdownText(controller)}\n`
      for (const { text } of path) yield `  1. ${markdownText(text)}\n`
    }
  }
  if (findings.length > 0) {
    yield '\n## Findings\n\n'
    for (const { severity, check, object, message } of findings)
      yield `- ${severity} ${check} ${markdownText(object.id)}: ${markdownText(message)}\n`
  }
  if (bounds.unknowns.length > 0) {
    yield '\n## Unknown\n\n'
    for (const { message, settle } of bounds.unknowns)
      yield `- ${markdownText(message)}. To settle it: ${markdownText(settle)}.\n`
  }
}
