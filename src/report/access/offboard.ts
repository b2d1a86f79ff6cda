import type { Cluster } from '../../cluster/cluster.ts'
import type { DirectoryPlace } from '../../cluster/directory.ts'
import type { Subject } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { Holding, Remaining } from '../../engines/access/holdings/holding.ts'
import type { Sample } from '../../engines/access/signals/tally.ts'
import type { Answering } from '../../exceptions/answering.ts'
import type { Fix } from '../../fix/fix.ts'
import type { Patch } from '../../fix/patches.ts'
import { type Evidence, type Witness, witness } from '../evidence.ts'
import { type ReportProof, toApply } from '../plan.ts'
import { verdictText } from '../proof-text.ts'
import { API_VERSION } from '../report.ts'
import type { Terminal } from '../style.ts'
import { table, wrap } from '../table.ts'
import { clean, counted } from '../text.ts'

/** All that is told of an offboarding. */
export interface Offboarded {
  readonly cluster: Cluster
  readonly subject: Subject
  /** Milliseconds since 1970: the time for which it is told. */
  readonly asOf: number
  /** The other names of the same person, by the directory. */
  readonly names: readonly string[]
  readonly person: { readonly left: string; readonly place: DirectoryPlace } | undefined
  /** Of a group: who is in it. */
  readonly members: readonly { readonly subject: string; readonly from: string; readonly last?: number }[]
  readonly window: { readonly from: number; readonly to: number } | undefined
  readonly held: readonly Holding[]
  readonly fix: Fix | undefined
  readonly patches: readonly Patch[]
  /** What of the change could not be made in the files, or at all. */
  readonly refused: readonly string[]
  readonly proof: ReportProof | undefined
  readonly remaining: readonly Remaining[]
  /** What names it as the owner: no access, and still somebody’s to take over. */
  readonly answers: readonly Answering[]
  readonly unknowns: readonly string[]
}

/** The document AccessOffboard (docs/reference/v1alpha1.schema.json). */
export function offboardDocument(told: Offboarded): object {
  const seenBy = witness(told.cluster.locate)
  const { objects, deletes } = toApply(told.fix ? [told.fix] : [])
  return {
    apiVersion: API_VERSION,
    kind: 'AccessOffboard',
    subject: subjectText(told.subject),
    names: told.names,
    ...(told.person ? { person: told.person } : {}),
    ...(told.members.length > 0
      ? {
          members: told.members.map(({ last, ...rest }) => ({
            ...rest,
            ...(last === undefined ? {} : { last: iso(last) }),
          })),
        }
      : {}),
    ...(told.window ? { window: { from: iso(told.window.from), to: iso(told.window.to) } } : {}),
    held: told.held.map((each) => heldEntry(each, seenBy)),
    change: {
      ...(told.fix ? { id: told.fix.id, title: told.fix.title } : {}),
      objects,
      deletes,
      patches: told.patches,
      refused: told.refused,
      ...(told.proof ? { proof: told.proof } : {}),
    },
    remaining: told.remaining.map(({ until, ...rest }) => ({ ...rest, ...untilEntry(until) })),
    handover: told.answers.map(({ because, ...rest }) => ({ ...rest, evidence: seenBy.evidence([because]) })),
    unknowns: told.unknowns,
  }
}

function heldEntry(holding: Holding, seenBy: Witness): object {
  const {
    kind,
    title,
    binding,
    role,
    via,
    credential,
    account,
    from,
    until,
    first,
    last,
    times,
    sources,
    agents,
    ends,
  } = holding
  const told = { binding, role, via, credential, account }
  return {
    kind,
    title,
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
    ...(from === undefined ? {} : { from: iso(from) }),
    ...untilEntry(until),
    ...(first === undefined ? {} : { first: iso(first) }),
    ...(last === undefined ? {} : { last: iso(last) }),
    ...(times === undefined ? {} : { times }),
    ...(sources ? { sources } : {}),
    ...(agents ? { agents } : {}),
    ends,
    evidence: [...seenBy.evidence(holding.because), ...holding.places.map(recordEvidence)],
  }
}

/** A record of the log by its place and auditID, or a line of a directory. */
export function recordEvidence(place: Sample | DirectoryPlace): Evidence & { auditID?: string } {
  const { file, line } = place
  if (!('id' in place)) return { text: 'the directory says so', file, line }
  const item = place.item === undefined ? {} : { item: place.item }
  return { text: 'recorded', file, line, ...item, ...(place.id === '' ? {} : { auditID: place.id }) }
}

function untilEntry(until: number | 'never' | undefined): { until?: string } {
  return until === undefined ? {} : { until: until === 'never' ? until : iso(until) }
}

export function iso(time: number): string {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : ''
}

function day(time: number | undefined): string {
  return time === undefined ? '' : iso(time).slice(0, 10)
}

export function offboardLines(told: Offboarded, term: Terminal): readonly string[] {
  const { subject, held, fix, remaining, proof, unknowns, members, person } = told
  const lines: string[] = []
  const text = subjectText(subject)
  const also = told.names.filter((name) => name !== subject.name)
  lines.push(
    ...wrap(
      `${text} holds ${held.length === 0 ? 'nothing' : counted(held.length, 'thing')}${also.length === 0 ? '' : `; also known as ${also.slice(0, 5).join(', ')}`}`,
      term.width,
    ).map(term.bold),
  )
  if (person)
    lines.push(...wrap(`The directory says: ${person.left} (${person.place.file}:${person.place.line}).`, term.width))
  if (members.length > 0)
    lines.push(
      ...wrap(
        `In it: ${members
          .slice(0, 10)
          .map((each) => each.subject)
          .join(', ')}${members.length > 10 ? ` and ${members.length - 10} more` : ''}.`,
        term.width,
      ),
    )
  if (held.length > 0) {
    lines.push('', term.bold('What it holds'))
    lines.push(
      ...table(
        [
          { title: 'KIND' },
          { title: 'WHAT', least: 24 },
          { title: 'THROUGH', spare: 2 },
          { title: 'LAST USED', spare: 1 },
          { title: 'UNTIL' },
          { title: 'ENDED BY' },
        ],
        held.map(({ kind, title, via, from, last, until, ends }) => [
          kind,
          from !== undefined && from > told.asOf ? `${title}, not valid before ${day(from)}` : title,
          via ?? '',
          day(last),
          until === 'never' ? 'no end' : day(until),
          { change: 'the change', remaining: 'see below', nothing: 'itself' }[ends],
        ]),
        term.width,
      ),
    )
  }
  lines.push('', term.bold('The change that ends it'))
  if (!fix) lines.push('Nothing of the input names it.')
  else {
    for (const { action, object } of fix.changes) {
      const name = object.namespace === '' ? object.name : `${object.namespace}/${object.name}`
      lines.push(...wrap(`${action === 'remove' ? 'delete' : 'change'} ${object.kind} ${name}`, term.width, '  ', '- '))
    }
    lines.push(term.dim('as objects: -o yaml; as patches of your files: -w FOLDER'))
  }
  for (const each of told.refused) lines.push(...wrap(`not made: ${each}`, term.width, '  ', '- '))
  const whose = subject.kind === 'User' ? 'For everybody else' : 'For whoever uses it'
  if (proof) lines.push(...wrap(`${whose}: ${verdictText(proof)}`, term.width))
  lines.push('', term.bold('What is left to do'))
  if (remaining.length === 0) lines.push('Nothing that is known.')
  for (const { message, settle } of remaining) {
    lines.push(...wrap(message, term.width, '  ', '- '))
    lines.push(...wrap(settle, term.width, '  ', '  ').map((line) => term.dim(line)))
  }
  if (told.answers.length > 0) lines.push('', term.bold('To hand over'), ...handoverLines(told, term))
  if (unknowns.length > 0) {
    lines.push('', term.bold('Not known'))
    for (const each of unknowns) lines.push(...wrap(each, term.width, '  ', '- '))
  }
  return lines.map((line) => line)
}

const MOST_HANDED = 20

function handoverLines({ cluster, answers }: Offboarded, term: Terminal): readonly string[] {
  const seenBy = witness(cluster.locate)
  return [
    ...answers.slice(0, MOST_HANDED).flatMap(({ title, owner, expires, because }) => {
      const [place] = seenBy.evidence([because])
      const until = expires === undefined ? '' : expires === 'never' ? ', which does not expire' : `, until ${expires}`
      const where = place?.file === undefined ? '' : ` (${place.file}:${place.line})`
      return wrap(`${title}${until}: its owner is ${owner}${where}`, term.width, '  ', '- ')
    }),
    ...(answers.length > MOST_HANDED ? [term.dim(`and ${answers.length - MOST_HANDED} more: -o json`)] : []),
  ]
}

/** The change as objects to apply; what goes is told in comments, as kubectl applies no deletion. */
export function changeYaml(fix: Fix | undefined, yaml: (document: object) => string): string {
  const { objects, deletes } = toApply(fix ? [fix] : [])
  const notes = deletes.map(
    ({ kind, namespace, name }) => `# delete: ${clean(`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`)}\n`,
  )
  return [...notes, objects.map((object) => yaml(object as object)).join('---\n')].join('')
}
