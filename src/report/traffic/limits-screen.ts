import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { counted, grouped, percent } from '../text.ts'
import { amountWords } from './limit-words.ts'
import type { LimitsItem, TrafficLimits } from './limits.ts'
import { logsSentence } from './logs.ts'

const COLUMNS: readonly Column[] = [
  { title: 'ROUTES OF', least: 16 },
  { title: 'FOR', least: 8, spare: 2 },
  { title: 'REQUESTS', right: true },
  { title: 'CLIENTS', right: true },
  { title: 'P99.9/MIN', right: true },
  { title: 'PEAK/S', right: true, spare: 1 },
  { title: 'REFUSES', right: true },
  { title: 'VERDICT', least: 8 },
]

const MOST = 5

/** What is suggested, for a terminal. */
export function* limitsScreen(
  { logs, headroom, items, unseen, unpatched }: TrafficLimits,
  term: Terminal,
): Generator<string> {
  yield* wrap(logsSentence(logs), term.width)
  if (items.length > 0) {
    yield ''
    const [head = '', ...rows] = table(COLUMNS, items.map(row), term.width)
    yield term.bold(head)
    yield* rows
  }
  for (const item of items) yield* details(item, headroom, term)
  if (unseen.length > 0) {
    yield ''
    yield* wrap(
      `No request was logged of the routes of ${unseen.slice(0, MOST).join(', ')}${unseen.length > MOST ? ` and ${unseen.length - MOST} more` : ''}: nothing is suggested for them.`,
      term.width,
    )
  }
  for (const why of unpatched.slice(0, MOST)) yield* wrap(why, term.width, '  ', '- ')
}

function row({ object, product, requests, clients, seen, refused, proof }: LimitsItem): readonly string[] {
  return [
    object === '' ? 'all requests' : object,
    product,
    grouped(requests),
    grouped(clients),
    grouped(seen.p999PerMinute),
    grouped(seen.peakPerSecond),
    grouped(refused.requests),
    proof?.verdict ?? '-',
  ]
}

function* details(item: LimitsItem, headroom: number, term: Terminal): Generator<string> {
  const { object, limits, outliers, refused, proof, annotations, losses, notes, objects, settings } = item
  yield ''
  yield term.bold(object === '' ? 'All requests' : object)
  for (const limit of limits)
    yield* wrap(limit.kind === 'body' ? amountWords(limit) : limit.text, term.width, '  ', '  ')
  const text = [...Object.entries(annotations), ...Object.entries(settings)].map(([key, value]) => `${key}: "${value}"`)
  for (const line of text) yield* wrap(line, term.width, '      ', '    ')
  if (objects.length > 0)
    yield* wrap(
      `${objects.map(({ kind }) => String(kind)).join(', ')}: -o yaml prints ${objects.length === 1 ? 'it' : 'them'}`,
      term.width,
      '    ',
      '    ',
    )
  const others = refused.requests - outliers.reduce((sum, each) => sum + each.refused, 0)
  const whom = outliers.length > 0 ? ' of the others' : ''
  if (others > 0)
    yield* wrap(
      `Would have refused ${grouped(others)} requests (${percent(others / item.requests)})${whom}, of ${counted(refused.clients, 'client')}.`,
      term.width,
    )
  else yield* wrap(`Would have refused nothing${whom}; ${headroom} times what 99.9 % of the clients did.`, term.width)
  for (const each of outliers.slice(0, MOST))
    yield* wrap(
      `${each.client} is not like the others and was left out: ${grouped(each.requests)} requests (${percent(each.share)}), ${grouped(each.peakPerMinute)} in its busiest minute, of which ${grouped(each.refused)} would be refused. An attack, or a batch job? A job needs a way of its own.`,
      term.width,
      '  ',
      '- ',
    )
  if (proof?.verdict === 'unknown')
    for (const reason of proof.reasons.slice(0, MOST)) yield* wrap(reason, term.width, '  ', '- ')
  for (const note of [...new Set([...notes, ...losses.map(({ field, message }) => `${field}: ${message}`)])].slice(
    0,
    MOST,
  ))
    yield* wrap(note, term.width, '  ', '- ')
}
