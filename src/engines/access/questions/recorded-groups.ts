import type { Access, RecordPlace } from '../../../observe/record.ts'
import type { GroupSource, Membership } from './view.ts'

/** Users, and sets of groups of one of them, of which the groups are kept. */
const MOST_USERS = 100_000
const MOST_SETS = 64
/** Several credentials of one user may name different groups; those that were seen this long before the last still count. */
const DAY_MS = 86_400_000

interface SeenSet {
  readonly groups: readonly string[]
  last: number
  place: RecordPlace
}

/**
 * The groups of users as an audit log shows them: those of whoever authenticated, and not those that an impersonator chose.
 * Service accounts are in the groups of their names, and are left out.
 */
export class RecordedGroups implements GroupSource {
  readonly from = 'audit'
  readonly #users = new Map<string, Map<string, SeenSet>>()
  /** Users beyond what is kept. */
  #dropped = false

  add(access: Access): void {
    const { impersonator } = access
    const user = impersonator ? impersonator.user : access.user
    const groups = impersonator ? impersonator.groups : access.groups
    if (user === '' || groups.length === 0 || user.startsWith('system:serviceaccount:')) return
    let sets = this.#users.get(user)
    if (!sets) {
      if (this.#users.size >= MOST_USERS) {
        this.#dropped = true
        return
      }
      sets = new Map()
      this.#users.set(user, sets)
    }
    const key = groups.join('\n')
    const known = sets.get(key)
    if (!known) {
      if (sets.size < MOST_SETS) sets.set(key, { groups: [...groups], last: access.time, place: access.place })
    } else if (access.time > known.last) {
      // Its place costs a new object for every record; the one where the groups were first seen says the same.
      known.last = access.time
    }
  }

  /** Whether there were more users than are kept. */
  get isPartial(): boolean {
    return this.#dropped
  }

  groupsOf(user: string): readonly Membership[] {
    return this.#split(user).current
  }

  leftBy(user: string): readonly Membership[] {
    return this.#split(user).left
  }

  users(): Iterable<string> {
    return this.#users.keys()
  }

  #split(user: string): { current: readonly Membership[]; left: readonly Membership[] } {
    const sets = [...(this.#users.get(user)?.values() ?? [])]
    const latest = sets.reduce((most, { last }) => Math.max(most, last), 0)
    const seen = new Map<string, Membership>()
    for (const { groups, last, place } of sets.sort((a, b) => b.last - a.last))
      for (const group of groups)
        if (!seen.has(group)) seen.set(group, { group, from: 'audit', seen: last, place: { ...place } })
    const isCurrent = (each: Membership): boolean => (each.seen ?? 0) >= latest - DAY_MS
    return {
      current: [...seen.values()].filter(isCurrent),
      left: [...seen.values()].filter((each) => !isCurrent(each)),
    }
  }
}
