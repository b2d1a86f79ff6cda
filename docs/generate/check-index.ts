import type { Check } from '../../src/engines/check.ts'
import { aliasesOf, aliasText } from './alias.ts'
import type { CheckFolder } from './check-folder.ts'
import type { WrittenPage } from './finding.ts'
import { GENERATED, table } from './markdown.ts'

const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
const CATEGORIES: readonly (readonly [id: Check['category'], title: string])[] = [
  ['security', 'Security'],
  ['reliability', 'Reliability'],
  ['efficiency', 'Efficiency'],
]

interface Row {
  readonly check: Check
  readonly isJoin: boolean
  readonly isFixable: boolean
  readonly podSecurity: string
}

/** All checks, of one object and of several, and the findings of the graph. */
export function indexPage(
  folders: readonly CheckFolder[],
  joins: readonly Check[],
  written: readonly WrittenPage[],
): string {
  const rows: readonly Row[] = [
    ...folders.map(({ check, fix, versions }) => ({
      check,
      isJoin: false,
      isFixable: fix !== undefined,
      podSecurity: check.podSecurity ? `${check.podSecurity.level}, v1.${versions[0]?.since}` : '',
    })),
    ...joins.map((check) => ({ check, isJoin: true, isFixable: false, podSecurity: '' })),
  ]
  const asked = new Set(joins.map(({ id }) => id))
  const findings = written.filter(({ id }) => !asked.has(id))
  return `${GENERATED}
# Checks

**A check is asked of one object after another** by \`bulkhead policy eval\`, and passes, fails or is unknown: [how](../admission.md). ${folders.length} are
ValidatingAdmissionPolicies in [policies/](../../../policies), the same text for files and for the API server; ${joins.length} are *joins*: they need several
objects (a binding and its role, a pod and the policies that select it). **A finding of the graph** names one cause of a breach that spreads; \`bulkhead scan\` lists
them, [below](#findings-of-the-graph).

| profile | checks |
|---|---|
| \`default\` | those about which a well-run cluster is quiet: ${count(rows, (check) => check.profiles.includes('default'))} |
| \`baseline\`, \`restricted\` | the controls of [Pod Security](../pod-security.md) at that level, at \`--profile-version\` |
| \`polaris\` | the checks of [Polaris](../polaris.md), with its severities |
| \`all\` | all ${rows.length} |

\`--checks ID,…\` asks single ones. *Default* marks those of the default profile, *fix* those that \`bulkhead fix --in-place\` repairs, *join* those that are no
admission policy.

${CATEGORIES.map(([id, title]) => `## ${title}\n\n${tableOf(rows.filter(({ check }) => check.category === id))}\n`).join('\n')}
## Findings of the graph

A finding names one cause, with its place; what it leads to is in the [graph](../edges.md). \`id\` in the JSON is the check, the object and the part of it, and is
equal in every scan of the same objects.

${table(
  ['check', 'finds', 'severity'],
  findings.map(({ id, title, severity }) => [`[${id}](${id}.md)`, title, severity]),
)}
`
}

function count(rows: readonly Row[], is: (check: Check) => boolean): number {
  return rows.filter(({ check }) => is(check)).length
}

function tableOf(rows: readonly Row[]): string {
  const sorted = rows.toSorted(
    (a, b) =>
      SEVERITIES.indexOf(a.check.severity) - SEVERITIES.indexOf(b.check.severity) || (a.check.id < b.check.id ? -1 : 1),
  )
  return table(
    ['check', 'finds', 'severity', '', 'Pod Security', 'Polaris'],
    sorted.map(({ check, isJoin, isFixable, podSecurity }) => [
      `[${check.id}](${check.id}.md)`,
      check.title,
      check.severity,
      [check.profiles.includes('default') ? 'default' : '', isFixable ? 'fix' : '', isJoin ? 'join' : '']
        .filter((each) => each !== '')
        .join(', '),
      podSecurity,
      aliasesOf(check, 'polaris').map(aliasText).join(', '),
    ]),
  )
}
