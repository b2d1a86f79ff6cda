import { starMatches } from '../../../authz/cloud/glob.ts'
import { roleKey } from '../../../cluster/cloud/aks.ts'
import type { AzureAssignment, AzureExports, AzurePermission } from '../../../cluster/cloud/azure-exports.ts'
import type { Answer } from '../aws/answer.ts'
import { BUILT_IN } from './roles.ts'

export interface AzureOperation {
  readonly name: string
  /** Of data rather than of the resource that holds it. */
  readonly isData?: boolean
}

/**
 * Whether an assignment permits an operation below its scope: by the definition in an export, else by the table of built-in
 * roles; of another role `maybe`, and of an assignment with a condition at most.
 */
export function permits(
  { role, isConditional }: AzureAssignment,
  operation: AzureOperation,
  { definitions }: AzureExports,
): Answer {
  const permissions = permissionsOf(role, definitions)
  if (permissions === undefined) return 'maybe'
  if (!permissions.some((each) => holds(each, operation))) return 'no'
  return isConditional === true ? 'maybe' : 'yes'
}

/** What one entry takes away another of the same role may give (Azure RBAC, NotActions). */
export function holds(permission: AzurePermission, { name, isData }: AzureOperation): boolean {
  const asked = name.toLowerCase()
  const any = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => starMatches(pattern.toLowerCase(), asked))
  return isData === true
    ? any(permission.dataActions) && !any(permission.notDataActions)
    : any(permission.actions) && !any(permission.notActions)
}

function permissionsOf(role: string, definitions: AzureExports['definitions']): readonly AzurePermission[] | undefined {
  const key = roleKey(role)
  return definitions.get(key)?.permissions ?? BUILT_IN.get(key)
}

const API = 'microsoft.containerservice/managedclusters/'

/** Whether a role permits all that the API server of a cluster serves, or some of it; of a role that is not known `maybe`. */
export function servesApi(
  { role }: AzureAssignment,
  { definitions }: AzureExports,
): 'all' | 'some' | 'maybe' | undefined {
  const permissions = permissionsOf(role, definitions)
  return permissions === undefined ? 'maybe' : servedBy(permissions)
}

/** The same of permissions that are known. */
export function servedBy(permissions: readonly AzurePermission[]): 'all' | 'some' | undefined {
  const isAll = permissions.some(
    ({ dataActions, notDataActions }) =>
      notDataActions.length === 0 && dataActions.some((each) => starMatches(each.toLowerCase(), `${API}*`)),
  )
  if (isAll) return 'all'
  const isSome = permissions.some(({ dataActions }) => dataActions.some((each) => mayBeOfApi(each.toLowerCase())))
  return isSome ? 'some' : undefined
}

/** Up to its first star a pattern must agree with what operations on API servers begin with. */
function mayBeOfApi(pattern: string): boolean {
  const fixed = pattern.split('*', 1)[0] ?? ''
  return fixed.startsWith(API) || (pattern.includes('*') && API.startsWith(fixed))
}

/** Whether a role is neither described by an export nor in the table. */
export function isUntold({ role }: AzureAssignment, { definitions }: AzureExports): boolean {
  return permissionsOf(role, definitions) === undefined
}
