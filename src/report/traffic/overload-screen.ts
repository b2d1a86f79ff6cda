import type { Terminal } from '../style.ts'
import { type Column, table, wrap } from '../table.ts'
import { grouped, percent } from '../text.ts'
import type { OverloadItem, OverloadSection, TrafficOverload } from './overload.ts'
import {
  AT_STAKE,
  examplesText,
  hitsText,
  overloadSentence,
  plainName,
  sourceText,
  UNDECIDED,
} from './overload-words.ts'

const COLUMNS: readonly Column[] = [
  { title: 'ONE', least: 36 },
  { title: 'EXHAUSTS', least: 30 },
  { title: 'AT STAKE', right: true },
  { title: 'HITS', least: 12, spare: 1 },
]

/** Who can exhaust what, for a terminal. */
export function* overloadScreen(document: TrafficOverload, term: Terminal): Generator<string> {
  const { items, left, applications } = document
  yield* wrap(overloadSentence(items, applications), term.width).map(term.bold)
  if (items.length === 0) return
  yield ''
  yield* overloadTable(items, term)
  for (const { source, resource, count } of left)
    yield* wrap(`and ${grouped(count)} more of kind ${source} → ${resource}, none of them worse`, term.width)
  yield ''
  yield* wrap(`AT STAKE is ${AT_STAKE}; a question mark: ${UNDECIDED}. It changes no risk.`, term.width).map(term.dim)
  const worst = items.slice(0, MOST_TOLD)
  for (const item of worst) {
    yield ''
    yield* wrap(`${sourceText(item)} → ${item.exhausts.title}`, term.width).map(term.bold)
    if (item.sources.count > 1)
      yield* wrap(`of ${grouped(item.sources.count)}: ${examplesText(item.sources)}`, term.width, '  ', '  ')
    if (item.via.length > 0) yield* wrap(`by way of ${item.via.map(plainName).join(', ')}`, term.width, '  ', '  ')
    for (const { text, resource, file, line } of item.because.slice(0, MOST_REASONS)) {
      const where =
        file === undefined
          ? resource === undefined
            ? ''
            : ` (${plainName(resource)})`
          : ` (${file}${line === undefined ? '' : `:${line}`})`
      yield* wrap(
        `${resource === undefined || file === undefined ? '' : `${plainName(resource)} `}${text}${where}`,
        term.width,
        '    ',
        '  - ',
      )
    }
    if (item.caps.length > 0) yield* wrap(`cut by ${item.caps.join('; ')}`, term.width, '    ', '  → ')
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
