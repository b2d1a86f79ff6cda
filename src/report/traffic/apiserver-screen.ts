import { formatPlace } from '../../engines/access/used/behaviour.ts'
import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { counted, grouped, listed, percent } from '../text.ts'
import type { ApiServerLoad, TrafficApiServer } from './apiserver.ts'
import { capScreen } from './apiserver-cap.ts'

const FEW = 15
const MANY = 60
/** Rows of less are shown where they are the first, or are told why. */
const LEAST_SHARE = 0.001
const LEAST_ROWS = 5

const COLUMNS: readonly Column[] = [
  { title: 'WHO', least: 20 },
  { title: 'APPLICATION', least: 10, spare: 1 },
  { title: 'WHAT', least: 22 },
  { title: 'REQUESTS', right: true },
  { title: 'PEAK/S', right: true, spare: 3 },
  { title: 'SECONDS', right: true, spare: 2 },
  { title: 'SEAT-S', right: true },
  { title: 'SHARE', right: true },
  { title: 'WHY', least: 18 },
]

const WIDE: readonly Column[] = [
  ...COLUMNS.slice(0, 8),
  { title: 'OWNER', least: 8 },
  { title: 'AGENT', least: 12 },
  { title: 'NAMESPACE' },
  { title: '403', right: true },
  { title: '429', right: true },
  { title: 'QUEUED', right: true },
  { title: 'LEVEL' },
  { title: 'WHY', least: 12 },
]

/** Who loads the API server, the heaviest first; `wide` has more columns and rows. */
export function* apiserverScreen(document: TrafficApiServer, term: Terminal, isWide: boolean): Generator<string> {
  const { items, window, more, merged, hidden, cap } = document
  yield* wrap(sentence(document), term.width).map(term.bold)
  const rows = items
    .slice(0, isWide ? MANY : FEW)
    .filter(({ share, why }, at) => isWide || at < LEAST_ROWS || share >= LEAST_SHARE || why.length > 0)
  if (rows.length > 0) yield ''
  if (rows.length > 0)
    yield* table(
      isWide ? WIDE : COLUMNS,
      rows.map(isWide ? wideRow : row),
      isWide ? Number.MAX_SAFE_INTEGER : term.width,
    )
  const left = items.length - rows.length + more.clients
  if (left > 0) yield term.dim(`and ${counted(left, 'more line')}; all with -o json`)
  if (merged)
    yield* wrap(
      `${grouped(merged.requests)} requests are of clients that were too many to be told apart: ` +
        `together ${secondsText(merged.seatSeconds)} seat-seconds, none of them more than ${secondsText(merged.mostSeatSeconds)}.`,
      term.width,
    )
  const told = rows.filter(({ why }) => why.length > 0).slice(0, 5)
  if (told.length > 0) {
    yield ''
    yield term.bold('Why it is costly')
    for (const each of told) {
      yield* wrap(`${each.subject}, ${whatOf(each)} (${formatPlace(each)})`, term.width, '  ', '  ')
      for (const { text } of each.why) yield* wrap(text, term.width, '      ', '    - ')
    }
  }
  if (cap) {
    yield ''
    yield* capScreen(cap, term)
  } else if (isRunaway(document)) {
    yield ''
    yield* wrap(`What would cap it: the same with --cap ${document.subjects[0]?.subject}`, term.width).map(term.dim)
  }
  if (hidden.length > 0) {
    yield ''
    yield term.bold('What the log does not show')
    for (const each of hidden) yield* wrap(each, term.width, '  ', '- ')
  }
  if (window.requests === 0) yield 'Nothing was recorded.'
}

function sentence({ window, subjects }: TrafficApiServer): string {
  if (window.requests === 0) return 'No request to the API server was recorded'
  const span = `${grouped(window.requests)} requests to the API server, ${minute(window.from)} to ${minute(window.to)}`
  const first = subjects[0]
  if (!first) return `Who made ${span}`
  const { workloads, applications, owners } = first
  const of = workloads.length === 0 ? '' : ` of ${listed(some(workloads))}`
  const told = [
    ...(applications.length === 0 ? [] : [`application ${listed(some(applications.map(applicationText)))}`]),
    ...(owners.length === 0 ? [] : [`owner ${listed(some(owners))}`]),
  ]
  const owned = told.length === 0 ? '' : ` (${told.join(', ')})`
  const unit = window.seatSeconds > 0 ? 'of the seat-seconds of all' : 'of all'
  return `${first.subject}${of}${owned} took ${percent(first.share)} ${unit} ${span}`
}

const SHORT: Readonly<Record<ApiServerLoad['why'][number]['why'], string>> = {
  'no-resource-version': 'no version',
  'from-storage': 'from etcd',
  'no-limit': 'no limit',
  'poll-loop': 'polls',
  'secret-loop': 'secrets',
  'forbidden-storm': '403s',
  'too-many-requests': '429s',
  'short-watches': 'rewatches',
  queued: 'queued',
}

function reasons({ why }: ApiServerLoad): string {
  return why.map((each) => SHORT[each.why]).join(', ')
}

function some(names: readonly string[]): readonly string[] {
  return names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names
}

/** `Application/shop/web` is what it is in a column of that name. */
function applicationText(id: string): string {
  return id.replace(/^Application\//, '')
}

/** Somebody other than Kubernetes itself takes a fifth of all, or more. */
function isRunaway({ subjects, window }: TrafficApiServer): boolean {
  const first = subjects[0]
  if (!first || window.seatSeconds === 0 || first.share < 0.2) return false
  return !first.subject.startsWith('user:system:') && !first.subject.startsWith('sa:kube-system/')
}

function row(each: ApiServerLoad): readonly string[] {
  return [...shared(each), reasons(each)]
}

function wideRow(each: ApiServerLoad): readonly string[] {
  return [
    ...shared(each),
    each.owners.join(', '),
    each.agent,
    each.namespace ?? 'several',
    grouped(each.forbidden),
    grouped(each.tooManyRequests),
    secondsText(each.queuedSeconds),
    each.priorityLevel,
    reasons(each),
  ]
}

function shared(each: ApiServerLoad): readonly string[] {
  return [
    each.subject,
    some(each.applications.map(applicationText)).join(', ') || some(each.workloads).join(', '),
    whatOf(each),
    grouped(each.requests),
    grouped(each.peakPerSecond),
    each.untimed === each.requests ? '?' : secondsText(each.seconds),
    `${each.untimed === each.requests ? '?' : secondsText(each.seatSeconds)}${each.measured ? '' : '+'}`,
    percent(each.share),
  ]
}

function whatOf({ verb, resource }: ApiServerLoad): string {
  return `${verb} ${resource === '' ? '(no resource)' : resource}`
}

export function secondsText(seconds: number): string {
  if (seconds === 0) return '0'
  return seconds >= 100 ? grouped(Math.round(seconds)) : String(Number(seconds.toPrecision(2)))
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
