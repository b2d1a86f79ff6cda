import type { RbacPolicy } from '../../../authz/policy.ts'
import type { Binding, PolicyRule } from '../../../cluster/rbac.ts'

const byId = new WeakMap<RbacPolicy, ReadonlyMap<string, Binding>>()

export function bindingOf(policy: RbacPolicy, id: string): Binding | undefined {
  let known = byId.get(policy)
  if (!known) {
    known = new Map(policy.bindings.map((binding) => [binding.object.id, binding]))
    byId.set(policy, known)
  }
  return known.get(id)
}

/** All rules that bindings of these ids give in a namespace (everywhere, for ''). */
export function rulesOf(policy: RbacPolicy, ids: readonly string[], namespace: string): readonly PolicyRule[] {
  return ids.flatMap((id) =>
    policy
      .bindingsOf(id)
      .filter((binding) => binding.kind === 'ClusterRoleBinding' || binding.namespace === namespace)
      .flatMap((binding) => policy.roleOf(binding)?.rules ?? []),
  )
}
