import type { RbacPolicy } from '../../../authz/policy.ts'
import { ruleGrants } from '../../../authz/rules.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import { subjectText } from '../../../cluster/subject-text.ts'

const FEW = 5
const known = new WeakMap<RbacPolicy, Map<string, string>>()

/** Who may create a service account in a namespace, in words; those that Kubernetes itself lets are not told. */
export function creatorsOf(policy: RbacPolicy, namespace: string): string {
  const ofPolicy = known.get(policy) ?? new Map<string, string>()
  known.set(policy, ofPolicy)
  const told = ofPolicy.get(namespace) ?? text(policy, namespace)
  ofPolicy.set(namespace, told)
  return told
}

function text(policy: RbacPolicy, namespace: string): string {
  const found = new Map<string, string>()
  for (const binding of policy.bindings) {
    if (binding.assumed || (binding.kind === 'RoleBinding' && binding.namespace !== namespace)) continue
    const role = policy.roleOf(binding)
    if (!role?.rules.some((rule) => ruleGrants(rule, 'create', '', 'serviceaccounts', ''))) continue
    for (const subject of binding.subjects) found.set(subjectId(subject), subjectText(subject))
  }
  const names = [...found.values()].sort()
  if (names.length === 0) return 'by the bindings of the input nobody may, but members of system:masters'
  return `${names.slice(0, FEW).join(', ')}${names.length > FEW ? ` and ${names.length - FEW} more` : ''} may`
}
