import type { Binding, Role, Subject } from '../cluster/rbac.ts'
import { subjectId } from '../cluster/rbac.ts'
import type { RbacPolicy } from './policy.ts'
import { quoted } from './quoted.ts'
import { isUrlRequest, type Request, ruleAllows } from './rules.ts'
import { MASTERS, type Requester, subjectIdsOf } from './subjects.ts'

/** The binding, rule and subject that allowed a request. */
export interface Grant {
  readonly binding: Binding
  readonly role: Role
  readonly rule: number
  readonly subject: Subject
}

export type Decision =
  | { readonly allowed: true; readonly by: Grant | 'system:masters'; readonly reason: string }
  | { readonly allowed: false; readonly dangling: readonly Binding[] }

/**
 * As the API server decides: `system:masters` is allowed by an authorizer of its own (privilegedGroups) before RBAC is
 * asked, so that no binding can take it away.
 */
export function authorize(policy: RbacPolicy, requester: Requester, request: Request): Decision {
  if (requester.groups.includes(MASTERS)) return { allowed: true, by: 'system:masters', reason: '' }
  return authorizeByRbac(policy, requester, request)
}

/**
 * plugin/pkg/auth/authorizer/rbac: ClusterRoleBindings first, then the RoleBindings of the request's namespace, in the
 * order given; the first rule that allows decides, nothing denies. A dangling binding is remembered and passed over.
 */
export function authorizeByRbac(policy: RbacPolicy, requester: Requester, request: Request): Decision {
  const ids = new Set(subjectIdsOf(requester))
  const namespace = isUrlRequest(request) ? '' : request.namespace
  const dangling: Binding[] = []
  for (const grant of grants(policy, ids, namespace, dangling)) {
    const rule = grant.role.rules.findIndex((each) => ruleAllows(each, request))
    if (rule >= 0) return { allowed: true, by: { ...grant, rule }, reason: reasonOf(grant) }
  }
  return { allowed: false, dangling }
}

/**
 * Every grant of a request, the one that decides first: by binding in the authorizer's order, then by rule, then by the
 * subjects that the binding names the requester as.
 */
export function grantsByRbac(policy: RbacPolicy, requester: Requester, request: Request): readonly Grant[] {
  const ids = new Set(subjectIdsOf(requester))
  const namespace = isUrlRequest(request) ? '' : request.namespace
  const found: Grant[] = []
  for (const { binding, role } of grants(policy, ids, namespace, [])) {
    const subjects = namedAs(binding, ids)
    for (const [rule, each] of role.rules.entries())
      if (ruleAllows(each, request)) for (const subject of subjects) found.push({ binding, role, rule, subject })
  }
  return found
}

/** The subjects of a binding that are one of these ids, each text once. */
export function namedAs(binding: Binding, ids: ReadonlySet<string>): readonly Subject[] {
  const found = new Map<string, Subject>()
  for (const subject of binding.subjects)
    if (ids.has(subjectId(subject))) found.set(`${subject.kind}/${subject.namespace}/${subject.name}`, subject)
  return [...found.values()]
}

type RoleGrant = Omit<Grant, 'rule'>

function* grants(
  policy: RbacPolicy,
  ids: ReadonlySet<string>,
  namespace: string,
  dangling: Binding[],
): Generator<RoleGrant> {
  const bound = new Set([...ids].flatMap((id) => policy.bindingsOf(id)))
  const applying = [...bound].filter(
    (binding) => binding.kind === 'ClusterRoleBinding' || (namespace !== '' && binding.namespace === namespace),
  )
  for (const binding of applying.sort((a, b) => policy.orderOf(a) - policy.orderOf(b))) {
    const role = policy.roleOf(binding)
    const subject = binding.subjects.find((each) => ids.has(subjectId(each))) as Subject
    if (role) yield { binding, role, subject }
    else dangling.push(binding)
  }
}

/** clusterRoleBindingDescriber and roleBindingDescriber of registry/rbac/validation/rule.go: names stand as `name/namespace`. */
export function reasonOf({ binding, subject }: RoleGrant): string {
  const place =
    binding.kind === 'RoleBinding'
      ? `RoleBinding ${quoted(`${binding.name}/${binding.namespace}`)}`
      : `ClusterRoleBinding ${quoted(binding.name)}`
  const whom =
    subject.kind === 'ServiceAccount'
      ? `ServiceAccount ${quoted(`${subject.name}/${subject.namespace}`)}`
      : `${subject.kind} ${quoted(subject.name)}`
  return `RBAC: allowed by ${place} of ${binding.roleKind} ${quoted(binding.roleName)} to ${whom}`
}
