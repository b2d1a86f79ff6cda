import { createHash } from 'node:crypto'
import { xmlText } from '../escape.ts'
import { grouped } from '../text.ts'
import type { TrafficProbe } from './probe.ts'
import { type LoadRow, loadRows, msText, outcomeText } from './probe-rows.ts'
import { rateText } from './probe-sentence.ts'

const STYLE = `
:root{color-scheme:light dark;--bg:light-dark(#F4F3EE,#10181D);--surface:light-dark(#FCFBF8,#162027);--line:light-dark(#DAD7CD,#2B3942);
--ink:light-dark(#14212A,#E9E7E0);--ink-2:light-dark(#42505A,#B7C1C6);--ink-3:light-dark(#59656D,#97A5AD);--wall:light-dark(#2C3A43,#93A3AD);
--w2:light-dark(#C6DFEB,#1B4154);--w5:light-dark(#1D6B95,#4489B2);--lead:light-dark(#A5331A,#FF9070);--focus:light-dark(#0B57A4,#FFD27A)}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:13px/20px system-ui,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:960px;margin:0 auto;padding:24px}
h1{font-size:20px;line-height:28px;font-weight:600;margin:0 0 8px;max-width:68ch}
h2{font-size:14px;line-height:20px;font-weight:600;margin:24px 0 8px}
p{margin:8px 0;max-width:68ch}
.quiet{color:var(--ink-2)}
.scroll{overflow-x:auto}
.scroll:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
svg{display:block;width:100%;min-width:560px;height:auto;background:var(--surface);border-top:3px solid var(--wall)}
svg text{font:11px system-ui,"Segoe UI",Roboto,sans-serif;fill:var(--ink-3)}
.axis{stroke:var(--line);stroke-width:1}
.even{stroke:var(--ink-3);stroke-width:1;stroke-dasharray:4 4}
.band{fill:var(--w2);stroke:var(--w5);stroke-width:1.5}
.best{stroke:var(--w5);stroke-width:1.5}
.held{fill:var(--ink)}
.broke{fill:var(--lead)}
.range{stroke:var(--ink-3);stroke-width:1.5}
table{border-collapse:collapse;min-width:100%}
th,td{text-align:right;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600;color:var(--ink-2)}
th:first-child,td:first-child,th:last-child,td:last-child{text-align:left}
td.lead{color:var(--lead);font-weight:600}
@media(max-width:720px){main{padding:16px}}
@media(forced-colors:active){:root{--bg:Canvas;--surface:Canvas;--line:CanvasText;--ink:CanvasText;--ink-2:CanvasText;--ink-3:CanvasText;
--wall:CanvasText;--w2:Canvas;--w5:Highlight;--lead:CanvasText;--focus:Highlight}}
`.trim()

/** One page that loads nothing and runs nothing: its policy allows its own style by the hash of it, and no more. */
export function* probeHtml(document: TrafficProbe): Generator<string> {
  const digest = createHash('sha256').update(STYLE).digest('base64')
  const rows = loadRows(document)
  const { budget, sender, target, time } = document
  yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
  yield `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'">\n`
  yield '<meta name="viewport" content="width=device-width">\n'
  yield `<title>Load test of ${xmlText(target.url)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n<main>\n`
  yield `<h1>${xmlText(document.sentence)}</h1>\n`
  for (const reason of document.reasons) yield `<p>${xmlText(reason)}</p>\n`
  yield `<p class="quiet">${xmlText(target.url)} at ${xmlText(target.address)}, ${xmlText(time)}. `
  yield `${grouped(budget.requests.used)} of ${grouped(budget.requests.most)} requests, ${Math.round(budget.seconds.used)} of ${budget.seconds.most} seconds.</p>\n`
  const paced = rows.filter(({ kind }) => kind === 'open')
  if (paced.length > 0) {
    yield '<h2>Answered against offered, requests a second</h2>\n'
    yield answeredPlot(document, paced)
    yield '<h2>How long an answer takes: the median, and 99 of 100</h2>\n'
    yield latencyPlot(document, paced)
  }
  if (rows.length > 0) {
    yield '<h2>All loads</h2>\n<div class="scroll" tabindex="0" role="region" aria-label="All loads">\n<table>\n'
    yield '<thead><tr><th scope="col">Load</th><th scope="col">Offered</th><th scope="col">Answered</th><th scope="col">p50</th><th scope="col">p99</th><th scope="col">Outcome</th></tr></thead>\n<tbody>\n'
    for (const row of rows) yield rowHtml(row)
    yield '</tbody>\n</table>\n</div>\n'
  }
  yield `<p class="quiet">The sender used ${Math.round(sender.cpu * 100)} % of a CPU at most and was ${msText(sender.latenessMs)} late at most; load average ${sender.loadAverage} on ${sender.cpus} CPUs${sender.sameMachine ? ', which it shares with what it measures' : ''}.</p>\n`
  yield '</main>\n</body>\n</html>\n'
}

function rowHtml(row: LoadRow): string {
  const load = row.kind === 'closed' ? `${row.load} at once` : `${rateText(row.load)} a second`
  const isBroken = row.broke > row.held
  const offered = row.kind === 'open' ? rateText(row.offered) : ''
  return `<tr><td>${load}</td><td>${offered}</td><td>${rateText(row.answered)}</td><td>${msText(row.p50)}</td><td>${msText(row.p99)}</td><td${isBroken ? ' class="lead"' : ''}>${outcomeText(row)}</td></tr>\n`
}

const WIDTH = 912
const HEIGHT = 300
const LEFT = 56
const RIGHT = 16
const TOP = 16
const BOTTOM = 36

type Scale = (value: number) => number

function linear(most: number, from: number, to: number): Scale {
  return (value) => from + (value / most) * (to - from)
}

/** Round steps, about five of them. */
function ticks(most: number): readonly number[] {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, at) => at * step)
}

function frame(title: string, body: string, height = HEIGHT): string {
  const svg = `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${xmlText(title)}">\n${body}</svg>`
  return `<div class="scroll" tabindex="0" role="region" aria-label="Plot">\n${svg}\n</div>\n`
}

const px = (value: number): string => value.toFixed(1)

function answeredPlot(document: TrafficProbe, rows: readonly LoadRow[]): string {
  const { capacity } = document
  const most = 1.08 * Math.max(...rows.map(({ offered, answered }) => Math.max(offered, answered)), capacity?.high ?? 0)
  const x = linear(most, LEFT, WIDTH - RIGHT)
  const y = linear(most, HEIGHT - BOTTOM, TOP)
  const parts: string[] = []
  if (capacity?.high !== undefined) {
    parts.push(
      `<rect class="band" x="${LEFT}" y="${px(y(capacity.high))}" width="${WIDTH - LEFT - RIGHT}" height="${px(y(capacity.low) - y(capacity.high))}"/>`,
    )
    if (capacity.best !== undefined)
      parts.push(
        `<line class="best" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(capacity.best))}" y2="${px(y(capacity.best))}"/>`,
        `<text x="${LEFT + 8}" y="${px(y(capacity.best) - 6)}">capacity ${rateText(capacity.best)}</text>`,
      )
  }
  parts.push(axes(x, ticks(most), y, ticks(most), rateText, 'offered'))
  parts.push(`<line class="even" x1="${px(x(0))}" y1="${px(y(0))}" x2="${px(x(most))}" y2="${px(y(most))}"/>`)
  for (const row of rows) parts.push(mark(x(row.offered), y(row.answered), row))
  return frame(`Answered against offered: ${document.sentence}`, `${parts.join('\n')}\n`)
}

function latencyPlot(document: TrafficProbe, rows: readonly LoadRow[]): string {
  const timed = rows.filter(({ p50, p99 }) => p50 !== undefined && p99 !== undefined)
  const most = 1.08 * Math.max(...rows.map(({ offered }) => offered), document.capacity?.high ?? 0)
  const x = linear(most, LEFT, WIDTH - RIGHT)
  const low = Math.floor(Math.log10(Math.max(0.1, Math.min(...timed.map(({ p50 = 1 }) => p50)))))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...timed.map(({ p99 = 1 }) => p99)))))
  const height = 220
  const y: Scale = (ms) =>
    height - BOTTOM - ((Math.log10(Math.max(ms, 10 ** low)) - low) / (high - low)) * (height - BOTTOM - TOP)
  const decades = Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at))
  const parts = [axes(x, ticks(most), y, decades, msText, 'offered')]
  for (const row of timed) {
    const at = px(x(row.offered))
    parts.push(`<line class="range" x1="${at}" x2="${at}" y1="${px(y(row.p50 ?? 0))}" y2="${px(y(row.p99 ?? 0))}"/>`)
    parts.push(mark(x(row.offered), y(row.p50 ?? 0), row))
  }
  return frame('Time of an answer by offered rate', `${parts.join('\n')}\n`, height)
}

/** Shape and colour: a dot was held, a diamond broke. */
function mark(x: number, y: number, row: LoadRow): string {
  const title = `<title>${rateText(row.offered)} offered, ${rateText(row.answered)} answered: ${outcomeText(row)}</title>`
  return row.broke > row.held
    ? `<path class="broke" d="M${px(x)} ${px(y - 6)}l6 6l-6 6l-6-6z">${title}</path>`
    : `<circle class="held" cx="${px(x)}" cy="${px(y)}" r="4">${title}</circle>`
}

function axes(
  x: Scale,
  xs: readonly number[],
  y: Scale,
  ys: readonly number[],
  yText: (value: number) => string,
  title: string,
): string {
  const bottom = y(ys[0] ?? 0)
  return [
    ...ys.map(
      (value) => `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(value))}" y2="${px(y(value))}"/>`,
    ),
    ...ys.map((value) => `<text x="${LEFT - 8}" y="${px(y(value) + 4)}" text-anchor="end">${yText(value)}</text>`),
    ...xs.map(
      (value) => `<text x="${px(x(value))}" y="${px(bottom + 16)}" text-anchor="middle">${rateText(value)}</text>`,
    ),
    `<text x="${WIDTH - RIGHT}" y="${px(bottom + 30)}" text-anchor="end">${title}</text>`,
  ].join('\n')
}
