import { letsText } from '../../engines/traffic/front/findings.ts'
import { providerFacts } from '../../engines/traffic/front/provider.ts'
import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { counted, grouped, listed } from '../text.ts'
import type { FrontItem, ReportReplay, TrafficFront } from './front.ts'

const COLUMNS: readonly Column[] = [
  { title: 'HOST', least: 22 },
  { title: 'IN FRONT', least: 10 },
  { title: 'STATE' },
  { title: 'DOORS', least: 20, spare: 1 },
  { title: 'WHAT TO DO', least: 44 },
]

/** The answer for a terminal: what is open stands first. */
export function* frontScreen(document: TrafficFront, term: Terminal): Generator<string> {
  const { items, fixes, ranges, replay } = document
  yield* wrap(sentence(items), term.width).map(term.bold)
  if (items.length > 0) {
    yield ''
    yield* table(COLUMNS, items.flatMap(rowsOf), term.width)
  }
  const shared = items.filter(({ state }) => state === 'shared-provider').length
  if (shared > 0) {
    yield ''
    yield* wrap(
      'shared-provider: the ranges of a provider serve all of its customers. Whoever has an account there can point a zone of their own at this origin; only a client certificate, a secret header or a tunnel proves that it is yours.',
      term.width,
    )
  }
  if (replay && items.some(({ inFront }) => inFront.length > 0)) yield* replayLines(replay, term)
  if (fixes.length > 0) {
    yield ''
    yield term.bold(`${counted(fixes.length, 'change')} to make (--fix prints ${fixes.length === 1 ? 'it' : 'them'})`)
    for (const { title, notes } of fixes) {
      yield* wrap(title, term.width, '  ', '- ')
      for (const note of notes) yield* wrap(note, term.width, '    ', '    ').map(term.dim)
    }
  }
  const old = ranges.filter((each) => each.old)
  const inUse = new Set(items.flatMap(({ inFront }) => inFront.map(({ provider }) => provider)))
  for (const each of old.filter(({ provider }) => inUse.has(provider))) {
    yield ''
    yield* wrap(
      `The ranges of ${providerFacts(each.provider).title} are of ${each.date}, ${each.ageDays} days ago; fetch the list of today and name it by --ranges.`,
      term.width,
    )
  }
}

function sentence(items: readonly FrontItem[]): string {
  if (items.length === 0) return 'Nothing of the input is reached from the internet.'
  const count = (...states: readonly FrontItem['state'][]): number =>
    items.filter(({ state }) => states.includes(state)).length
  const part = (some: number, text: string): readonly string[] =>
    some === 0 ? [] : [`${some === items.length ? 'all' : grouped(some)} ${text}`]
  const parts = [
    ...part(count('open'), 'can be reached around whoever stands in front'),
    ...part(count('unknown'), 'perhaps so'),
    ...part(count('shared-provider'), 'only through a provider that serves others too'),
    ...part(count('locked', 'attached'), 'only through whoever stands in front'),
    ...part(count('none'), 'with nobody in front'),
  ]
  return `Of ${counted(items.length, 'host')} that the internet reaches: ${listed(parts)}.`
}

function rowsOf(item: FrontItem): readonly (readonly string[])[] {
  const { host, inFront, state, todo, objects } = item
  const name =
    host === '' ? `(${objects[0]?.kind ?? ''} ${objects[0]?.namespace ?? ''}/${objects[0]?.name ?? ''})` : host
  const who = inFront.map(({ provider, truth }) => `${providerFacts(provider).title}${truth === 'yes' ? '' : '?'}`)
  const rest = todo.slice(1, MOST_TODO).map((each) => ['', '', '', '', each])
  const more = todo.length > MOST_TODO ? [['', '', '', '', `and ${todo.length - MOST_TODO} more`]] : []
  return [[name, who.join(', ') || 'nobody', state, doorsText(item), todo[0] ?? ''], ...rest, ...more]
}

const MOST_TODO = 4

function doorsText({ doors }: FrontItem): string {
  if (doors.length === 0) return 'none seen'
  const texts = doors.map((door) => {
    const kind = door.kind === 'load-balancer' || door.kind === 'cloud-load-balancer' ? '' : ` ${door.kind}`
    return `${door.resource.name}${kind}${door.truth === 'unknown' ? '?' : ''}: ${letsText(door)}`
  })
  return doors.length === 1 ? (texts[0] as string) : `${texts[0]}; +${doors.length - 1}`
}

function* replayLines(replay: ReportReplay, term: Terminal): Generator<string> {
  yield ''
  const span = replay.from === '' ? '' : ` (${minute(replay.from)} to ${minute(replay.to)})`
  yield* wrap(
    `Locked to these ranges: ${replay.verdict}. Of ${grouped(replay.seen)} recorded connections${span}, ${grouped(replay.inside)} came from inside of them.`,
    term.width,
  ).map(term.bold)
  for (const reason of replay.reasons) yield* wrap(reason, term.width, '  ', '- ')
  if (replay.shutOut.length === 0) return
  yield ''
  yield* table(
    [
      { title: 'SHUT OUT', least: 15 },
      { title: 'TIMES', right: true },
      { title: 'LAST', least: 16 },
      { title: 'WORKLOAD', least: 16, spare: 1 },
    ],
    replay.shutOut
      .slice(0, MOST_CLIENTS)
      .map(({ address, times, last, workload }) => [address, grouped(times), minute(last), workload]),
    term.width,
  )
  if (replay.shutOut.length > MOST_CLIENTS) yield `and ${grouped(replay.shutOut.length - MOST_CLIENTS)} more (-o json)`
}

const MOST_CLIENTS = 20

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
