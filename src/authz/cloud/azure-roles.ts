import { roleKey } from '../../cluster/cloud/aks.ts'
import { decodeRole, type PolicyRule } from '../../cluster/rbac.ts'
import { EVERYTHING } from '../authorizers.ts'
import { bootstrapObjects } from '../bootstrap.ts'

/** Roles of Azure RBAC for Kubernetes, each the counterpart of a user-facing ClusterRole (Azure built-in roles, containers). */
const COUNTERPARTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['azure kubernetes service rbac reader', ['view']],
  ['azure kubernetes service rbac writer', ['view', 'edit']],
  ['azure kubernetes service rbac admin', ['view', 'edit', 'admin']],
])

/** The rules of a built-in role of Azure; undefined of one that says nothing of what an API server serves. */
export function azureRoleRules(role: string, minor: number): readonly PolicyRule[] | undefined {
  const name = roleKey(role)
  if (name === 'azure kubernetes service rbac cluster admin') return EVERYTHING
  const parts = COUNTERPARTS.get(name)?.map((each) => `system:aggregate-to-${each}`)
  return (
    parts &&
    bootstrapObjects(minor)
      .filter((object) => object.kind === 'ClusterRole' && parts.includes(object.name))
      .flatMap((object) => decodeRole(object, true).rules)
  )
}
