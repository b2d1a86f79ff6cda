import { idParts } from '../cluster/object.ts'
import type { Evidence } from './evidence.ts'
import { planLines, planSentence } from './plan-text.ts'
import type { Report, ReportEntry, ReportFinding } from './report.ts'
import { shortName } from './sentence.ts'
import { notesOf, placeText, type Story, type ToldStep } from './story.ts'
import type { Terminal } from './style.ts'
import { table, wrap } from './table.ts'
import { chanceText, clean, counted, listed, percent, shorten } from './text.ts'
import { overloadTable } from './traffic/overload-screen.ts'

export interface ScreenOptions {
  /** Every row instead of the first ones. */
  readonly wide: boolean
  /** The options that name the same input again. */
  readonly again: string
}

/** Below a plan the rest is shorter: what to do comes before all there is. */
const ROWS = { entries: 8, findings: 6, unknowns: 6 } as const
const OVERLOADS = 3
const ROWS_BELOW_PLAN = { entries: 5, findings: 4, unknowns: 4 } as const

/** The report for a terminal: one screen, the rest counted and where to find it said. */
export function screen(
  report: Report,
  story: Story | undefined,
  term: Terminal,
  { wide, again }: ScreenOptions,
): readonly string[] {
  const lines: string[] = []
  const section = (title: string, note = ''): void => {
    const whole = `${title}  ${note}`
    if (note === '' || whole.length <= term.width)
      lines.push('', `${term.bold(title)}${note === '' ? '' : `  ${term.dim(note)}`}`)
    else lines.push('', ...wrap(title, term.width).map(term.bold), ...wrap(note, term.width).map(term.dim))
  }
  lines.push(...wrap(report.sentence, term.width).map((line) => term.bold(line)))
  if (report.entries.length > 0) lines.push(...wrap(riskLine(report), term.width))
  const planned = planSentence(report)
  if (planned !== undefined) lines.push(...wrap(planned, term.width).map((line) => term.bold(line)))
  if (report.plan && report.plan.length > 0) {
    section('The changes that lower it most')
    lines.push(...planLines(report, term, again))
  }
  const rows = report.plan ? ROWS_BELOW_PLAN : ROWS
  if (story) {
    section(
      `The way from ${shortName(story.entry.id, report.entries)} to ${clean(story.asset.title)}`,
      story.chance < 1 ? `with an exploit on the way, chance ${chanceText(story.chance)}` : '',
    )
    lines.push(...storyLines(story, term))
  }
  const entries = wide ? report.entries : report.entries.slice(0, rows.entries)
  if (entries.length > 0) {
    section(
      'Where a breach would spread',
      rest(report.entries.length, entries.length, 'entry', 'entries', 'bulkhead radius'),
    )
    lines.push(...entryTable(report, entries, term.width))
  }
  const exhausted = wide ? report.overload.items : report.overload.items.slice(0, OVERLOADS)
  if (exhausted.length > 0) {
    section('What one can exhaust', 'no part of the risk; all: bulkhead traffic overload')
    lines.push(...overloadTable(exhausted, term))
  }
  const findings = wide ? report.findings : report.findings.slice(0, rows.findings)
  section(
    'Findings',
    severities(report.findings) +
      (report.findings.length > findings.length ? `; the first ${findings.length}, all with -o wide` : ''),
  )
  lines.push(...findingList(findings, term))
  section('Not known', report.unknowns.length === 0 ? 'nothing of note' : '')
  const unknowns = wide ? report.unknowns : report.unknowns.slice(0, rows.unknowns)
  for (const { message, count, settle } of unknowns) {
    const told = message.includes(String(count)) ? message : `${message} (${count})`
    lines.push(...wrap(told, term.width, '  ', '- '))
    lines.push(...wrap(`to settle it: ${settle}`, term.width, '  ', '  ').map((line) => term.dim(line)))
  }
  if (report.unknowns.length > unknowns.length)
    lines.push(term.dim(`and ${report.unknowns.length - unknowns.length} more: -o wide`))
  lines.push('', ...wrap(inputLine(report), term.width).map((line) => term.dim(line)))
  return lines
}

function riskLine({ risk }: Report): string {
  const assumed =
    risk.assumed > 0 && risk.total > 0
      ? `, of which ${percent(risk.assumed / risk.total)} rests on what is not known`
      : ''
  return `Risk: one breach, wherever it starts, is expected to cost ${percent(risk.total)} of all value${assumed}.`
}

function storyLines({ steps }: Story, term: Terminal): readonly string[] {
  return steps.flatMap((step, at) => {
    const number = `${at + 1}. `.padStart(4)
    const lines = wrap(`${step.text}${notesOf(step)}`, term.width, '    ', number)
    return [
      ...lines,
      ...reasonsOf(step).flatMap((reason) =>
        wrap(placeText(reason), term.width, '    ', '    ').map((line) => term.dim(line)),
      ),
    ]
  })
}

/** The places that decided the step; where none is in a file, what was taken for granted. */
function reasonsOf({ because, chance }: ToldStep): readonly Evidence[] {
  const placed = because.filter((each) => each.file !== undefined)
  // A connection has two ends.
  return (placed.length > 0 ? placed : because).slice(0, chance < 1 ? 2 : 1)
}

function rest(all: number, shown: number, one: string, many: string, command: string): string {
  return all > shown ? `the first ${shown} of ${counted(all, one, many)}; all: ${command}` : ''
}

function entryTable(report: Report, entries: readonly ReportEntry[], width: number): readonly string[] {
  const columns = [
    { title: 'ENTRY', least: 28 },
    { title: 'KIND', least: 14 },
    { title: 'APPLICATION', least: 12, spare: 3 },
    { title: 'EXPOSED' },
    { title: 'CONTROLS', right: true as const },
    { title: 'CONTACT', right: true as const, spare: 1 },
    { title: 'LOSS', right: true as const, spare: 2 },
    { title: 'OF RISK', right: true as const },
  ]
  const rows = entries.map((entry) => {
    const { kind, namespace, name } = idParts(entry.id)
    const application = entry.application === undefined ? '' : idParts(entry.application).name
    const share = report.risk.total === 0 ? 0 : (entry.weight * entry.risk) / report.risk.total
    return [
      namespace === '' ? name : `${namespace}/${name}`,
      kind,
      application,
      entry.kind === 'credential' ? '' : entry.exposed,
      `${entry.controls}/${report.assets.length}`,
      String(entry.contacts),
      percent(entry.risk),
      percent(share),
    ]
  })
  return table(columns, rows, width)
}

function findingList(findings: readonly ReportFinding[], term: Terminal): readonly string[] {
  return findings.flatMap(({ severity, resource, container, message, location }) => {
    const name = resource.namespace === '' ? resource.name : `${resource.namespace}/${resource.name}`
    const where = location === undefined ? '' : clean(`${location.file}:${location.line}`)
    const head = clean(`${resource.kind} ${name}${container === undefined ? '' : ` (${container})`}`)
    const label = severity.padEnd(INDENT.length)
    const both = `${label}${head}  ${where}`.trimEnd()
    const lines =
      both.length <= term.width
        ? [both]
        : [shorten(`${label}${head}`, term.width), shorten(`${INDENT}${where}`, term.width)]
    return [
      ...(severity === 'critical' ? lines.map((line) => term.red(line)) : lines),
      ...wrap(message, term.width, INDENT, INDENT),
    ]
  })
}

const INDENT = ' '.repeat(10)

export function severities(findings: readonly ReportFinding[]): string {
  const counts = (['critical', 'high', 'medium', 'low'] as const)
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
  return counts.length === 0 ? 'none' : listed(counts.map(([severity, count]) => `${count} ${severity}`))
}

function inputLine({ inputs, kubernetes, applications, coverage }: Report): string {
  const whose = { flag: 'as asked', server: 'as the server says', node: 'as its nodes say', default: 'the default' }[
    kubernetes.from
  ]
  const resolved =
    coverage.workloads.resources === 0
      ? ''
      : `, ${percent(coverage.workloads.resolved / coverage.workloads.resources)} of the workloads in ${counted(applications.length, 'application')}`
  const unreadable = inputs.unreadable.length === 0 ? '' : `, ${inputs.unreadable.length} unreadable`
  return `Read ${counted(inputs.objects, 'object')} from ${counted(inputs.files, 'file')}${unreadable}${resolved}. Kubernetes ${kubernetes.version} (${whose}).`
}
