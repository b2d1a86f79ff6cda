import { MASTERS, NODES } from '../../../authz/subjects.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Edge } from '../../engine.ts'
import { CONTROL_PLANE } from '../../engine.ts'
import { bareUser } from '../memberships.ts'
import { probe } from '../probe.ts'
import { allows, isOwnStep, type Right, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, overScope, placesOf, step } from '../rule.ts'
import { accountNamed, ONLY, type ScopeKinds } from '../scopes.ts'

const USERS = probe('impersonate', '', 'users')
const GROUPS = probe('impersonate', '', 'groups')
const ACCOUNTS = probe('impersonate', '', 'serviceaccounts')

const SOURCE = 'staging/src/k8s.io/apiserver/pkg/endpoints/filters/impersonation'

/** Impersonation as it was before 1.36's constrained form, for which see posing.ts. */
export function impersonateRules(kinds: ScopeKinds): readonly AccessRule[] {
  const from = 'User, Group, ServiceAccount'
  return [
    {
      kinds: [
        {
          kind: 'impersonate-user',
          title: 'acts as another user',
          from,
          to: 'User',
          chance: '1',
          precondition:
            '`impersonate` on `users`, for all or by name, cluster-wide. None of the user’s groups comes with it: to be a node takes `impersonate` on the group system:nodes as well. Constrained impersonation (from 1.36) has no kind of its own: what impersonator and impersonated may both do by RBAC is drawn as the impersonator’s step, and the evidence names the rights to be the other and to do it as the other. For what the Node authorizer gives see pose-as-node and pose-as-own-node',
          source: SOURCE,
        },
      ],
      *edges(rights, context) {
        for (const { namespace, right } of placesOf(rights, USERS)) {
          // Users are cluster-scoped: a RoleBinding grants nothing on them.
          if (namespace !== '') continue
          if (right.names === undefined)
            yield step('impersonate-user', rights, context.scopes.of(kinds.bareUsers, ONLY), [right])
          for (const name of right.names ?? []) {
            const user = idOf('User', '', name)
            if (!isAccountName(name)) yield step('impersonate-user', rights, bareUser(user, context.known), [right])
          }
          yield* impersonateNodes(rights, right, kinds, context)
        }
      },
    },
    {
      kinds: [
        {
          kind: 'impersonate-service-account',
          title: 'acts as a service account',
          from,
          to: 'ServiceAccount',
          chance: '1',
          precondition: '`impersonate` on `serviceaccounts`, for all or by name',
          source: SOURCE,
        },
      ],
      edges: (rights, context) =>
        overScope(
          'impersonate-service-account',
          rights,
          context,
          kinds.serviceAccounts,
          [ACCOUNTS],
          accountNamed(kinds, context.scopes),
        ),
    },
    {
      kinds: [
        {
          kind: 'impersonate-group',
          title: 'acts as a member of a group',
          from,
          to: 'Group, or ControlPlane for system:masters',
          chance: '1',
          precondition:
            '`impersonate` on `groups`, and on some user or service account to be (a group without a user is refused)',
          source: SOURCE,
        },
      ],
      edges: impersonateGroup,
    },
  ]
}

/** A node is who has its name and is in its group (pkg/auth/nodeidentifier). */
function* impersonateNodes(rights: Rights, user: Right, kinds: ScopeKinds, { scopes }: AccessContext): Generator<Edge> {
  const group = rights.in('', GROUPS).find((right) => allows(right, NODES))
  if (!group) return
  if (user.names === undefined) yield step('impersonate-user', rights, scopes.of(kinds.nodeUsers, ONLY), [user, group])
  for (const name of user.names ?? [])
    if (name.startsWith('system:node:')) yield step('impersonate-user', rights, idOf('User', '', name), [user, group])
}

/** `--as=system:serviceaccount:ns:name` is checked as `impersonate` on serviceaccounts, not on users. */
function isAccountName(name: string): boolean {
  return name.startsWith('system:serviceaccount:')
}

function* impersonateGroup(rights: Rights, context: AccessContext): Generator<Edge> {
  const groups = rights.in('', GROUPS)
  if (groups.length === 0) return
  const someone = somebody(rights, context)
  if (!someone) return
  for (const right of groups) {
    const by = [right, someone]
    if (!isOwnStep(rights.subject, by)) continue
    if (right.names === undefined || right.names.includes(MASTERS))
      yield step('impersonate-group', rights, CONTROL_PLANE, by)
    for (const name of right.names ?? [])
      if (name !== MASTERS) yield step('impersonate-group', rights, idOf('Group', '', name), by)
  }
}

/** A right to be some user or service account, whoever it is. */
function somebody(rights: Rights, context: AccessContext): Right | undefined {
  const user = rights
    .in('', USERS)
    .find((right) => right.names === undefined || right.names.some((name) => !isAccountName(name)))
  if (user) return user
  for (const namespace of ['', ...rights.namespaces]) {
    const account = rights.in(namespace, ACCOUNTS)[0]
    if (account && context.scopes.namespaces.length > 0) return account
  }
  return undefined
}
