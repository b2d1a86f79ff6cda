import { uncovered } from '../authz/covers.ts'
import type { RbacPolicy } from '../authz/policy.ts'
import { implicitGroupIds } from '../authz/subjects.ts'
import { type Binding, type PolicyRule, type Role, subjectId } from '../cluster/rbac.ts'
import { bindingOf, rulesOf } from '../engines/access/used/held.ts'

/** A right that a subject held and no longer holds: one verb on one resource (or URL), of one name where it named any. */
export interface LostRight {
  readonly subject: string
  /** Empty: everywhere. */
  readonly namespace: string
  readonly right: PolicyRule
  /** That gave it. */
  readonly binding: Binding
}

/** Whether a binding gives a subject in one policy what it gives it in the other. */
export function givesTheSame(before: RbacPolicy, after: RbacPolicy, binding: Binding, subject: string): boolean {
  const kept = bindingOf(after, binding.object.id)
  return (
    kept !== undefined &&
    (kept.object.body === binding.object.body || kept.subjects.some((each) => subjectId(each) === subject)) &&
    equalRules(before.roleOf(binding), after.roleOf(kept))
  )
}

const texts = new WeakMap<Role, string>()

function textOf(role: Role): string {
  const known = texts.get(role) ?? JSON.stringify(role.rules)
  texts.set(role, known)
  return known
}

/** What a role that sums up others holds is not written in it. */
function equalRules(a: Role | undefined, b: Role | undefined): boolean {
  if (a === b) return true
  if (!a || !b) return false
  return (a.object.body === b.object.body && !a.aggregation) || textOf(a) === textOf(b)
}

/**
 * Subjects that a binding gives less than it did, each with the rights that nothing else gives it: none, where another
 * binding grants the same.
 */
export function lostRights(before: RbacPolicy, after: RbacPolicy): ReadonlyMap<string, readonly LostRight[]> {
  const lost = new Map<string, LostRight[]>()
  if (before === after) return lost
  for (const binding of before.bindings) {
    const role = before.roleOf(binding)
    if (!role) continue
    for (const subject of new Set(binding.subjects.map(subjectId))) {
      if (givesTheSame(before, after, binding, subject)) continue
      const own = rulesOf(after, [subject, ...implicitGroupIds(subject)], binding.namespace)
      const rights = uncovered(own, role.rules.map(split)).map((right) => ({
        subject,
        namespace: binding.namespace,
        right,
        binding,
      }))
      lost.set(subject, [...(lost.get(subject) ?? []), ...rights])
    }
  }
  return lost
}

const STANDARD = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** Verbs that only mean something for certain resources. */
const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  roles: ['escalate', 'bind'],
  clusterroles: ['escalate', 'bind'],
  users: ['impersonate'],
  groups: ['impersonate'],
  serviceaccounts: ['impersonate'],
  signers: ['approve', 'sign', 'attest'],
  podsecuritypolicies: ['use'],
  securitycontextconstraints: ['use'],
}

/** Every verb is infinitely many; these are the ones that Kubernetes asks about. */
function split(rule: PolicyRule): PolicyRule {
  if (!rule.verbs.includes('*')) return rule
  const named = rule.resources.flatMap((each) => (Object.hasOwn(SPECIAL, each) ? (SPECIAL[each] as string[]) : []))
  return { ...rule, verbs: [...new Set([...rule.verbs.filter((verb) => verb !== '*'), ...STANDARD, ...named])] }
}

/** For people: `get secrets`, `list pods.metrics.k8s.io`, `get /metrics`. */
export function formatRight({ verbs, apiGroups, resources, nonResourceURLs }: PolicyRule): string {
  const [verb = ''] = verbs
  const [url] = nonResourceURLs
  if (url !== undefined) return `${verb} ${url}`
  const [group = ''] = apiGroups
  const [resource = ''] = resources
  return `${verb} ${resource === '*' ? 'every resource' : resource}${group === '' || group === '*' ? '' : `.${group}`}`
}

/** What one account could do and the one that takes its place cannot. */
export function lostByMove(before: RbacPolicy, after: RbacPolicy, from: string, to: string): readonly LostRight[] {
  const ids = [to, ...implicitGroupIds(to)]
  return [from, ...implicitGroupIds(from)].flatMap((id) =>
    before
      .bindingsOf(id)
      .flatMap((binding) =>
        uncovered(rulesOf(after, ids, binding.namespace), (before.roleOf(binding)?.rules ?? []).map(split)).map(
          (right) => ({ subject: from, namespace: binding.namespace, right, binding }),
        ),
      ),
  )
}
