import type { Severity } from '../../src/engines/engine.ts'
import type { ReportFinding } from '../../src/report/report.ts'

/** Every word of a query, in any order and case. */
export function matcher(query: string): (text: string) => boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return (text) => words.every((word) => text.includes(word))
}

/** The text that a row is found by, made when first asked for and once. */
export function haystack<Row extends object>(textOf: (row: Row) => string): (row: Row) => string {
  const texts = new WeakMap<Row, string>()
  return (row) => {
    let text = texts.get(row)
    if (text === undefined) {
      text = textOf(row).toLowerCase()
      texts.set(row, text)
    }
    return text
  }
}

export function search<Row>(rows: readonly Row[], query: string, textOf: (row: Row) => string): readonly Row[] {
  if (query.trim() === '') return rows
  const matches = matcher(query)
  return rows.filter((row) => matches(textOf(row)))
}

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low']

export function findingText({ check, severity, resource, container, message, location }: ReportFinding): string {
  const { kind, namespace, name } = resource
  return `${severity} ${check} ${kind} ${namespace}/${name} ${container ?? ''} ${message} ${location?.file ?? ''}`
}

export interface CheckGroup {
  readonly check: string
  /** Of its gravest finding. */
  readonly severity: Severity
  readonly findings: readonly ReportFinding[]
}

/** Gravest first, then the checks that found most. */
export function byCheck(findings: readonly ReportFinding[]): readonly CheckGroup[] {
  const groups = new Map<string, ReportFinding[]>()
  for (const finding of findings) {
    const same = groups.get(finding.check)
    if (same) same.push(finding)
    else groups.set(finding.check, [finding])
  }
  const rank = (severity: Severity): number => SEVERITIES.indexOf(severity)
  return [...groups]
    .map(([check, found]) => ({
      check,
      findings: found,
      severity: found.reduce<Severity>(
        (worst, { severity }) => (rank(severity) < rank(worst) ? severity : worst),
        'low',
      ),
    }))
    .sort(
      (a, b) =>
        rank(a.severity) - rank(b.severity) || b.findings.length - a.findings.length || (a.check < b.check ? -1 : 1),
    )
}

export function countsBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): ReadonlyMap<Key, number> {
  const counts = new Map<Key, number>()
  for (const row of rows) {
    const key = keyOf(row)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}
