import { MASTERS } from '../../authz/subjects.ts'
import type { Subject } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { AccessFacts } from '../../engines/access/used/fold.ts'
import { atomKey } from './atom.ts'
import type { Budget, Generalised } from './budget.ts'
import { Grantees, type Use } from './grantee.ts'
import type { Refusals } from './refusals.ts'
import { atomText } from './text.ts'

const SYSTEM = /^system:/
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):(.+)$/

/** The subject of a user name. */
export function subjectOfUser(user: string): Subject {
  const account = SERVICE_ACCOUNT.exec(user)
  return account
    ? { kind: 'ServiceAccount', namespace: account[1] as string, name: account[2] as string }
    : { kind: 'User', namespace: '', name: user }
}

export interface AllotOptions {
  /** Groups that were asked about: all that was used by them is theirs, whatever it costs. */
  readonly groups: ReadonlySet<string>
  readonly budget: Budget
  readonly refusals: Refusals
}

/**
 * Gives each use to someone: to the group by whose binding it was allowed where (nearly) all of its members used it, so
 * that it is granted once; to the user else. What a member is given that it did not use is spare.
 */
export function allotted(
  facts: AccessFacts,
  uses: readonly Use[],
  { groups, budget, refusals }: AllotOptions,
): { grantees: Grantees; generalised: readonly Generalised[] } {
  const grantees = new Grantees()
  const generalised = new Map<string, Generalised>()
  const members = membersOf(facts, uses)
  const ofGroup = new Map<string, { group: string; uses: Use[]; users: Set<string> }>()
  const own: Use[] = []
  for (const use of uses) {
    const { group, who, atom } = use
    if (group === undefined || (SYSTEM.test(group) && !groups.has(group))) {
      own.push(use)
      continue
    }
    const key = `${group}\n${atomKey(atom)}`
    const same = ofGroup.get(key) ?? { group, uses: [], users: new Set<string>() }
    same.uses.push(use)
    same.users.add(who.subject)
    ofGroup.set(key, same)
  }
  const priced = [...ofGroup].map(([key, each]) => ({
    key,
    ...each,
    spare: (members.get(each.group)?.size ?? 0) - each.users.size,
  }))
  priced.sort((a, b) => a.spare - b.spare || (a.key < b.key ? -1 : 1))
  for (const { group, uses: same, users, spare } of priced) {
    const [first] = same as [Use, ...Use[]]
    const isAsked = groups.has(group)
    const wasRefused = [...(members.get(group) ?? [])].some((id) => refusals.covers(id, first.atom))
    const fits = isAsked || (!wasRefused && (spare === 0 || (users.size > 1 && budget.take(spare))))
    if (!fits) {
      own.push(...same)
      continue
    }
    const subject: Subject = { kind: 'Group', namespace: '', name: group }
    for (const { atom } of same) grantees.of(subject).atoms.add(atom)
    if (spare === 0) continue
    const text = subjectText(subject)
    const what = atomText(first.atom)
    const why = `${users.size} of its ${users.size + spare} members that were seen used it`
    generalised.set(`${text}\n${what}`, { rule: 'group', subject: text, what, why, spare })
  }
  for (const { who, atom } of own) grantees.of(subjectOfUser(who.user)).atoms.add(atom)
  for (const grantee of grantees.list()) grantee.used = grantee.atoms.size
  return { grantees, generalised: [...generalised.values()] }
}

/** Everybody who was seen in a group, whatever they did; where the log tells no groups, who used anything by its bindings. */
function membersOf(facts: AccessFacts, uses: readonly Use[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const { who, group } of uses) {
    if (group === undefined) continue
    const members = found.get(group) ?? new Set()
    found.set(group, members.add(who.subject))
  }
  for (const who of facts.whos) {
    if (who.groups.includes(MASTERS)) continue
    for (const group of who.groups) {
      found.get(group)?.add(who.subject)
    }
  }
  return found
}

/** The rights of users that these uses are, each once: what spare is measured by. */
export function countOf(uses: readonly Use[]): number {
  return new Set(uses.map(({ who, atom }) => `${who.subject}\n${atomKey(atom)}`)).size
}
