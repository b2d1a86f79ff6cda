import { idParts } from '../../cluster/object.ts'
import type { SourceKind } from '../../engines/traffic/overload/exhaustion.ts'
import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { counted, grouped, percent } from '../text.ts'
import type { OverloadItem, OverloadSection, TrafficOverload } from './overload.ts'

const COLUMNS: readonly Column[] = [
  { title: 'ONE', least: 36 },
  { title: 'EXHAUSTS', least: 30 },
  { title: 'AT STAKE', right: true },
  { title: 'HITS', least: 12, spare: 1 },
]

/** Who can exhaust what, for a terminal. */
export function* overloadScreen(document: TrafficOverload, term: Terminal): Generator<string> {
  const { items, left, applications } = document
  yield* wrap(sentence(items, applications), term.width).map(term.bold)
  if (items.length === 0) return
  yield ''
  yield* overloadTable(items, term)
  for (const { source, resource, count } of left)
    yield* wrap(`and ${grouped(count)} more of kind ${source} → ${resource}, none of them worse`, term.width)
  yield ''
  yield* wrap(
    'AT STAKE is the share of all availability that one source takes, weighed by application; a question mark: what decides it is not in the input. It changes no risk.',
    term.width,
  ).map(term.dim)
  const worst = items.slice(0, MOST_TOLD)
  for (const item of worst) {
    yield ''
    yield* wrap(`${sourceText(item)} → ${item.exhausts.title}`, term.width).map(term.bold)
    if (item.sources.count > 1)
      yield* wrap(`of ${grouped(item.sources.count)}: ${examples(item)}`, term.width, '  ', '  ')
    if (item.via.length > 0) yield* wrap(`by way of ${item.via.map(nameOf).join(', ')}`, term.width, '  ', '  ')
    for (const { text, resource, file, line } of item.because.slice(0, MOST_REASONS)) {
      const where =
        file === undefined
          ? resource === undefined
            ? ''
            : ` (${nameOf(resource)})`
          : ` (${file}${line === undefined ? '' : `:${line}`})`
      yield* wrap(
        `${resource === undefined || file === undefined ? '' : `${nameOf(resource)} `}${text}${where}`,
        term.width,
        '    ',
        '  - ',
      )
    }
    yield* wrap(`cut by ${item.caps.join('; ')}`, term.width, '    ', '  → ')
  }
}

const MOST_TOLD = 5
const MOST_REASONS = 3

/** The worst few, for a terminal: the section `overload` of a report. */
export function overloadTable(items: OverloadSection['items'], term: Terminal): readonly string[] {
  return table(COLUMNS, items.map(overloadCells), term.width)
}

/** What the cells of `overloadCells` are. */
export const OVERLOAD_TITLES: readonly string[] = COLUMNS.map(({ title }) => title)

/** One item in words, for tables of any form: one source, what it exhausts, the share at stake, whom it hits. */
export function overloadCells(item: OverloadItem): readonly string[] {
  const { exhausts, truth, share } = item
  return [sourceText(item), `${exhausts.title}${truth === 'yes' ? '' : '?'}`, percent(share), hitsText(item)]
}

function sentence(items: readonly OverloadItem[], applications: number): string {
  const [first] = items
  if (!first) return 'Nothing was found that one source could exhaust.'
  const sure = items.find(({ truth }) => truth === 'yes')
  const worst = sure ?? first
  return `${capital(sourceText(worst))} can ${sure ? '' : 'perhaps '}exhaust ${worst.exhausts.title}: ${percent(worst.share)} of the availability of ${counted(applications, 'application')} is at stake.`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

const WORDS: Readonly<Record<SourceKind, string>> = {
  client: 'client',
  pod: 'pod',
  deployment: 'growing workload',
  identity: 'identity',
}

/** `one client at shop.example.com (of 12)`. */
export function sourceText({ source, sources }: Pick<OverloadItem, 'source' | 'sources'>): string {
  const [first] = sources.examples
  const name = first === undefined ? '' : nameOf(first)
  const of = sources.count > 1 ? ` (of ${grouped(sources.count)})` : ''
  const link = source === 'client' ? ' at ' : source === 'pod' ? ' of ' : ' '
  return `one ${WORDS[source]}${name === '' ? '' : `${link}${name}`}${of}`
}

function examples({ sources }: OverloadItem): string {
  const rest = sources.count - sources.examples.length
  return `${sources.examples.map(nameOf).join(', ')}${rest > 0 ? ` and ${grouped(rest)} more` : ''}`
}

/** `shop/web` of `Deployment/shop/web`; what is no id, as a host, as it is. */
function nameOf(id: string): string {
  if (!/^[A-Z][A-Za-z]*(\.[a-z0-9.-]+)?\/[^/]*\//.test(id)) return id
  const { namespace, name } = idParts(id)
  return namespace === '' ? name : `${namespace}/${name}`
}

function hitsText({ hits: { applications, workloads } }: OverloadItem): string {
  if (applications.count === 1) return nameOf(applications.examples[0] as string)
  return `${grouped(applications.count)} applications, ${grouped(workloads.count)} workloads`
}
