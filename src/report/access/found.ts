import type { Because } from '../../cluster/because.ts'
import { hash8, hash53 } from '../../cluster/hash.ts'
import { idParts, type KubeObject } from '../../cluster/object.ts'
import type { SubjectKind } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import { policyOf } from '../../engines/access/policy.ts'
import { type Silence, type Silenced, silenceOf } from '../../engines/access/providers.ts'
import { creatorsOf } from '../../engines/access/signals/creators.ts'
import type { RuleId, Signal } from '../../engines/access/signals/signal.ts'
import type { Sample } from '../../engines/access/signals/tally.ts'
import type { Finding, Severity } from '../../engines/engine.ts'
import type { Analysis } from '../../loop.ts'
import { type Power, powerOf, raised } from './power.ts'

/** One finding of `access findings`. */
export interface FoundItem {
  readonly id: string
  readonly rule: RuleId
  readonly severity: Severity
  /** As people write it; empty where it is of no subject. */
  readonly subject: string
  readonly credential?: string
  readonly title: string
  readonly message: string
  readonly object?: KubeObject
  readonly because: readonly Because[]
  readonly samples: readonly Sample[]
  readonly first?: number
  readonly last?: number
  /** Ids of workloads that run as the subject: through them a breach comes to it. */
  readonly workloads: readonly string[]
  /** Ids of applications that fall with it. */
  readonly applications: readonly string[]
}

export interface Found {
  readonly items: readonly FoundItem[]
  readonly silenced: readonly Silenced[]
}

const ORDER: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** Signals of the records and findings of the objects as one list, the gravest first, and of these what happened. `groupsOf` a user, as they are known. */
export function findingsOf(
  analysis: Analysis,
  signals: readonly Signal[],
  groupsOf: (user: string) => readonly string[],
): Found {
  const power = powerOf(analysis)
  const silence = silenceOf(analysis.cluster)
  const items = [
    ...signals.map((signal) => ofSignal(signal, power, groupsOf)),
    ...analysis.findings().flatMap((finding) => ofObject(finding, analysis, power, silence) ?? []),
  ]
  items.sort(
    (a, b) =>
      ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) ||
      Number(a.object !== undefined) - Number(b.object !== undefined) ||
      compare(a.rule, b.rule) ||
      compare(a.subject, b.subject) ||
      compare(a.id, b.id),
  )
  return { items, silenced: silence.told() }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function ofSignal(signal: Signal, power: Power, groupsOf: (user: string) => readonly string[]): FoundItem {
  const { rule, subject, title, message, credential, first, last, samples, because, part = '' } = signal
  const { kind, name } = idParts(subject)
  const gravest = power.gravest(subject, kind === 'User' ? groupsOf(name) : [])
  return {
    id: idFor(rule, subject, part),
    rule,
    severity: weighed(signal, gravest),
    subject: textOf(subject),
    ...(credential === undefined ? {} : { credential }),
    title,
    message,
    because,
    samples,
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    workloads: power.workloads(subject),
    applications: rule === 'dormant-binding' ? [] : power.applications(subject),
  }
}

/** By what the subject may do: who may do everything makes all of it worse, and who may do nothing of note nothing better. */
function weighed({ rule, severity }: Signal, gravest: Severity | undefined): Severity {
  if (rule === 'dormant-binding') return severity
  if (rule === 'dormant-subject') return gravest === 'critical' ? 'high' : gravest === 'high' ? 'medium' : 'low'
  return gravest === 'critical' ? raised(severity, 1) : severity
}

const EVERYTHING: ReadonlySet<string> = new Set(['cluster-admin'])
/** Steps by which somebody becomes another, or gives itself more. */
const ESCALATION: ReadonlySet<string> = new Set([
  'bind-role',
  'escalate-role',
  'impersonate-group',
  'impersonate-user',
  'impersonate-service-account',
  'kubelet-exec',
  'unguarded-pod',
  'unguarded-container',
  'privileged-container',
  'create-pod',
  'patch-template',
  'mint-token',
  'create-token-secret',
])

/** The findings of RBAC, under the names of their rules; undefined for others, and for what is the provider's own. */
function ofObject(finding: Finding, analysis: Analysis, power: Power, silence: Silence): FoundItem | undefined {
  const { check, object, part = '', message, because, severity } = finding
  const rule = ruleOf(finding, power)
  if (rule === undefined) return undefined
  const isSubject = check === 'access-binding' || check === 'wide-group'
  const subject = isSubject ? part : check === 'dangling-subject' ? `ServiceAccount/${part}` : ''
  if (silence.silences(object, check === 'wide-group' ? undefined : power.steps(object.id, subject), check))
    return undefined
  const name = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`
  const creators =
    check === 'dangling-subject' ? creatorsOf(policyOf(analysis.cluster), idParts(subject).namespace) : undefined
  return {
    id: idFor(rule, object.id, part),
    rule,
    severity,
    subject: subject === '' ? '' : textOf(subject),
    title: `${object.kind} ${name}: ${TITLES[rule] ?? rule}`,
    message: creators === undefined ? message : `${message}: ${creators}`,
    object,
    because,
    samples: [],
    workloads: subject === '' ? [] : power.workloads(subject),
    applications: subject === '' ? [] : power.applications(subject),
  }
}

const TITLES: Partial<Record<RuleId, string>> = {
  'wildcard-grant': 'gives everything',
  'escalation-grant': 'gives the way to more',
  'sensitive-grant': 'gives what is secret',
  'wide-group': 'gives it to everybody',
  'dangling-subject': 'names nobody',
  'dangling-role': 'refers to nothing',
}

function ruleOf({ check, object, part = '' }: Finding, power: Power): RuleId | undefined {
  if (check === 'wide-group' || check === 'dangling-subject' || check === 'dangling-role') return check
  if (check !== 'access-binding') return undefined
  const steps = [...power.steps(object.id, part)]
  if (steps.some((step) => EVERYTHING.has(step))) return 'wildcard-grant'
  return steps.some((step) => ESCALATION.has(step)) ? 'escalation-grant' : 'sensitive-grant'
}

export function textOf(subject: string): string {
  const { kind, namespace, name } = idParts(subject)
  return subjectText({ kind: kind as SubjectKind, namespace, name })
}

function idFor(rule: string, subject: string, part: string): string {
  return `${rule}-${hash8([hash53(JSON.stringify([rule, subject, part]))])}`
}
