import { hash8, hash53 } from '../../cluster/hash.ts'
import type { RuleId } from '../../engines/access/signals/signal.ts'
import type { Severity } from '../../engines/engine.ts'
import type { FileNames } from '../checks/file-uri.ts'
import { levelOf } from '../checks/judged.ts'
import { type SarifRule, SECURITY_SEVERITY } from '../checks/rule.ts'
import { artifact, sarifLog } from '../checks/sarif.ts'
import type { Evidence } from '../evidence.ts'
import { witness } from '../evidence.ts'
import { type AccessFindings, evidenceOf } from './findings.ts'
import type { FoundItem } from './found.ts'

/** SARIF 2.1.0: a finding a result, at the field of an object, the line of a directory or the record that shows it first. */
export function* findingsSarif(
  found: AccessFindings,
  { version, names }: { readonly version: string; readonly names: FileNames },
): Generator<string> {
  const seenBy = witness(found.cluster.locate)
  const rules = [...Map.groupBy(found.items, ({ rule }) => rule)].map(([id, own]) => ruleOf(id, own))
  const indexes = new Map(rules.map(({ id }, index) => [id, index]))
  yield* sarifLog(
    { version, names, rules, problems: [] },
    found.items
      .values()
      .map((item) => resultOf(item, indexes.get(item.rule) as number, evidenceOf(item, seenBy), names)),
  )
}

const ORDER: readonly Severity[] = ['critical', 'high', 'medium', 'low']

const TITLES: Readonly<Record<RuleId, string>> = {
  'shared-credential': 'A credential or user is used from several places at once',
  'stolen-token': 'The token of a pod is used where the pod is not',
  departed: 'Somebody who has left still has access',
  'secret-sweep': 'Many Secrets are read in a short time',
  impersonation: 'Somebody acts as another for the first time',
  reconnaissance: 'Somebody tries what it may do',
  'dormant-subject': 'A subject has rights and uses none of them',
  'dormant-binding': 'A binding has allowed no request',
  'wide-group': 'Everybody is granted rights',
  'wildcard-grant': 'A subject may do everything in the cluster',
  'escalation-grant': 'A subject may become another or give itself more',
  'sensitive-grant': 'A subject may read secrets or run commands in pods',
  'dangling-subject': 'A binding names a service account that does not exist',
  'dangling-role': 'A binding names a role that does not exist',
}

function ruleOf(id: RuleId, items: readonly FoundItem[]): SarifRule {
  const severity = ORDER.find((each) => items.some((item) => item.severity === each)) ?? 'low'
  const text = TITLES[id]
  return {
    id,
    shortDescription: { text },
    fullDescription: { text },
    help: { text, markdown: text },
    defaultConfiguration: { level: levelOf(severity) },
    properties: { tags: ['security', 'kubernetes', 'access'], 'security-severity': SECURITY_SEVERITY[severity] },
  }
}

function resultOf(item: FoundItem, ruleIndex: number, evidence: readonly Evidence[], names: FileNames): object {
  const { id, rule, severity, subject, message } = item
  const places = evidence.flatMap(({ file, line, column, text }) =>
    file === undefined || line === undefined ? [] : [{ file, line, column, text }],
  )
  const [first, ...others] = places.map(({ file, line, column, text }) => ({
    text,
    physicalLocation: {
      artifactLocation: artifact(file, names),
      region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) },
    },
  }))
  const fingerprint = hash8([hash53(id)])
  return {
    ruleId: rule,
    ruleIndex,
    kind: 'fail',
    level: levelOf(severity),
    message: { text: subject === '' ? message : `${subject}: ${message}` },
    locations: [
      {
        ...(first ? { physicalLocation: first.physicalLocation } : {}),
        logicalLocations: [{ fullyQualifiedName: subject === '' ? (item.object?.id ?? id) : subject }],
      },
    ],
    ...(others.length > 0
      ? {
          relatedLocations: others.map(({ text, physicalLocation }, index) => ({
            id: index + 1,
            physicalLocation,
            message: { text },
          })),
        }
      : {}),
    partialFingerprints: { primaryLocationLineHash: `${fingerprint}:1`, 'bulkheadResult/v1': fingerprint },
  }
}
