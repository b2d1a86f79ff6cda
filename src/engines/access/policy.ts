import { type RbacPolicy, rbacPolicy } from '../../authz/policy.ts'
import type { Cluster } from '../../cluster/cluster.ts'

const policies = new WeakMap<Cluster, RbacPolicy>()

/** The RBAC policy of a cluster, made once. */
export function policyOf(cluster: Cluster): RbacPolicy {
  const policy = policies.get(cluster) ?? rbacPolicy(cluster)
  policies.set(cluster, policy)
  return policy
}
