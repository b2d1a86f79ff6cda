import type { RbacPolicy } from '../../authz/policy.ts'
import type { Binding, Role } from '../../cluster/rbac.ts'
import { EVERY_NAMESPACE } from './rights.ts'

/** What of a policy stands in one place. */
export interface Local {
  readonly roles: readonly Role[]
  readonly bindings: readonly Binding[]
}

interface Draft {
  readonly roles: Role[]
  readonly bindings: Binding[]
}

const NONE: Local = { roles: [], bindings: [] }
const indices = new WeakMap<RbacPolicy, ReadonlyMap<string, Local>>()

/** The Roles and RoleBindings of a namespace, or of each; for '' the ClusterRoleBindings. */
export function localTo(policy: RbacPolicy, namespace: string): Local {
  const index = indices.get(policy) ?? indexed(policy)
  indices.set(policy, index)
  return index.get(namespace) ?? NONE
}

function indexed(policy: RbacPolicy): ReadonlyMap<string, Local> {
  const index = new Map<string, Draft>()
  const at = (place: string): Draft => {
    const known = index.get(place) ?? { roles: [], bindings: [] }
    index.set(place, known)
    return known
  }
  for (const role of policy.roles)
    if (role.kind === 'Role') for (const place of [role.namespace, EVERY_NAMESPACE]) at(place).roles.push(role)
  for (const binding of policy.bindings) {
    at(binding.namespace).bindings.push(binding)
    if (binding.namespace !== '') at(EVERY_NAMESPACE).bindings.push(binding)
  }
  return index
}
