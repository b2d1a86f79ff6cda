import type { Terminal } from '../style.ts'
import { wrap } from '../table.ts'
import { grouped, width } from '../text.ts'
import type { TrafficProbe } from './probe.ts'
import { type LoadRow, loadRows, msText, outcomeText } from './probe-rows.ts'
import { rateText } from './probe-sentence.ts'

const MOST_BAR = 40
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** The load test for a terminal: the verdict, what was offered against what was answered, and what it rests on. */
export function* probeScreen(document: TrafficProbe, term: Terminal): Generator<string> {
  const { sentence, reasons, target, budget, sender, confidence, verdict } = document
  for (const line of wrap(sentence, term.width)) yield term.bold(line)
  for (const reason of reasons) yield* wrap(reason, term.width)
  const rows = loadRows(document)
  if (rows.length > 0) {
    yield ''
    yield* plot(document, rows, term)
  }
  yield ''
  const sure = verdict === 'measured' ? `Confidence ${confidence}: the interval holds 19 of 20 such measurements. ` : ''
  const idle = document.unloadedMs === undefined ? '' : `Alone, a request takes ${msText(document.unloadedMs)}. `
  const used =
    `${grouped(budget.requests.used)} of ${grouped(budget.requests.most)} requests and ${Math.round(budget.seconds.used)} of ` +
    `${budget.seconds.most} seconds used on ${target.url}${target.url.includes(target.address) ? '' : ` (${target.address})`}.`
  yield* wrap(`${sure}${idle}${used}`, term.width).map(term.dim)
  const own =
    `The sender used ${Math.round(sender.cpu * 100)} % of a CPU and was at most ${msText(sender.latenessMs)} late; load average ` +
    `${sender.loadAverage} on ${sender.cpus} CPUs${sender.sameMachine ? ', which it shares with what it measures' : ''}.`
  yield* wrap(own, term.width).map(term.dim)
}

/** A bar a load: answered, and hatched what was offered beyond it; the ruler below shows the interval. */
function* plot(document: TrafficProbe, rows: readonly LoadRow[], term: Terminal): Generator<string> {
  const texts = rows.map((row) => ({
    load: row.kind === 'closed' ? `${row.load} at once` : `${rateText(row.load)} a second`,
    answered: rateText(row.answered),
    latency: row.p50 === undefined ? '' : `${msText(row.p50)} / ${msText(row.p99)}`,
    outcome: outcomeText(row),
    row,
  }))
  const wide = (of: (text: (typeof texts)[number]) => string, title: string): number =>
    texts.reduce((most, text) => Math.max(most, width(of(text))), title.length)
  const loads = wide(({ load }) => load, 'LOAD')
  const answers = wide(({ answered }) => answered, 'ANSWERED')
  const latencies = wide(({ latency }) => latency, 'P50 / P99')
  const outcomes = wide(({ outcome }) => outcome, '')
  const room = term.width - loads - answers - latencies - outcomes - 4 * 3
  const cells = Math.max(8, Math.min(MOST_BAR, room))
  const most = Math.max(
    ...rows.map(({ offered, answered }) => Math.max(offered, answered)),
    document.capacity?.high ?? 0,
  )
  const line = (load: string, answered: string, bar: string, latency: string, outcome: string): string =>
    [load.padEnd(loads), answered.padStart(answers), bar.padEnd(cells), latency.padEnd(latencies), outcome]
      .join('   ')
      .trimEnd()
  yield term.dim(line('LOAD', 'ANSWERED', '', 'P50 / P99', ''))
  for (const { load, answered, latency, outcome, row } of texts) {
    const bar = barOf(row.answered / most, row.kind === 'open' ? row.offered / most : 0, cells)
    const text = line(load, answered, bar, latency, outcome)
    yield row.broke > row.held ? term.red(text) : text
  }
  if (document.capacity?.high !== undefined)
    yield term.bold(line('capacity', rateText(document.capacity.best ?? 0), ruler(document, most, cells), '', ''))
}

function barOf(answered: number, offered: number, cells: number): string {
  const eighths = Math.round(answered * cells * 8)
  const full = '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
  const missing = Math.round(offered * cells) - width(full)
  return full + (missing > 0 ? '░'.repeat(missing) : '')
}

function ruler({ capacity }: TrafficProbe, most: number, cells: number): string {
  const at = (rate: number | undefined): number =>
    Math.max(0, Math.min(cells - 1, Math.round(((rate ?? 0) / most) * cells) - 1))
  const [low, best, high] = [at(capacity?.low), at(capacity?.best), at(capacity?.high)]
  return Array.from({ length: high + 1 }, (_, cell) =>
    cell < low ? ' ' : cell === low ? '├' : cell === high ? '┤' : cell === best ? '┼' : '─',
  ).join('')
}
