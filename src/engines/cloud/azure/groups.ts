import { type Because, because } from '../../../cluster/because.ts'
import type { AzureExports, AzureMember } from '../../../cluster/cloud/azure-exports.ts'

/** Who is in a group, directly or by groups in it; a group in it of which nothing is told stands for its members. */
export interface AzureBelonging {
  readonly id: string
  readonly name?: string
  readonly isGroup: boolean
  /** Whether one of the memberships has to be activated first. */
  readonly isEligible: boolean
  readonly because: readonly Because[]
}

/** Memberships of one group that are followed; of more the group stands for the others. */
const MOST = 20_000
/** Groups in groups that an answer names. */
const MOST_TOLD = 8
/** Of all groups together. */
const MOST_OF_ALL = 200_000

export class AzureGroups {
  readonly #members: ReadonlyMap<string, readonly AzureMember[]>
  readonly #whole: ReadonlySet<string>
  readonly #of = new Map<string, readonly AzureBelonging[]>()
  readonly #above = new Map<string, Set<string>>()
  #left = MOST_OF_ALL

  constructor({ members, groups }: Pick<AzureExports, 'members' | 'groups'>) {
    const found = new Map<string, AzureMember[]>()
    for (const member of members) {
      const key = member.group.toLowerCase()
      const same = found.get(key)
      if (same) same.push(member)
      else found.set(key, [member])
      if (member.isEligible === true) continue
      const above = this.#above.get(member.id.toLowerCase())
      if (above) above.add(key)
      else this.#above.set(member.id.toLowerCase(), new Set([key]))
    }
    this.#members = found
    this.#whole = groups
  }

  /** Whether all members of a group are told, those of groups in it apart. */
  isTold(group: string): boolean {
    return this.#whole.has(group.toLowerCase())
  }

  /** Everybody in a group; the group itself where its members are not told whole. */
  membersOf(group: string): readonly AzureBelonging[] {
    const key = group.toLowerCase()
    const known = this.#of.get(key)
    if (known) return known
    const found = new Map<string, AzureBelonging>()
    const seen = new Set<string>()
    const open: AzureBelonging[] = [{ id: group, isGroup: true, isEligible: false, because: [] }]
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const at = next.id.toLowerCase()
      const state = `${at} ${next.isEligible}`
      if (seen.has(state)) continue
      seen.add(state)
      const inside = this.#members.get(at)
      if (inside === undefined || !this.isTold(at) || seen.size > MOST || this.#left <= 0) add(found, next)
      for (const member of inside ?? []) {
        if (seen.size + open.length > MOST || --this.#left <= 0) break
        open.push({
          id: member.id,
          ...(member.name === undefined ? {} : { name: member.name }),
          isGroup: member.isGroup || this.#members.has(member.id.toLowerCase()),
          isEligible: next.isEligible || member.isEligible === true,
          because: [...next.because.slice(0, MOST_TOLD - 1), member.from],
        })
      }
    }
    const made = [...found.values()]
    this.#of.set(key, made)
    return made
  }

  /** The groups that somebody is in without activating anything, directly or by groups in them, with what says so. */
  groupsOf(id: string): ReadonlyMap<string, Because> {
    const found = new Map<string, Because>()
    const open = [id.toLowerCase()]
    for (let at = open.shift(); at !== undefined && found.size < MOST; at = open.shift())
      for (const above of this.#above.get(at) ?? []) {
        if (found.has(above)) continue
        const from = this.#members.get(above)?.find((each) => each.id.toLowerCase() === at)?.from
        found.set(above, from ?? because(`in group ${above}`))
        open.push(above)
      }
    return found
  }

  /** Ids of who is told by this user principal name, or by this id. */
  idsOf(user: string): readonly string[] {
    const asked = user.toLowerCase()
    this.#named ??= Map.groupBy(
      [...this.#members.values()].flat().filter(({ name }) => name !== undefined),
      ({ name = '' }) => name.toLowerCase(),
    )
    return [...new Set([asked, ...(this.#named.get(asked) ?? []).map(({ id }) => id.toLowerCase())])]
  }

  #named: ReadonlyMap<string, readonly AzureMember[]> | undefined

  /** Whether a principal is in a group: `maybe` where it is not told of it. */
  isIn(id: string, group: string): 'yes' | 'no' | 'maybe' {
    const seen = new Set([id.toLowerCase()])
    const wanted = group.toLowerCase()
    for (const at of seen) {
      if (at === wanted) return 'yes'
      if (seen.size > MOST) return 'maybe'
      for (const above of this.#above.get(at) ?? []) seen.add(above)
    }
    return this.#isWholeBelow(wanted) ? 'no' : 'maybe'
  }

  readonly #below = new Map<string, boolean>()

  #isWholeBelow(group: string): boolean {
    const known = this.#below.get(group)
    if (known !== undefined) return known
    const made = this.membersOf(group).every(({ isGroup }) => !isGroup)
    const isWhole = made && this.isTold(group)
    this.#below.set(group, isWhole)
    return isWhole
  }
}

/** An eligible membership says nothing of somebody until it is activated. */
export const ACTIVATION: Because = because(
  'it has to be activated first; whether that needs somebody’s approval is in no export',
)

function add(found: Map<string, AzureBelonging>, belonging: AzureBelonging): void {
  const key = belonging.id.toLowerCase()
  const known = found.get(key)
  // What somebody has is more than what he can activate.
  if (!known || (known.isEligible && !belonging.isEligible)) found.set(key, belonging)
}
