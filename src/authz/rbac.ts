import { type Because, because } from '../cluster/because.ts'
import { type Binding, type PolicyRule, type Role, type Subject, subjectId } from '../cluster/rbac.ts'
import { type Grant, grantsByRbac, namedAs } from './authorize.ts'
import type { Asked, Authorizer, Granted } from './authorizers.ts'
import type { RbacPolicy } from './policy.ts'
import { isUrlRequest, type Request, ruleAllows } from './rules.ts'
import { type Requester, subjectIdsOf } from './subjects.ts'

/** RBAC as one of the authorizers; each of its grants knows its binding. */
export function rbacAuthorizer(policy: RbacPolicy): Authorizer {
  return {
    name: 'RBAC',
    grants: (requester, request) => grantsByRbac(policy, requester, request).map((grant) => granted(grant)),
    holders: (asked) => holders(policy, asked),
    rulesFor: (requester, namespace) => rulesFor(policy, requester, namespace),
  }
}

/** `part`: of the rule, what counts where it grants both resources and URLs. */
function granted(grant: Grant, part?: PolicyRule): Granted {
  const { binding, role, rule, subject } = grant
  return {
    authorizer: 'RBAC',
    subject,
    namespace: binding.namespace,
    rule: part ?? (role.rules[rule] as PolicyRule),
    grant,
    get because() {
      return becauseOf(grant)
    },
  }
}

/** The rules of an aggregated ClusterRole are those of others: its selectors are all that is written in it. */
export function becauseOf({ binding, role, rule }: Omit<Grant, 'subject'>): readonly Because[] {
  const path = role.aggregation ? ['aggregationRule'] : ['rules', rule]
  return [
    because(`${binding.kind} ${binding.name}`, binding.object, ['roleRef']),
    because(`a rule of ${role.kind} ${role.name}`, role.object, path),
  ]
}

/** One pass over the bindings; a role is matched once, however many bindings refer to it. */
function* holders(policy: RbacPolicy, { request, each }: Asked): Generator<Granted> {
  const ruleOf = firstRule(request)
  const isUrl = isUrlRequest(request)
  for (const binding of policy.bindings) {
    if (binding.kind === 'RoleBinding') {
      if (isUrl) return
      if (each === undefined && binding.namespace !== request.namespace) continue
    }
    const role = policy.roleOf(binding)
    if (!role) continue
    const rule =
      each === 'name' && binding.kind === 'RoleBinding' && !isUrl
        ? role.rules.findIndex((one) => ruleAllows(one, { ...request, name: binding.namespace }))
        : ruleOf(role)
    if (rule < 0) continue
    for (const subject of distinct(binding)) yield granted({ binding, role, rule, subject })
  }
}

function firstRule(request: Request): (role: Role) => number {
  const known = new Map<Role, number>()
  return (role) => {
    let rule = known.get(role)
    if (rule === undefined) {
      rule = role.rules.findIndex((each) => ruleAllows(each, request))
      known.set(role, rule)
    }
    return rule
  }
}

function distinct(binding: Binding): readonly Subject[] {
  return binding.subjects.length < 2 ? binding.subjects : namedAs(binding, new Set(binding.subjects.map(subjectId)))
}

/** Rules on URLs hold by ClusterRoleBindings alone: a request for a URL is in no namespace. */
function* rulesFor(policy: RbacPolicy, requester: Requester, namespace: string | undefined): Generator<Granted> {
  const ids = new Set(subjectIdsOf(requester))
  const bound = new Set([...ids].flatMap((id) => policy.bindingsOf(id)))
  for (const binding of [...bound].sort((a, b) => policy.orderOf(a) - policy.orderOf(b))) {
    const isLocal = binding.kind === 'RoleBinding'
    if (isLocal && namespace !== undefined && binding.namespace !== namespace) continue
    const role = policy.roleOf(binding)
    if (!role) continue
    const subjects = namedAs(binding, ids)
    for (const [index, rule] of role.rules.entries()) {
      const parts = [
        ...(rule.apiGroups.length > 0 && rule.resources.length > 0 ? [{ ...rule, nonResourceURLs: [] }] : []),
        ...(rule.nonResourceURLs.length > 0 && !isLocal
          ? [{ ...rule, apiGroups: [], resources: [], resourceNames: [] }]
          : []),
      ]
      if (rule.verbs.length === 0) continue
      for (const part of parts)
        for (const subject of subjects) yield granted({ binding, role, rule: index, subject }, part)
    }
  }
}
