import type { JsonObject } from '../../cluster/json.ts'
import { type PolicyRule, ruleBody } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import { formatRight } from '../../engines/access/used/right-text.ts'
import type { Generalised } from '../../fix/minimize/budget.ts'
import type { Minimized, MinimizedSubject } from '../../fix/minimize/minimize.ts'
import type { Kept } from '../../fix/minimize/stays.ts'
import type { LostRight } from '../../prove/rights.ts'
import type { SubjectProof } from '../../prove/subject-proof.ts'
import type { ReportProof } from '../plan.ts'
import { proofLines } from '../proof-text.ts'
import type { Terminal } from '../style.ts'
import { table, wrap } from '../table.ts'
import { counted, grouped } from '../text.ts'
import { userText } from './subject.ts'
import { type BindingRef, cloudRef, type Locate } from './used.ts'
import type { AccessWindow } from './window.ts'

export interface MinimizedItem {
  readonly subject: string
  /** Rights (verb, group, resource, namespace). */
  readonly granted: number
  readonly used: number
  /** Granted by general rules beyond what was used; and kept because no use would have been seen. */
  readonly spare: number
  readonly unobservable: number
  /** What is granted against what was used, without what is kept. */
  readonly ratio: number
  /** Requests that were refused. */
  readonly denied: number
  readonly rules: readonly (JsonObject & { readonly namespace?: string })[]
  /** Against today's rules; absent without them. */
  readonly removed?: readonly string[]
  readonly added?: readonly string[]
  readonly proof?: {
    readonly verdict: SubjectProof['verdict']
    readonly reasons: readonly string[]
    readonly counterexamples: number
    readonly unseenMass: number | null
  }
}

export interface AccessMinimized {
  readonly apiVersion: string
  readonly kind: 'AccessMinimized'
  readonly window: AccessWindow
  readonly granted: number
  readonly used: number
  readonly ratio: number
  readonly subjects: readonly MinimizedItem[]
  readonly objects: readonly JsonObject[]
  readonly generalised: readonly Generalised[]
  readonly kept: readonly Kept[]
  /** Uses that are not granted, since no binding of today explains them, or something more is needed. */
  readonly ungranted: readonly { readonly subject: string; readonly what: string; readonly why: string }[]
  /** Grants of clouds beside RBAC; only with an export. */
  readonly cloud?: readonly CloudItem[]
  /** Rights of today that go, all of them together; null without today's rules. */
  readonly removed: number | null
  readonly added: number | null
  readonly proof: ReportProof
  /** Changes of files that cannot be made in their text, and why. */
  readonly unpatched: readonly string[]
}

/** What a cloud grants beside RBAC, and what of it was used. */
export interface CloudItem {
  readonly subject: string
  readonly grant: BindingRef
  /** The roles give them too, unless it is kept. */
  readonly used: readonly string[]
  readonly kept: boolean
  /** Its users are sessions, and no group stands for all of them. */
  readonly perSession: boolean
}

export function cloudItems({ cloud }: Minimized, locate: Locate): readonly CloudItem[] {
  return cloud.map((each) => ({
    subject: each.subject,
    grant: cloudRef(each, locate),
    used: each.used,
    kept: each.kept,
    perSession: each.isPerSession,
  }))
}

function cloudText({ subject, grant, used, kept, perSession }: CloudItem): string {
  const places = grant.namespaces ? ` in ${grant.namespaces.join(', ')}` : ''
  const of = `${subject}: ${grant.name}${places}, of ${grant.principal}`
  if (used.length === 0) return `${of}, gave nothing that was used`
  const few = `${used.slice(0, 3).join(', ')}${used.length > 3 ? ` and ${used.length - 3} more` : ''}`
  const where = kept
    ? 'left to it, by --keep'
    : 'the roles give it too, so that they do not rest on it; --keep leaves it to the cloud'
  const sessions =
    perSession && !kept ? '. Each session is a user of its own: a group of the access entry would stand for all' : ''
  return `${of}, gave ${few} (${where})${sessions}`
}

export interface Differences {
  readonly removed: ReadonlyMap<string, readonly LostRight[]>
  readonly added: ReadonlyMap<string, readonly LostRight[]>
}

export function minimizedItem(
  each: MinimizedSubject,
  id: string,
  differences: Differences | undefined,
  proof: SubjectProof | undefined,
): MinimizedItem {
  const { subject, used, spare, kept, denied, rules } = each
  const told = (rights: readonly LostRight[] | undefined): readonly string[] =>
    [...new Set((rights ?? []).map(rightIn))].sort()
  return {
    subject: subjectText(subject),
    granted: used + spare + kept,
    used,
    spare,
    unobservable: kept,
    ratio: ratioOf(used, spare),
    denied,
    rules: rules.map(({ namespace, rule }) => ({ ...(namespace === '' ? {} : { namespace }), ...ruleBody(rule) })),
    ...(differences ? { removed: told(differences.removed.get(id)), added: told(differences.added.get(id)) } : {}),
    ...(proof ? { proof: { ...proof, unseenMass: proof.unseenMass ?? null } } : {}),
  }
}

function rightIn({ right, namespace }: { readonly right: PolicyRule; readonly namespace: string }): string {
  return `${formatRight(right)}${namespace === '' ? '' : ` in ${namespace}`}`
}

/** Rounded up, so that what is above a limit never reads as the limit. */
export function ratioOf(used: number, spare: number): number {
  return used === 0 ? 1 : Math.ceil(((used + spare) / used) * 10_000) / 10_000
}

export function ungrantedItems({ ungranted }: Minimized): AccessMinimized['ungranted'] {
  return ungranted.map(({ user, what, why }) => ({ subject: userText(user), what, why }))
}

const MOST_ROWS = 40

/** For a terminal: the figures first, then each subject, then what was made general, what stays and what was not granted. */
export function* minimizedScreen(document: AccessMinimized, term: Terminal): Generator<string> {
  const { subjects, objects, generalised, kept, ungranted, proof, window, used, granted, ratio, unpatched } = document
  const span =
    window.from === '' ? 'no recorded request' : `${grouped(window.records)} requests of ${counted(window.days, 'day')}`
  yield* wrap(
    `${counted(objects.length, 'object')} for ${counted(subjects.length, 'subject')}, of ${span}: ${grouped(granted)} rights for ${grouped(used)} that were used (${ratio.toFixed(2)})`,
    term.width,
  ).map(term.bold)
  if (subjects.length > 0) {
    yield ''
    const isCompared = document.removed !== null
    yield* table(
      [
        { title: 'SUBJECT', least: 14 },
        { title: 'USED', right: true },
        { title: 'SPARE', right: true },
        { title: 'UNSEEN', right: true, spare: 2 },
        ...(isCompared
          ? [
              { title: 'REMOVED', right: true as const },
              { title: 'ADDED', right: true as const, spare: 1 },
              { title: 'PROOF', least: 8 },
            ]
          : []),
        { title: 'REFUSED', right: true, spare: 3 },
      ],
      subjects
        .slice(0, MOST_ROWS)
        .map((each) => [
          each.subject,
          grouped(each.used),
          grouped(each.spare),
          grouped(each.unobservable),
          ...(isCompared
            ? [
                grouped(each.removed?.length ?? 0),
                grouped(each.added?.length ?? 0),
                each.proof?.verdict === 'unknown'
                  ? `unproven: ${each.proof.reasons[0] ?? ''}`
                  : (each.proof?.verdict ?? ''),
              ]
            : []),
          grouped(each.denied),
        ]),
      term.width,
    )
    if (subjects.length > MOST_ROWS) yield term.dim(`and ${subjects.length - MOST_ROWS} more: -o json`)
  }
  yield* part(
    'Made general',
    generalised.map(
      ({ rule, subject, what, why, spare }) =>
        `${subject}: ${what} (${rule}: ${why}; ${counted(spare, 'right')} to spare)`,
    ),
    term,
  )
  yield* part(
    'Stays as it is',
    kept.map(({ subject, what, why }) => `${subject}: ${what} (${why})`),
    term,
  )
  yield* part('Given by the cloud, beside RBAC', (document.cloud ?? []).map(cloudText), term)
  yield* part(
    'Used and not granted',
    ungranted.map(({ subject, what, why }) => `${subject}: ${what} (${why})`),
    term,
  )
  yield* part('Not changed in your files', unpatched, term)
  yield ''
  yield* proofLines(proof, term)
}

const FEW = 8

function* part(title: string, items: readonly string[], term: Terminal): Generator<string> {
  if (items.length === 0) return
  yield ''
  yield term.bold(title)
  for (const item of items.slice(0, FEW)) yield* wrap(item, term.width, '  ', '- ')
  if (items.length > FEW) yield term.dim(`and ${items.length - FEW} more: -o json`)
}
