import type { Edit } from '../../cluster/edit/change.ts'
import { at, list } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import {
  type Binding,
  decodeBinding,
  REVOKED,
  type Role,
  revokedSubjects,
  revokedText,
  type Subject,
  subjectId,
} from '../../cluster/rbac.ts'
import { livesOn, runnersOf } from '../accounts.ts'
import type { FixContext } from '../fix.ts'
import { gives, nameOf } from './evidence.ts'

const places = new WeakMap<KubeObject, ReadonlyMap<string, readonly number[]>>()

/** The places in the list of a binding that name a subject: what the list holds beside subjects is left as it is. */
export function placesOf({ object }: Binding, subject: Subject): readonly number[] {
  const known = places.get(object) ?? placesIn(object)
  places.set(object, known)
  return known.get(subjectId(subject)) ?? []
}

function placesIn(object: KubeObject): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>()
  list(at(object.body, 'subjects')).forEach((item, index) => {
    for (const each of decodeBinding({ ...object, body: { subjects: [item] } }).subjects)
      found.set(subjectId(each), [...(found.get(subjectId(each)) ?? []), index])
  })
  return found
}

/** Service accounts are objects of their own, which stay; users and groups are nowhere but in bindings. */
export function isPerson(subject: Subject): boolean {
  return !subjectId(subject).startsWith('ServiceAccount/')
}

/** Keeps on record whom a binding was taken from, beside those of times before. */
export function recordEdit({ object }: Binding, gone: readonly Subject[]): readonly Edit[] {
  const people = gone.filter(isPerson)
  if (people.length === 0) return []
  const all = new Map([...revokedSubjects(object), ...people].map((each) => [subjectId(each), each]))
  return [{ op: 'set', path: ['metadata', 'annotations', REVOKED], value: revokedText([...all.values()]) }]
}

export function describe({ kind, namespace, name }: Subject): string {
  return `${kind} ${nameOf({ namespace, name })}`
}

const FEW = 3

export function describeAll(subjects: readonly Subject[]): string {
  const names = subjects.slice(0, FEW).map(describe).join(', ')
  return subjects.length > FEW ? `${names} and ${subjects.length - FEW} more` : names
}

/** What recorded use says of taking a role from subjects. */
export function notesOfUse(
  { used }: FixContext,
  binding: Binding,
  role: Role,
  subjects: readonly Subject[],
): readonly string[] {
  if (!used) return []
  return subjects.slice(0, FEW).flatMap((subject) => {
    const rights = used.rights(subjectId(subject))
    if (!rights) return [`no request of ${describe(subject)} could have been recorded`]
    const own = rights.filter((right) => gives(binding, role, right))
    const times = own.reduce((sum, right) => sum + right.times, 0)
    return [
      own.length === 0
        ? `no recorded request of ${describe(subject)} is one that this binding allows`
        : `${times} recorded requests of ${describe(subject)} are of kinds that this binding allows`,
    ]
  })
}

/** Who is left without what a binding gives, and what runs on it: the most pressing first. */
export function notesOfLoss(
  context: FixContext,
  binding: Binding,
  role: Role,
  subjects: readonly Subject[],
): readonly string[] {
  const told = subjects.slice(0, FEW).flatMap((subject): readonly string[] => {
    const others = othersOf(context, binding, role, subject)
    const only =
      others.length === 0
        ? `${nameOf(binding)} is the only binding that gives ${describe(subject)} ${role.name}`
        : `${describe(subject)} keeps ${role.name} by ${others.slice(0, FEW).map(nameOf).join(', ')}`
    const runs = runsAs(context, binding, subject)
    if (runs === '') return [only]
    return others.length === 0 && livesOn(context, binding, subject)
      ? [`${only}; ${runs} and will fail if it uses the API`]
      : [only, runs]
  })
  return subjects.length > FEW ? [...told, `${subjects.length - FEW} more subjects lose it`] : told
}

function othersOf({ policy }: FixContext, binding: Binding, role: Role, subject: Subject): readonly Binding[] {
  return policy
    .bindingsOf(subjectId(subject))
    .filter((each) => each.object.id !== binding.object.id && policy.roleOf(each)?.object.id === role.object.id)
}

/** The workloads that run as a subject, or may; empty for people. */
export function runsAs(context: FixContext, binding: Binding, subject: Subject): string {
  if (isPerson(subject)) return ''
  const names = runnersOf(context, subjectId(subject)).map(nameOf)
  if (names.length === 0)
    return livesOn(context, binding, subject)
      ? `a pod that an operator makes may run as ${describe(subject)}`
      : `no workload of the input runs as ${describe(subject)}`
  const more = names.length > FEW ? ` and ${names.length - FEW} more` : ''
  const verb = names.length === 1 ? 'runs' : 'run'
  return `${names.slice(0, FEW).join(', ')}${more} ${verb} as ${describe(subject)}`
}
