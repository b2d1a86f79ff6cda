import { starMatches } from '../../../authz/cloud/glob.ts'
import type { AzureAssignment, AzureExports, AzurePermission } from '../../../cluster/cloud/exports.ts'
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
  const name = role.toLowerCase()
  // Forms name a role by its name, or by its id, of which the last part is the same in every subscription.
  const permissions = definitions.get(name)?.permissions ?? BUILT_IN.get(name)
  if (permissions === undefined) return 'maybe'
  if (!permissions.some((each) => holds(each, operation))) return 'no'
  return isConditional === true ? 'maybe' : 'yes'
}

/** What one entry takes away another of the same role may give (Azure RBAC, NotActions). */
function holds(permission: AzurePermission, { name, isData }: AzureOperation): boolean {
  const asked = name.toLowerCase()
  const any = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => starMatches(pattern.toLowerCase(), asked))
  return isData === true
    ? any(permission.dataActions) && !any(permission.notDataActions)
    : any(permission.actions) && !any(permission.notActions)
}

/** Whether a role is neither described by an export nor in the table. */
export function isUntold({ role }: AzureAssignment, { definitions }: AzureExports): boolean {
  return !definitions.has(role.toLowerCase()) && !BUILT_IN.has(role.toLowerCase())
}
