import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { grouped, percent } from '../text.ts'
import { amountWords } from './limit-words.ts'
import { logsSentence } from './logs.ts'
import type { ReplayItem, TrafficReplay } from './replay.ts'

const ROUTES: readonly Column[] = [
  { title: 'ROUTE', least: 16 },
  { title: 'LIMIT', least: 24 },
  { title: 'REQUESTS', right: true },
  { title: 'CLIENTS', right: true, spare: 1 },
  { title: 'REFUSED', right: true },
  { title: 'SHARE', right: true },
  { title: 'VERDICT', least: 8 },
]

const CLIENTS: readonly Column[] = [
  { title: 'CLIENT', least: 15 },
  { title: 'REQUESTS', right: true },
  { title: 'REFUSED', right: true },
  { title: 'FIRST', least: 19 },
  { title: 'LAST', least: 19, spare: 2 },
  { title: 'AT', least: 24, spare: 1 },
]

const MOST_CLIENTS = 10
const MOST_TOLD = 5

/** What would have been refused, for a terminal. */
export function* replayScreen({ logs, items }: TrafficReplay, term: Terminal): Generator<string> {
  yield* wrap(logsSentence(logs), term.width)
  if (items.length === 0) return
  yield ''
  const [head = '', ...rows] = table(ROUTES, items.map(routeRow), term.width)
  yield term.bold(head)
  yield* rows
  const told = items.filter(({ refused, proof }) => refused.most > 0 || proof?.verdict === 'unknown')
  for (const item of told.slice(0, MOST_TOLD)) yield* details(item, term)
  if (told.length > MOST_TOLD) yield term.dim(`and ${told.length - MOST_TOLD} more routes: -o json`)
}

function routeRow({ route, limits, requests, clients, refused, proof, body }: ReplayItem): readonly string[] {
  const isRange = refused.most !== refused.least
  const count = refused.requests + (body?.refused ?? 0)
  return [
    route === '' ? 'all requests' : route,
    limits.length === 0 ? 'none' : limits.map(amountWords).join('; '),
    grouped(requests),
    grouped(clients),
    isRange ? `${grouped(count)} (${grouped(refused.least)} to ${grouped(refused.most)})` : grouped(count),
    requests === 0 ? '-' : percent(count / requests),
    proof === undefined ? 'no limit' : proof.verdict,
  ]
}

function* details(item: ReplayItem, term: Terminal): Generator<string> {
  const { route, worst, refused, control, proof } = item
  yield ''
  yield term.bold(route === '' ? 'All requests' : route)
  if (worst.length > 0) {
    const rows = worst
      .slice(0, MOST_CLIENTS)
      .map((each) => [
        each.client,
        grouped(each.requests),
        grouped(each.refused),
        short(each.first),
        short(each.last),
        `${each.file}:${each.line}`,
      ])
    yield* table(CLIENTS, rows, term.width)
    if (refused.clients > rows.length)
      yield term.dim(`and ${grouped(refused.clients - rows.length)} more clients: -o json`)
  }
  if (refused.delayed > 0) yield* wrap(`${grouped(refused.delayed)} more would have been answered late.`, term.width)
  if (
    control?.agreement !== null &&
    control !== undefined &&
    control.bothRefuse + control.onlyLog + control.onlyModel > 0
  )
    yield* wrap(
      `The log itself says that ${grouped(control.bothRefuse + control.onlyLog)} were refused; the model agrees on ${percent(control.agreement)} of the requests.`,
      term.width,
    )
  if (proof?.verdict === 'unknown' || (proof?.blindSpots.length ?? 0) > 0) {
    const reasons =
      proof?.verdict === 'unknown' ? proof.reasons : (proof?.blindSpots ?? []).map(({ message }) => message)
    for (const reason of reasons.slice(0, MOST_TOLD)) yield* wrap(reason, term.width, '  ', '- ')
  }
}

function short(time: string): string {
  return time.slice(0, 19).replace('T', ' ')
}
