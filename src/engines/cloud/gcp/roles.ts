import type { Answer } from '../aws/answer.ts'
import { answerOf } from '../aws/answer.ts'
import data from './roles.json' with { type: 'json' }

/** Permissions of a role that the project or organisation made, by its full name. */
export type CustomRoles = ReadonlyMap<string, readonly string[]>

const ROLES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(Object.entries(data.roles))
const made = new Map<string, readonly string[]>()

function predefined(role: string): readonly string[] | undefined {
  const known = made.get(role)
  if (known !== undefined) return known
  const written = ROLES.get(role)
  if (written === undefined) return undefined
  const permissions = Object.entries(written).flatMap(([of, verbs]) => verbs.split(' ').map((verb) => `${of}.${verb}`))
  made.set(role, permissions)
  return permissions
}

/**
 * The basic roles hold thousands of permissions; of these those of clusters are in the table, under the role that has the
 * same ones. A service account that one of them names acts as them besides.
 */
const BASIC: ReadonlyMap<string, { readonly like: string; readonly also: readonly string[] }> = new Map([
  [
    'roles/owner',
    {
      like: 'roles/container.admin',
      also: ['resourcemanager.projects.setIamPolicy', 'iam.serviceAccounts.actAs', 'iam.serviceAccounts.setIamPolicy'],
    },
  ],
  ['roles/editor', { like: 'roles/container.developer', also: ['iam.serviceAccounts.actAs'] }],
  ['roles/viewer', { like: 'roles/container.viewer', also: [] }],
])

/**
 * The permissions that a role surely holds: of an export, or of the table of predefined roles. Undefined for a role that
 * is in neither. Of the basic roles only permissions of clusters and service accounts are told.
 */
export function permissionsOf(role: string, custom?: CustomRoles): readonly string[] | undefined {
  const own = custom?.get(role) ?? predefined(role)
  if (own !== undefined) return own
  const basic = BASIC.get(role)
  return basic && [...(predefined(basic.like) ?? []), ...basic.also]
}

/** Whether a role holds a permission. Of a role that is not known, and of what a basic role may hold besides, `maybe`. */
export function grants(role: string, permission: string, custom?: CustomRoles): Answer {
  const permissions = permissionsOf(role, custom)
  if (permissions === undefined) return 'maybe'
  if (permissions.includes(permission)) return 'yes'
  return BASIC.has(role) && custom?.get(role) === undefined ? 'maybe' : answerOf(false)
}

/**
 * The same, where a role that is not known is not thought to hold anything: a predefined role is named after its service
 * and holds permissions of that one, unless it is one of an agent of Google’s; `viewer` changes nothing.
 */
export function mayGrant(role: string, permission: string, custom?: CustomRoles): Answer {
  const answer = grants(role, permission, custom)
  if (answer !== 'maybe') return answer
  if (role === 'roles/viewer') return 'no'
  const [, service] = /^roles\/([a-z0-9]{1,60})\.(?!.*[aA]gent)/.exec(role) ?? []
  return service === undefined || permission.startsWith(`${service}.`) ? 'maybe' : 'no'
}
