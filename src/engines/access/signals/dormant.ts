import { isDefaultBinding } from '../../../authz/bootstrap.ts'
import type { RbacPolicy } from '../../../authz/policy.ts'
import { bindingOfReason } from '../../../authz/reason.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { createdAt } from '../../../cluster/created.ts'
import { holdsAt } from '../../../cluster/expiry.ts'
import { type Binding, type Role, type Subject, subjectId } from '../../../cluster/rbac.ts'
import { subjectText } from '../../../cluster/subject-text.ts'
import { dateText } from '../dates.ts'
import type { LastSeen } from './last-seen.ts'
import type { Signal } from './signal.ts'

const DAY_MS = 86_400_000
/** A shorter log says nothing of who is away. */
export const LEAST_DAYS = 7
/** Of a longer log: without anything for so long. */
const DORMANT_MS = 30 * DAY_MS

export interface DormantInput {
  readonly cluster: Cluster
  readonly policy: RbacPolicy
  readonly seen: LastSeen
  readonly from: number
  readonly to: number
  readonly asOf: number
  /** Whether the log could have shown a use of a role by a subject. */
  readonly couldShow: (role: Role, subject: Subject, namespace: string) => boolean
  /** The log does not tell groups: of those, only the reasons speak. */
  readonly hidesGroups: boolean
  /** What is left alone: the provider’s own. */
  readonly isSilenced: (binding: Binding) => boolean
}

export interface Dormant {
  readonly signals: readonly Signal[]
  /** Subjects of which the log could not have shown what they do. */
  readonly unobservable: readonly string[]
}

interface Bound {
  readonly subject: Subject
  readonly bindings: Binding[]
}

/** Who is bound and does nothing, and which bindings allow nothing to those who do something. */
export function dormant(input: DormantInput): Dormant {
  const { policy, seen, from, to, asOf } = input
  if (to - from < (LEAST_DAYS - 1) * DAY_MS) return { signals: [], unobservable: [] }
  const bindings = examined(input)
  const subjects = new Map<string, Bound>()
  for (const binding of bindings)
    for (const subject of binding.subjects) {
      const id = subjectId(subject)
      const known = subjects.get(id)
      if (!known) subjects.set(id, { subject, bindings: [binding] })
      else if (!known.bindings.includes(binding)) known.bindings.push(binding)
    }
  const named = namedIn(seen)
  const away = new Set<string>()
  const unobservable: string[] = []
  const signals: Signal[] = []
  for (const [id, { subject, bindings: own }] of subjects) {
    if (isComponent(subject)) continue
    const last = Math.max(lastOf(seen, id, subject), named.subjects.get(id) ?? 0)
    if (last > 0 && last > asOf - DORMANT_MS) continue
    if (last === 0 ? to - from < (LEAST_DAYS - 1) * DAY_MS : to - from < DORMANT_MS) continue
    const isTold = subject.kind !== 'Group' || !input.hidesGroups
    const isShown =
      isTold &&
      own.every((binding) => {
        const role = policy.roleOf(binding)
        return role !== undefined && input.couldShow(role, subject, binding.namespace)
      })
    if (!isShown) {
      unobservable.push(id)
      continue
    }
    away.add(id)
    const days = Math.floor((to - from) / DAY_MS) + 1
    signals.push({
      rule: 'dormant-subject',
      subject: id,
      severity: 'low',
      title: `${subjectText(subject)} is bound and does nothing`,
      message: `${subjectText(subject)} holds ${rolesText(own)}, and ${last === 0 ? `did nothing that it may in the ${days} days of the log` : `did nothing since ${dateText(last)}`}`,
      ...(last === 0 ? {} : { last }),
      samples: [],
      because: own
        .slice(0, 5)
        .map((binding) => because(`names ${subjectText(subject)}`, binding.object, ['subjects', placeOf(binding, id)])),
    })
  }
  return { signals: [...signals, ...unusedBindings(input, bindings, away, named)], unobservable }
}

function lastOf(seen: LastSeen, id: string, { kind, namespace, name }: Subject): number {
  if (kind === 'Group') return seen.groups.get(name)?.last ?? 0
  const user =
    id.startsWith('ServiceAccount/') && kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name
  return seen.users.get(user)?.last ?? 0
}

function examined({ cluster, asOf, to, isSilenced }: DormantInput): readonly Binding[] {
  return cluster.bindings.filter(
    (binding) =>
      !binding.assumed &&
      binding.subjects.length > 0 &&
      !isDefaultBinding(binding, cluster.version.minor) &&
      holdsAt(binding.object, asOf) &&
      !isYoung(binding, to) &&
      !isSilenced(binding),
  )
}

/** What was made in the last days of the log had no time to be used; a file tells no time. */
function isYoung({ object }: Binding, to: number): boolean {
  const made = createdAt(object.body)
  return made !== undefined && to - made < (LEAST_DAYS - 1) * DAY_MS
}

/** Names of Kubernetes itself, and groups that nobody is put into by name. */
function isComponent({ kind, name }: Subject): boolean {
  return kind !== 'ServiceAccount' && /^(system:|kube-apiserver)/.test(name)
}

function rolesText(bindings: readonly Binding[]): string {
  const roles = bindings.map(
    ({ roleKind, roleName, kind, namespace }) =>
      `${roleKind} ${roleName}${kind === 'RoleBinding' ? ` in ${namespace}` : ''}`,
  )
  return `${roles.slice(0, 3).join(', ')}${roles.length > 3 ? ` and ${roles.length - 3} more` : ''}`
}

function placeOf(binding: Binding, id: string): number {
  return Math.max(
    0,
    binding.subjects.findIndex((each) => subjectId(each) === id),
  )
}

interface Named {
  readonly bindings: ReadonlySet<string>
  /** By id, when last. */
  readonly subjects: ReadonlyMap<string, number>
}

/** What reasons name: bindings that allowed something, and the subjects of theirs that were asked about. */
function namedIn({ reasons }: LastSeen): Named {
  const bindings = new Set<string>()
  const subjects = new Map<string, number>()
  for (const [reason, { last }] of reasons) {
    const found = bindingOfReason(reason)
    if (!found) continue
    bindings.add(`${found.kind}/${found.namespace}/${found.name}`)
    const id = subjectId(found.subject)
    subjects.set(id, Math.max(last, subjects.get(id) ?? 0))
  }
  return { bindings, subjects }
}

/** Of a binding that stands behind another that gives the same, the reason never speaks: it is told as what it is, unneeded. */
function* unusedBindings(
  { policy, seen, from, to, couldShow }: DormantInput,
  bindings: readonly Binding[],
  away: ReadonlySet<string>,
  named: Named,
): Generator<Signal> {
  if (!seen.tellsReasons) return
  const days = Math.floor((to - from) / DAY_MS) + 1
  for (const binding of bindings) {
    const { kind, namespace, name, subjects } = binding
    const role = policy.roleOf(binding)
    if (!role || named.bindings.has(`${kind}/${namespace}/${name}`)) continue
    const awake = subjects.filter((each) => !away.has(subjectId(each)) && !isComponent(each))
    if (awake.length === 0 || !awake.every((each) => couldShow(role, each, namespace))) continue
    // Of whom no reason ever speaks, it speaks of no binding either.
    if (!awake.every((each) => named.subjects.has(subjectId(each)))) continue
    const [first] = awake as [Subject]
    yield {
      rule: 'dormant-binding',
      subject: subjectId(first),
      severity: 'low',
      title: `${kind} ${namespace === '' ? name : `${namespace}/${name}`} allows nothing that is asked for`,
      message: `${kind} ${name}${namespace === '' ? '' : ` in ${namespace}`} gives ${binding.roleKind} ${binding.roleName} to ${awake.slice(0, 3).map(subjectText).join(', ')}${awake.length > 3 ? ` and ${awake.length - 3} more` : ''}, and no request of the ${days} days of the log was allowed by it`,
      samples: [],
      because: [because('gives the role', binding.object, ['roleRef'])],
      part: binding.object.id,
    }
  }
}
