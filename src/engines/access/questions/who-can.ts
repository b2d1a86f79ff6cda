import type { Authorizer, Granted } from '../../../authz/authorizers.ts'
import { isUrlRequest, ruleGrants } from '../../../authz/rules.ts'
import { ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED } from '../../../authz/subjects.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Binding, PolicyRule, Subject } from '../../../cluster/rbac.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import { subjectText } from '../../../cluster/subject-text.ts'
import { doubtOf, type Told } from './told.ts'
import type { AccessView, Membership } from './view.ts'
import type { Question } from './words.ts'

/** One subject that may, everywhere or in one namespace. */
export interface Holder {
  readonly subject: Subject
  /** Where alone it may; empty: wherever was asked. */
  readonly namespace: string
  readonly grants: readonly HeldGrant[]
}

export interface HeldGrant {
  readonly granted: Granted
  /** The membership through which it has it; undefined: it is named itself. */
  readonly via?: Membership
}

/** A group that may, with those of its members that the input and its sources name. */
export interface GroupMembers {
  readonly group: string
  readonly count: number
  /** The first of them. */
  readonly members: readonly { readonly subject: Subject; readonly membership: Membership }[]
}

/** What a subject may with certain objects only, where the question names none. */
export interface NamedHolder {
  readonly subject: Subject
  readonly namespace: string
  readonly names: readonly string[]
  readonly binding: Binding
  readonly rule: number
}

/** A subject that may, if what no export tells is so: it is no holder. */
export interface DoubtfulHolder {
  readonly subject: Subject
  readonly namespace: string
  readonly told: Told
}

export interface Holders {
  readonly holders: readonly Holder[]
  readonly doubtful: readonly DoubtfulHolder[]
  readonly groups: readonly GroupMembers[]
  readonly named: readonly NamedHolder[]
  /** Members that may through a group and are not told one by one. */
  readonly untold: number
}

/** Beyond these grants through groups, members are told with their group only. */
const MOST_THROUGH_GROUPS = 20_000
const MOST_MEMBERS = 100

export function whoCan(view: AccessView, question: Question): Holders {
  const named = holdersBy(view.authorizers, question)
  const doubtful = doubtfulHolders(view, question, named)
  const direct = new Set(named.keys())
  const groups = new Map<string, { subject: Subject; membership: Membership }[]>()
  const counts = new Map<string, number>()
  let budget = MOST_THROUGH_GROUPS
  let untold = 0
  for (const subject of view.individuals()) {
    const id = subjectId(subject)
    const own = named.get(id) ?? { subject, everywhere: [], local: new Map() }
    let isMore = false
    let isTold = true
    for (const membership of view.requesterOf(subject).memberships) {
      const group = idOf('Group', '', membership.group)
      if (!direct.has(group)) continue
      isMore = true
      const held = named.get(group) as Held
      counts.set(group, (counts.get(group) ?? 0) + 1)
      const members = groups.get(group) ?? []
      groups.set(group, members)
      if (members.length < MOST_MEMBERS) members.push({ subject, membership })
      isTold =
        budget > 0 &&
        addThrough(own, held, membership, (used) => {
          budget -= used
          return budget > 0
        })
    }
    if (!isMore) continue
    if (isTold || named.has(id)) named.set(id, own)
    else untold++
  }
  const holders = [...named.values()].flatMap(itemsOf).sort(byBreadth)
  return {
    holders,
    doubtful,
    groups: [...groups]
      .map(([id, members]) => ({
        group: id.slice('Group//'.length),
        count: counts.get(id) ?? 0,
        members,
      }))
      .sort((a, b) => (a.group < b.group ? -1 : 1)),
    named: namedHolders(view, question),
    untold,
  }
}

interface Held {
  readonly subject: Subject
  readonly everywhere: HeldGrant[]
  readonly local: Map<string, HeldGrant[]>
}

function holdersBy(authorizers: readonly Authorizer[], question: Question): Map<string, Held> {
  const found = new Map<string, Held>()
  for (const asked of question.asked) {
    for (const authorizer of authorizers) {
      for (const granted of authorizer.holders(asked)) {
        const id = subjectId(granted.subject)
        let held = found.get(id)
        if (!held) {
          held = { subject: canonical(granted.subject), everywhere: [], local: new Map() }
          found.set(id, held)
        }
        listOf(held, granted.namespace).push({ granted })
      }
    }
  }
  return found
}

/** Those that a cloud may let, and of whom nothing says so for certain where it would. */
function doubtfulHolders(
  { doubtful = [] }: AccessView,
  question: Question,
  sure: ReadonlyMap<string, Held>,
): readonly DoubtfulHolder[] {
  const found = doubtful.flatMap((authorizer) =>
    [...holdersBy([authorizer], question)].flatMap(([id, held]) => {
      const known = sure.get(id)
      if (known && known.everywhere.length > 0) return []
      return itemsOf(held)
        .filter(({ namespace }) => namespace === '' || !known?.local.has(namespace))
        .flatMap(({ subject, namespace, grants }) => {
          const told = doubtOf(
            authorizer.name,
            'may allow it',
            grants.flatMap(({ granted }) => granted.because),
          )
          return told ? [{ subject, namespace, told }] : []
        })
    }),
  )
  return found.sort(bySubject)
}

/** A user name that is a service account's is that service account. */
function canonical(subject: Subject): Subject {
  const account = subject.kind === 'User' ? /^system:serviceaccount:([^:]+):(.+)$/.exec(subject.name) : null
  return account ? { kind: 'ServiceAccount', namespace: account[1] as string, name: account[2] as string } : subject
}

function listOf({ everywhere, local }: Held, namespace: string): HeldGrant[] {
  if (namespace === '') return everywhere
  const known = local.get(namespace) ?? []
  local.set(namespace, known)
  return known
}

/** What a member has through its group; `spend` says how much of it may still be told. */
function addThrough(own: Held, group: Held, via: Membership, spend: (count: number) => boolean): boolean {
  const through = (held: HeldGrant): HeldGrant => ({ granted: held.granted, via })
  if (group.everywhere.length > 0) {
    const isEnough = spend(group.everywhere.length)
    own.everywhere.push(...group.everywhere.map(through))
    return isEnough
  }
  for (const [namespace, grants] of group.local) {
    if (!spend(grants.length)) return false
    listOf(own, namespace).push(...grants.filter((each) => !each.via).map(through))
  }
  return true
}

/** One answer where it holds everywhere, else one for each namespace. */
function itemsOf({ subject, everywhere, local }: Held): Holder[] {
  if (everywhere.length > 0) return [{ subject, namespace: '', grants: [...everywhere, ...[...local.values()].flat()] }]
  return [...local].map(([namespace, grants]) => ({ subject, namespace, grants }))
}

/** Whom everybody is comes first. */
const BROAD = [UNAUTHENTICATED, AUTHENTICATED, SERVICE_ACCOUNTS]

function breadth({ kind, name }: Subject): number {
  if (kind === 'User' && name === ANONYMOUS) return 0
  if (kind === 'Group') return BROAD.includes(name) ? 1 + BROAD.indexOf(name) : 4
  if (kind === 'User') return name.startsWith('system:') ? 7 : 5
  return 6
}

type Placed = Pick<Holder, 'subject' | 'namespace'>

function byBreadth(a: Placed, b: Placed): number {
  return breadth(a.subject) - breadth(b.subject) || bySubject(a, b)
}

function bySubject(a: Placed, b: Placed): number {
  const [one, other] = [subjectText(a.subject), subjectText(b.subject)]
  if (one !== other) return one < other ? -1 : 1
  return a.namespace < b.namespace ? -1 : a.namespace > b.namespace ? 1 : 0
}

/** Rules that allow it for some names, where none was asked for. */
function namedHolders({ policy }: AccessView, { asked }: Question): readonly NamedHolder[] {
  const [one] = asked
  if (!one || isUrlRequest(one.request) || one.request.name !== '') return []
  const { verb, group, resource, subresource, namespace } = one.request
  // A request that names no object matches no rule with names.
  if (subresource === '' && (verb === 'create' || verb === 'deletecollection')) return []
  const allows = (rule: PolicyRule): boolean =>
    rule.resourceNames.length > 0 && ruleGrants(rule, verb, group, resource, subresource)
  const known = new Map<object, number>()
  const found: NamedHolder[] = []
  for (const binding of policy.bindings) {
    if (binding.kind === 'RoleBinding' && one.each === undefined && binding.namespace !== namespace) continue
    const role = policy.roleOf(binding)
    if (!role) continue
    const rule = known.get(role) ?? role.rules.findIndex(allows)
    known.set(role, rule)
    if (rule < 0) continue
    const names = role.rules[rule]?.resourceNames ?? []
    for (const subject of binding.subjects)
      found.push({ subject: canonical(subject), namespace: binding.namespace, names, binding, rule })
  }
  return found
}
