import type { Authorizer } from './authz/authorizers.ts'
import { mastersAuthorizer } from './authz/masters.ts'
import { NODE_USER, nodeAuthorizer, nodeNames } from './authz/node/authorizer.ts'
import { rbacPolicy } from './authz/policy.ts'
import { rbacAuthorizer } from './authz/rbac.ts'
import { ANONYMOUS, implicitGroups } from './authz/subjects.ts'
import type { Cluster } from './cluster/cluster.ts'
import { spanOf, stateAt } from './cluster/expiry.ts'
import { type Binding, type Subject, subjectId } from './cluster/rbac.ts'
import { parseSubject } from './cluster/subject-text.ts'
import type { AccessView, Ended, GroupSource, KnownRequester, Membership } from './engines/access/questions/view.ts'

/** The composition for questions of access: what a cluster grants at a time, and who is in which group by whose word. */
export interface AccessSources {
  readonly cluster: Cluster
  /** Milliseconds since 1970: grants that have ended by then, or not begun, grant nothing. */
  readonly asOf: number
  /** Groups that the question gives to the subject it asks about. */
  readonly given?: readonly string[]
  readonly groups?: readonly GroupSource[]
  /** Beside those of every API server. */
  readonly authorizers?: readonly Authorizer[]
  /** Such as allow what they have perhaps: what they rest on is not known. */
  readonly doubtful?: readonly Authorizer[]
}

export function accessOf(sources: AccessSources): AccessView {
  const { cluster, asOf, given = [], groups = [] } = sources
  const ended: Ended[] = []
  // An ended binding stays, without subjects: the default of its name would otherwise be taken for granted.
  const bindings = cluster.bindings.map((binding) => {
    const why = endedBy(binding, asOf)
    if (why === undefined) return binding
    ended.push({ binding, why })
    return { ...binding, subjects: [] }
  })
  const policy = rbacPolicy({ roles: cluster.roles, bindings, version: cluster.version })
  const known = new Map<string, KnownRequester>()
  let everybody: readonly Subject[] | undefined
  return {
    cluster,
    policy,
    doubtful: sources.doubtful ?? [],
    authorizers: [mastersAuthorizer, nodeAuthorizer(cluster), rbacAuthorizer(policy), ...(sources.authorizers ?? [])],
    ended,
    asOf,
    sources: groups,
    requesterOf: (subject) => {
      const id = subjectId(subject)
      const requester = known.get(id) ?? requesterOf(subject, given, groups)
      known.set(id, requester)
      return requester
    },
    individuals: () => {
      everybody ??= individuals(
        cluster,
        [...policy.subjects.values(), ...ended.flatMap(({ binding }) => binding.subjects)],
        groups,
      )
      return everybody
    },
  }
}

function endedBy(binding: Binding, asOf: number): string | undefined {
  const span = spanOf(binding.object)
  const state = stateAt(span, asOf)
  if (state === 'expired') return `ended at ${new Date(span.expires as number).toISOString()}`
  return state === 'not-begun' ? `begins at ${new Date(span.starts as number).toISOString()}` : undefined
}

function requesterOf(subject: Subject, given: readonly string[], sources: readonly GroupSource[]): KnownRequester {
  const memberships = new Map<string, Membership>()
  const add = (membership: Membership): void => {
    if (!memberships.has(membership.group)) memberships.set(membership.group, membership)
  }
  const { kind, name } = subject
  if (kind === 'Group') add({ group: name, from: 'given' })
  for (const group of implicitGroups(subjectId(subject))) add({ group, from: 'implicit' })
  for (const group of given) add({ group, from: 'given' })
  const user = userOf(subject)
  if (kind !== 'Group') for (const source of sources) for (const each of source.groupsOf(user)) add(each)
  return {
    subject,
    user,
    groups: [...memberships.keys()],
    memberships: [...memberships.values()],
    left: kind === 'Group' ? [] : sources.flatMap((source) => source.leftBy?.(user) ?? []),
  }
}

/** The user name of a subject; a group has none. */
function userOf({ kind, namespace, name }: Subject): string {
  if (kind === 'Group') return ''
  return kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : name
}

function individuals(cluster: Cluster, named: readonly Subject[], sources: readonly GroupSource[]): readonly Subject[] {
  const found = new Map<string, Subject>()
  const add = (subject: Subject): void => {
    const id = subjectId(subject)
    if (!found.has(id)) found.set(id, subject)
  }
  const user = (name: string): void => {
    const subject = parseSubject(`user:${name}`)
    if (subject) add(subject)
  }
  user(ANONYMOUS)
  for (const subject of named) {
    if (subject.kind === 'User') user(subject.name)
    else if (subject.kind === 'ServiceAccount') add(subject)
  }
  for (const source of sources) for (const name of source.users()) user(name)
  for (const { namespace, name } of cluster.ofKind('ServiceAccount')) add({ kind: 'ServiceAccount', namespace, name })
  for (const { namespace, specs } of cluster.workloads)
    for (const { pod } of specs) add({ kind: 'ServiceAccount', namespace, name: pod.serviceAccountName })
  for (const node of nodeNames(cluster)) user(`${NODE_USER}${node}`)
  return [...found.values()]
}
