import { because } from '../../../cluster/because.ts'
import { type Directory, departed, type Person } from '../../../cluster/directory.ts'
import { type Binding, type Subject, subjectId } from '../../../cluster/rbac.ts'
import { parseSubject, subjectText } from '../../../cluster/subject-text.ts'
import type { Access } from '../../../history/history.ts'
import { dateText } from '../dates.ts'
import { callerOf } from './origin.ts'
import type { Signal } from './signal.ts'
import { count, type Tally, tally } from './tally.ts'

interface Leaver {
  readonly person: Person
  /** Of requests after the person had left; of one of whom the day is not told, of all. */
  after: Tally | undefined
  readonly credentials: Set<string>
  /** The name by which it last asked then. */
  asked: string | undefined
}

const MOST_CREDENTIALS = 16
/** A request that was sent before the account was closed. */
const GRACE_MS = 60_000

/** Follows those who left, by all their names. */
export class Departed {
  readonly #leavers: readonly Leaver[]
  readonly #byName = new Map<string, Leaver>()
  readonly #directory: Directory

  constructor(directory: Directory) {
    this.#directory = directory
    this.#leavers = directory.people
      .filter(({ active, leftAt }) => active === false || leftAt !== undefined)
      .map((person) => ({ person, after: undefined, credentials: new Set<string>(), asked: undefined }))
    for (const leaver of this.#leavers) for (const name of leaver.person.names) this.#byName.set(name, leaver)
  }

  add(access: Access): void {
    if (this.#byName.size === 0) return
    const leaver = this.#byName.get(callerOf(access)) ?? this.#folded(callerOf(access))
    if (!leaver || access.code === 401) return
    const { leftAt } = leaver.person
    if (leftAt !== undefined && access.time <= leftAt + GRACE_MS) return
    if (access.credential !== '' && leaver.credentials.size < MOST_CREDENTIALS)
      leaver.credentials.add(access.credential)
    leaver.asked = callerOf(access)
    if (leaver.after) count(leaver.after, access)
    else leaver.after = tally(access)
  }

  readonly #seen = new Map<string, Leaver | undefined>()

  /** Names that differ in case alone are asked of the directory once. */
  #folded(name: string): Leaver | undefined {
    if (this.#seen.has(name)) return this.#seen.get(name)
    if (this.#seen.size >= 50_000) this.#seen.clear()
    const person = this.#directory.personOf(name)
    const leaver = person && this.#byName.get(person.names[0] ?? '')
    this.#seen.set(name, leaver)
    return leaver
  }

  /** `bindings` of today by the ids of their subjects. */
  *signals(
    asOf: number,
    bindingsOf: (id: string) => readonly Binding[],
    bound: ReadonlyMap<string, Subject>,
  ): Generator<Signal> {
    const byLeaver = new Map<Leaver, string[]>()
    for (const [id, subject] of bound) {
      if (subject.kind !== 'User') continue
      const leaver = this.#byName.get(subject.name) ?? this.#folded(subject.name)
      if (leaver) byLeaver.set(leaver, [...(byLeaver.get(leaver) ?? []), id])
    }
    for (const leaver of this.#leavers) {
      const { person, after, credentials, asked } = leaver
      if (!departed(person, asOf)) continue
      const ids = byLeaver.get(leaver) ?? []
      const own = ids.flatMap((id) => bindingsOf(id).map((binding) => ({ id, binding })))
      const groups = person.groups.filter(
        ({ group }) => bindingsOf(subjectId({ kind: 'Group', namespace: '', name: group })).length > 0,
      )
      const isAfter = after !== undefined && person.leftAt !== undefined
      if (!after && own.length === 0 && groups.length === 0) continue
      // Of whom it is not told when, nothing says that what was done was done after.
      if (after && !isAfter && own.length === 0 && groups.length === 0) continue
      const subject = parseSubject(`user:${(isAfter ? asked : undefined) ?? person.names[0] ?? person.id}`)
      const parts = [
        isAfter ? `asked ${after.times} times after that, last at ${dateText(after.last)}` : '',
        own.length > 0
          ? `is still named in ${own
              .slice(0, 3)
              .map(({ binding }) => `${binding.kind} ${binding.name}`)
              .join(', ')}${own.length > 3 ? ` and ${own.length - 3} more` : ''}`
          : '',
        groups.length > 0
          ? `is still in ${groups
              .slice(0, 3)
              .map(({ group }) => group)
              .join(', ')}`
          : '',
      ].filter((part) => part !== '')
      const left = person.leftAt === undefined ? 'is no longer active' : `left by ${dateText(person.leftAt)}`
      const [credential] = credentials
      yield {
        rule: 'departed',
        subject: (isAfter ? undefined : ids[0]) ?? (subject ? subjectId(subject) : `User//${person.id}`),
        severity: isAfter ? 'high' : own.length > 0 ? 'medium' : 'low',
        title: `${subject ? subjectText(subject) : person.id} has left`,
        message: `${person.id} ${left}, as ${person.place.file}:${person.place.line} says, and ${parts.join('; and ')}`,
        ...(credential === undefined || !isAfter ? {} : { credential }),
        ...(isAfter ? { first: after.first, last: after.last } : {}),
        samples: isAfter ? [after.place, after.lastPlace] : [],
        because: own.slice(0, 5).map(({ id, binding }) =>
          because(`names ${person.id}`, binding.object, [
            'subjects',
            Math.max(
              0,
              binding.subjects.findIndex((each) => subjectId(each) === id),
            ),
          ]),
        ),
      }
    }
  }
}
