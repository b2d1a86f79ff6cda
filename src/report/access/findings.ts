import type { Cluster } from '../../cluster/cluster.ts'
import { idParts } from '../../cluster/object.ts'
import type { Silenced } from '../../engines/access/providers.ts'
import { csvCell } from '../escape.ts'
import { type Evidence, type Witness, witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'
import type { Terminal } from '../style.ts'
import { wrap } from '../table.ts'
import { clean, counted, listed, shorten } from '../text.ts'
import type { FoundItem } from './found.ts'
import { iso, recordEvidence } from './offboard.ts'

/** All that `access findings` tells. */
export interface AccessFindings {
  readonly cluster: Cluster
  readonly asOf: number
  readonly window: { readonly from: number; readonly to: number } | undefined
  readonly items: readonly FoundItem[]
  readonly silenced: readonly Silenced[]
  readonly unknowns: readonly string[]
}

/** The document AccessFindings (docs/reference/v1alpha1.schema.json). */
export function findingsDocument({ cluster, asOf, window, items, silenced, unknowns }: AccessFindings): object {
  const seenBy = witness(cluster.locate)
  return {
    apiVersion: API_VERSION,
    kind: 'AccessFindings',
    asOf: iso(asOf),
    ...(window ? { window: { from: iso(window.from), to: iso(window.to) } } : {}),
    items: items.map((item) => itemEntry(item, window, seenBy)),
    silenced,
    unknowns,
  }
}

function itemEntry(item: FoundItem, window: AccessFindings['window'], seenBy: Witness): object {
  const { id, rule, severity, subject, credential, title, message, first, last, samples, workloads, applications } =
    item
  return {
    id,
    rule,
    severity,
    ...(subject === '' ? {} : { subject }),
    ...(credential === undefined ? {} : { credential }),
    title,
    message,
    evidence: evidenceOf(item, seenBy),
    ...(first === undefined ? {} : { first: iso(first) }),
    ...(last === undefined ? {} : { last: iso(last) }),
    ...(window && (samples.length > 0 || rule.startsWith('dormant') || rule === 'departed')
      ? { window: { from: iso(window.from), to: iso(window.to) } }
      : {}),
    workloads,
    applications,
  }
}

export function evidenceOf({ because, samples }: FoundItem, seenBy: Witness): readonly Evidence[] {
  return [...samples.map(recordEvidence), ...seenBy.evidence(because)]
}

const MOST_LISTED = 3
/** Of one severity, for a terminal. */
const MOST_GRANTS = 20
const INDENT = ' '.repeat(10)

export function findingsLines(found: AccessFindings, term: Terminal): readonly string[] {
  const { cluster, items, silenced, unknowns, window } = found
  const seenBy = witness(cluster.locate)
  const counts = (['critical', 'high', 'medium', 'low'] as const)
    .map((severity) => [severity, items.filter((item) => item.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`)
  const span = window ? `, over ${iso(window.from).slice(0, 10)} to ${iso(window.to).slice(0, 10)}` : ''
  const lines: string[] = [
    ...wrap(
      `${counted(items.length, 'finding')}${counts.length === 0 ? '' : `: ${listed(counts)}`}${span}`,
      term.width,
    ).map(term.bold),
  ]
  const left = new Map<string, number>()
  for (const item of items) {
    // What may happen is much the same many times; what happened is told each time.
    const told = left.get(item.severity) ?? 0
    if (item.object) left.set(item.severity, told + 1)
    if (item.object && told >= MOST_GRANTS) continue
    const label = item.severity.padEnd(INDENT.length)
    const head = shorten(`${label}${clean(item.rule)}  ${clean(item.subject)}`.trimEnd(), term.width)
    lines.push('', item.severity === 'critical' ? term.red(head) : head)
    lines.push(...wrap(item.message, term.width, INDENT, INDENT))
    if (item.workloads.length > 0)
      lines.push(...wrap(`runs as it: ${names(item.workloads)}`, term.width, INDENT, INDENT))
    if (item.applications.length > 0)
      lines.push(...wrap(`falls with it: ${names(item.applications)}`, term.width, INDENT, INDENT))
    for (const { text, file, line, item: which } of evidenceOf(item, seenBy)
      .filter((each) => each.file !== undefined)
      .slice(0, MOST_LISTED))
      lines.push(
        ...wrap(
          `${file}:${line}${which === undefined ? '' : `#${which}`} ${text === 'recorded' ? '' : text}`.trimEnd(),
          term.width,
          INDENT,
          INDENT,
        ).map((each) => term.dim(each)),
      )
  }
  const more = [...left.values()].reduce((sum, count) => sum + Math.max(0, count - MOST_GRANTS), 0)
  if (more > 0) lines.push('', term.dim(`and ${more} more of grants and bindings: -o json, -o csv`))
  if (silenced.length > 0) {
    const byProvider = [...Map.groupBy(silenced, ({ provider }) => provider)]
      .map(([provider, own]) => `${own.reduce((sum, { count }) => sum + count, 0)} of ${provider}`)
      .sort()
    lines.push(
      '',
      ...wrap(`Not told, as the provider’s own: ${listed(byProvider)} (-o json names them).`, term.width).map((each) =>
        term.dim(each),
      ),
    )
  }
  if (unknowns.length > 0) {
    lines.push('', term.bold('Not known'))
    for (const each of unknowns) lines.push(...wrap(each, term.width, '  ', '- '))
  }
  return lines
}

function names(ids: readonly string[]): string {
  const told = ids.slice(0, MOST_LISTED).map((id) => {
    const { namespace, name } = idParts(id)
    return namespace === '' ? name : `${namespace}/${name}`
  })
  return ids.length > MOST_LISTED ? `${told.join(', ')} and ${ids.length - MOST_LISTED} more` : told.join(', ')
}

const CSV_COLUMNS = ['severity', 'rule', 'subject', 'title', 'message', 'first', 'last', 'file', 'line', 'id'] as const

/** One finding a row. */
export function* findingsCsv(found: AccessFindings): Generator<string> {
  const seenBy = witness(found.cluster.locate)
  yield `${CSV_COLUMNS.join(',')}\n`
  for (const item of found.items) {
    const place = evidenceOf(item, seenBy).find(({ file }) => file !== undefined)
    const { severity, rule, subject, title, message, first, last, id } = item
    const cells = [
      severity,
      rule,
      subject,
      title,
      message,
      first === undefined ? '' : iso(first),
      last === undefined ? '' : iso(last),
      place?.file ?? '',
      place?.line === undefined ? '' : String(place.line),
      id,
    ]
    yield `${cells.map(csvCell).join(',')}\n`
  }
}
