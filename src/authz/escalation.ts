import { at, field, isObject, type Json, list, object } from '../cluster/json.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { PolicyRule, Role } from '../cluster/rbac.ts'
import { authorize } from './authorize.ts'
import { EVERYTHING } from './authorizers.ts'
import { uncovered } from './covers.ts'
import type { RbacPolicy } from './policy.ts'
import type { Request, ResourceRequest } from './rules.ts'
import { MASTERS, type Requester, subjectIdsOf } from './subjects.ts'

/**
 * What the API server asks of whoever writes a role or a binding, besides the right to write it:
 * registry/rbac/escalation_check.go and registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased.
 * The same from 1.28 to 1.37.
 */
export type Escalation =
  | { readonly allowed: true; readonly by: Permit }
  | {
      readonly allowed: false
      /** `no-role`: the binding is of a role that does not exist, whose rights nobody can be shown to hold. */
      readonly why: 'not-held' | 'aggregation' | 'no-role'
      /** What is handed on and not held, each of one verb, group, resource and name, or one verb and URL. */
      readonly missing: readonly PolicyRule[]
    }

/** `unchanged`: of what was there, only what the garbage collector writes differs. */
export type Permit = 'system:masters' | 'escalate' | 'bind' | 'unchanged' | 'held'

/** What these checks ask about a requester. */
export interface Holder {
  readonly isMaster: boolean
  /** By any authorizer: `escalate` and `bind` may come from another than RBAC. */
  may(request: Request): boolean
  /** What RBAC gives it in a namespace (what holds everywhere included), or cluster-wide for ''. No other authorizer counts. */
  rulesIn(namespace: string): readonly PolicyRule[]
}

export function holderOf(
  policy: RbacPolicy,
  requester: Requester,
  may = (request: Request): boolean => authorize(policy, requester, request).allowed,
): Holder {
  return {
    isMaster: requester.groups.includes(MASTERS),
    may,
    rulesIn: (namespace) => rulesHeld(policy, requester, namespace),
  }
}

/** RulesFor of registry/rbac/validation/rule.go: the rules of each binding once, ClusterRoleBindings first. */
export function rulesHeld(policy: RbacPolicy, requester: Requester, namespace: string): readonly PolicyRule[] {
  const bound = new Set(subjectIdsOf(requester).flatMap((id) => policy.bindingsOf(id)))
  return [...bound]
    .filter((binding) => binding.kind === 'ClusterRoleBinding' || (namespace !== '' && binding.namespace === namespace))
    .sort((a, b) => policy.orderOf(a) - policy.orderOf(b))
    .flatMap((binding) => policy.roleOf(binding)?.rules ?? [])
}

export interface RoleWrite {
  readonly kind: Role['kind']
  /** Empty for a ClusterRole. */
  readonly namespace: string
  /** As the request has it: a POST has none, so that no `resourceNames` lets anyone escalate by it. */
  readonly name: string
  /** All rules that it will hold, not only those that are new. */
  readonly rules: readonly PolicyRule[]
  /** It has selectors of an aggregationRule, or had. */
  readonly aggregates?: boolean
  readonly unchanged?: boolean
}

const RBAC = 'rbac.authorization.k8s.io'

export function checkRole(holder: Holder, write: RoleWrite): Escalation {
  if (holder.isMaster) return { allowed: true, by: 'system:masters' }
  if (holder.may(escalateRequest(write))) return { allowed: true, by: 'escalate' }
  if (write.unchanged) return { allowed: true, by: 'unchanged' }
  const own = holder.rulesIn(write.namespace)
  const missing = uncovered(own, write.rules)
  if (missing.length > 0) return { allowed: false, why: 'not-held', missing }
  const beyond = write.aggregates ? uncovered(own, EVERYTHING) : []
  return beyond.length > 0 ? { allowed: false, why: 'aggregation', missing: beyond } : { allowed: true, by: 'held' }
}

export function escalateRequest({
  kind,
  namespace,
  name,
}: Pick<RoleWrite, 'kind' | 'namespace' | 'name'>): ResourceRequest {
  const resource = kind === 'Role' ? 'roles' : 'clusterroles'
  return { verb: 'escalate', group: RBAC, resource, subresource: '', namespace, name }
}

export interface BindingWrite {
  /** Empty for a ClusterRoleBinding. */
  readonly namespace: string
  readonly roleKind: string
  readonly roleName: string
  /** Of the role; undefined where it does not exist. */
  readonly rules: readonly PolicyRule[] | undefined
  readonly unchanged?: boolean
}

export function checkBinding(holder: Holder, write: BindingWrite): Escalation {
  if (holder.isMaster) return { allowed: true, by: 'system:masters' }
  if (write.unchanged) return { allowed: true, by: 'unchanged' }
  const bind = bindRequest(write)
  if (bind && holder.may(bind)) return { allowed: true, by: 'bind' }
  if (!write.rules) return { allowed: false, why: 'no-role', missing: [] }
  const missing = uncovered(holder.rulesIn(write.namespace), write.rules)
  return missing.length > 0 ? { allowed: false, why: 'not-held', missing } : { allowed: true, by: 'held' }
}

/** `bind` on the role, in the namespace of the binding and not of the role; undefined for a kind that is none. */
export function bindRequest({
  namespace,
  roleKind,
  roleName,
}: Omit<BindingWrite, 'rules'>): ResourceRequest | undefined {
  const resource = roleKind === 'Role' ? 'roles' : roleKind === 'ClusterRole' ? 'clusterroles' : undefined
  return resource && { verb: 'bind', group: RBAC, resource, subresource: '', namespace, name: roleName }
}

/** The selectors are what counts: an aggregationRule without any is none. */
export function aggregates(role: KubeObject | undefined): boolean {
  return list(at(role?.body, 'aggregationRule', 'clusterRoleSelectors')).length > 0
}

/** What the garbage collector, and bookkeeping, write: registry/rbac/helpers.go IsOnlyMutatingGCFields. */
const COLLECTED: ReadonlySet<string> = new Set(['ownerReferences', 'finalizers', 'selfLink', 'managedFields'])

/** Whether an update changes nothing else. Absent, null and empty are one, as in Kubernetes' semantic equality. */
export function isUnchanged(before: KubeObject, after: KubeObject): boolean {
  return equal(essence(before.body), essence(after.body))
}

function essence(body: Json): Json {
  if (!isObject(body)) return body
  const metadata = object(field(body, 'metadata'))
  const aggregation = field(body, 'aggregationRule')
  return {
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !COLLECTED.has(key))),
    rules: field(body, 'rules') ?? null,
    // The only pointer among the fields: there and empty is not absent.
    aggregationRule: isObject(aggregation) ? [aggregation] : null,
    subjects: field(body, 'subjects') ?? null,
    roleRef: field(body, 'roleRef') ?? null,
  }
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  return (
    typeof value === 'object' && Object.values(value).every(isEmpty) && (!Array.isArray(value) || value.length === 0)
  )
}

function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b)
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => equal(each, b[index]))
  if (isObject(a) && isObject(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].every((key) => equal(field(a, key), field(b, key)))
  }
  return a === b
}
