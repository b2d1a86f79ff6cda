import { isDefaultBinding } from '../../../authz/bootstrap.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Binding, PolicyRule, Role } from '../../../cluster/rbac.ts'
import type { Check, Join, Verdict } from '../../check.ts'
import { failed, passed, undecided } from '../../verdict.ts'
import { policyOf } from '../policy.ts'

/** What a rule gives, in words that follow "may"; undefined where it gives none of what the check is about. */
export type Power = (rule: PolicyRule) => string | undefined

/** A check of bindings by what the role that they refer to allows. */
export function bindingJoin(check: Check, isAbout: (binding: Binding) => boolean, power: Power): Join {
  return {
    check,
    *verdicts(cluster) {
      const known = new Map<Role, Found | undefined>()
      for (const binding of cluster.bindings)
        if (isAbout(binding)) yield verdict(cluster, check, binding, (role) => once(known, role, power))
    },
  }
}

interface Found {
  readonly rule: number
  readonly says: string
}

function once(known: Map<Role, Found | undefined>, role: Role, power: Power): Found | undefined {
  if (known.has(role)) return known.get(role)
  const found = firstOf(role, power)
  known.set(role, found)
  return found
}

export function firstOf(role: Role, power: Power): Found | undefined {
  for (const [rule, each] of role.rules.entries()) {
    const says = power(each)
    if (says !== undefined) return { rule, says }
  }
  return undefined
}

function verdict(cluster: Cluster, check: Check, binding: Binding, find: (role: Role) => Found | undefined): Verdict {
  const { object } = binding
  // Nobody is named, so nothing is given; what Kubernetes makes itself is known by its content.
  if (binding.subjects.length === 0 || isDefaultBinding(binding, cluster.version.minor)) return passed(check, object)
  const role = policyOf(cluster).roleOf(binding)
  if (!role) {
    if (grantsNothing(cluster, binding)) return passed(check, object)
    const missing = `${binding.roleKind} ${binding.roleName} is not in the input`
    return undecided(check, object, missing, [because(missing, object, ROLE_REF)], ROLE_REF)
  }
  const found = find(role)
  if (found) {
    const whom = binding.subjects.map(({ kind, namespace, name }) =>
      namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`,
    )
    const message = `${role.kind} ${role.name} lets ${whom[0]}${whom.length > 1 ? ` and ${whom.length - 1} more` : ''} ${found.says}`
    return failed(check, object, message, [because('gives it', object, ROLE_REF), whyRole(role, found.rule)], ROLE_REF)
  }
  if (!isSummed(cluster, role)) {
    const message = `${role.kind} ${role.name} is the sum of roles that are not in the input`
    return undecided(check, object, message, [because(message, role.object, ['aggregationRule'])], ROLE_REF)
  }
  return passed(check, object)
}

const ROLE_REF = ['roleRef'] as const

export function whyRole(role: Role, rule: number): ReturnType<typeof because> {
  const assumed = role.assumed ? ' (the default of this version)' : ''
  return because(
    `a rule of ${role.kind} ${role.name}${assumed}`,
    role.object,
    role.aggregation ? ['aggregationRule'] : ['rules', rule],
  )
}

/** Of a binding whose role is not in the input: whether that says that there is none. */
export function grantsNothing(cluster: Cluster, { kind, roleKind }: Binding): boolean {
  // The API server refuses a ClusterRoleBinding to a Role, and roles of any other kind.
  if (roleKind !== 'ClusterRole' && (roleKind !== 'Role' || kind === 'ClusterRoleBinding')) return true
  return cluster.wasListed(roleKind)
}

/** Whether all that is added to an aggregated role is known: those of Kubernetes itself are taken for their defaults. */
export function isSummed(cluster: Cluster, role: Role): boolean {
  return !role.aggregation || role.assumed || role.rules.length > 0 || cluster.wasListed('ClusterRole')
}
