import { AUTHENTICATED, implicitGroupIds, MASTERS } from '../../authz/subjects.ts'
import { because } from '../../cluster/because.ts'
import { idOf, idParts } from '../../cluster/object.ts'
import type { Edge, EdgeKind } from '../engine.ts'
import type { Known } from '../known.ts'
import { anonymousSubjects } from './rules/anonymous.ts'
import { ONLY } from './scope.ts'

export const MEMBER_KINDS: readonly EdgeKind[] = [
  {
    kind: 'member',
    title: 'is in',
    from: 'User, Group, ServiceAccount',
    to: 'Group',
    chance: '1',
    precondition:
      'system:authenticated, system:serviceaccounts and system:serviceaccounts:<namespace>, system:nodes, system:unauthenticated, by what the subject is; other groups of a bound user where a directory or the audit log tells them',
    source: 'staging/src/k8s.io/apiserver/pkg/authentication/user',
  },
]

const EVERYBODY = idOf('Group', '', AUTHENTICATED)
const ALL_POWERFUL = idOf('Group', '', MASTERS)
const NODE = 'User//system:node:'

type Edges = ReadonlyMap<string, { readonly edges: readonly Edge[] }>

/** Whether a subject can do anything of note itself. */
export function isStrong(subjects: Edges): (subject: string) => boolean {
  return (subject) => (subjects.get(subject)?.edges.length ?? 0) > 0
}

/** Ids of the groups of a subject: those of its name, and those that are told of it. */
export function groupsOf(known: Pick<Known, 'memberships'>): (subject: string) => readonly string[] {
  const { memberships } = known
  if (!memberships || memberships.size === 0) return implicitGroupIds
  return (subject) => {
    const told = memberships.get(subject)?.map(({ group }) => idOf('Group', '', group)) ?? []
    return told.length === 0 ? implicitGroupIds(subject) : [...new Set([...implicitGroupIds(subject), ...told])]
  }
}

/** Members lead to their groups, where such a group can do anything of note. */
export function* memberEdges(subjects: Edges, known: Pick<Known, 'memberships'>): Generator<Edge> {
  const isAble = isStrong(subjects)
  const member = (from: string, to: string, why: Edge['because'], rule = ''): Edge => ({
    kind: 'member',
    from,
    to,
    chance: 1,
    truth: 'yes',
    rule,
    because: why,
  })
  const implied = [because('authentication puts it in this group')]
  // Whoever is authenticated may leave its credential out.
  const leadsOn = (group: string): boolean =>
    group === ALL_POWERFUL || isAble(group) || (group === EVERYBODY && anonymousSubjects(isAble).length > 0)
  for (const subject of subjects.keys()) {
    for (const group of implicitGroupIds(subject)) if (leadsOn(group)) yield member(subject, group, implied)
    for (const { group, because: why } of known.memberships?.get(subject) ?? []) {
      const to = idOf('Group', '', group)
      if (leadsOn(to)) yield member(subject, to, why)
    }
  }
}

/**
 * Whoever impersonates a user gets none of its groups: each is asked for by itself. Users of whom groups are known stand
 * in the graph a second time, as what their name alone gives.
 */
export function bareUser(user: string, known: Pick<Known, 'memberships'>): string {
  return user.startsWith(NODE) || known.memberships?.has(user)
    ? idOf('Scope', ONLY, `${idParts(user).name} without its groups`)
    : user
}

export function* bareEdges(
  users: Iterable<string>,
  known: Pick<Known, 'memberships'>,
  subjects: Edges,
  edgesOf: (user: string) => readonly Edge[],
): Generator<Edge> {
  for (const user of users) {
    const from = bareUser(user, known)
    if (from === user) continue
    for (const edge of edgesOf(user)) yield { ...edge, from }
    if (isStrong(subjects)(EVERYBODY))
      yield {
        kind: 'member',
        from,
        to: EVERYBODY,
        chance: 1,
        truth: 'yes',
        rule: '',
        because: [because('authentication puts it in this group')],
      }
  }
}
