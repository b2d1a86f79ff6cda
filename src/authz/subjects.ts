import { idOf, idParts } from '../cluster/object.ts'

/** Who makes a request, as authentication tells the authorizers. */
export interface Requester {
  readonly user: string
  readonly groups: readonly string[]
}

export const MASTERS = 'system:masters'
export const AUTHENTICATED = 'system:authenticated'
export const UNAUTHENTICATED = 'system:unauthenticated'
export const ANONYMOUS = 'system:anonymous'
export const SERVICE_ACCOUNTS = 'system:serviceaccounts'
export const NODES = 'system:nodes'

const groupId = (name: string): string => idOf('Group', '', name)

/** The groups that authentication gives to a subject by what it is; a user's other groups are not in any object. */
export function implicitGroups(subject: string): readonly string[] {
  const { kind, namespace, name } = idParts(subject)
  if (kind === 'ServiceAccount') return [SERVICE_ACCOUNTS, `${SERVICE_ACCOUNTS}:${namespace}`, AUTHENTICATED]
  if (kind === 'User') {
    if (name === ANONYMOUS) return [UNAUTHENTICATED]
    return name.startsWith('system:node:') ? [NODES, AUTHENTICATED] : [AUTHENTICATED]
  }
  // A group is its members: all of them are authenticated but those of system:unauthenticated.
  if (kind !== 'Group' || name === UNAUTHENTICATED || name === AUTHENTICATED) return []
  return name.startsWith(`${SERVICE_ACCOUNTS}:`) ? [SERVICE_ACCOUNTS, AUTHENTICATED] : [AUTHENTICATED]
}

export function implicitGroupIds(subject: string): readonly string[] {
  return implicitGroups(subject).map(groupId)
}

/** The subject ids as which a requester is bound: the user (or service account) first, then each group. */
export function subjectIdsOf(requester: Requester): readonly string[] {
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(requester.user)
  const user = account
    ? idOf('ServiceAccount', account[1] as string, account[2] as string)
    : idOf('User', '', requester.user)
  return [user, ...requester.groups.map(groupId)]
}
