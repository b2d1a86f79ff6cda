import { bootstrapObjects, isDefaultBinding } from '../../authz/bootstrap.ts'
import type { RbacPolicy } from '../../authz/policy.ts'
import { ruleAllows } from '../../authz/rules.ts'
import { selects } from '../../cluster/labels.ts'
import { type KubeObject, labelsOf } from '../../cluster/object.ts'
import type { Binding, Role } from '../../cluster/rbac.ts'
import type { Edge } from '../../engines/engine.ts'
import type { FixContext, UsedRight } from '../fix.ts'

/** The RBAC objects that control edges rest on: a fix of any other cuts nothing. */
export interface Evidence {
  /** Of each role the rules, by index, with what of each the edges say that it allows. */
  readonly roles: ReadonlyMap<string, ReadonlyMap<number, readonly string[]>>
  /** Of each binding the subjects, by index. */
  readonly bindings: ReadonlyMap<string, ReadonlySet<number>>
}

const found = new WeakMap<readonly Edge[], Evidence>()

export function evidenceOf({ edges }: FixContext): Evidence {
  const known = found.get(edges)
  if (known) return known
  const roles = new Map<string, Map<number, Set<string>>>()
  const bindings = new Map<string, Set<number>>()
  for (const { chance, because } of edges) {
    if (chance !== 1) continue
    for (const { object, path, text } of because) {
      if (object?.group !== 'rbac.authorization.k8s.io' || path === undefined) continue
      const [key, index] = path
      if (key === 'rules' && typeof index === 'number') {
        const rules = roles.get(object.id) ?? new Map<number, Set<string>>()
        roles.set(object.id, rules.set(index, (rules.get(index) ?? new Set()).add(text)))
      } else if (key === 'subjects' && typeof index === 'number') {
        bindings.set(object.id, (bindings.get(object.id) ?? new Set()).add(index))
      } else if (key === 'roleRef') bindings.set(object.id, bindings.get(object.id) ?? new Set())
    }
  }
  const made: Evidence = {
    roles: new Map([...roles].map(([id, rules]) => [id, new Map([...rules].map(([at, texts]) => [at, [...texts]]))])),
    bindings,
  }
  found.set(edges, made)
  return made
}

/** Bindings of the input that an edge rests on, in the order of their ids; none that the API server or an addon manager makes. */
export function bindingsToFix(context: FixContext): readonly { readonly binding: Binding; readonly role: Role }[] {
  const { cluster, policy } = context
  const { bindings } = evidenceOf(context)
  return inOrder(cluster.bindings).flatMap((binding) => {
    if (!bindings.has(binding.object.id) || isDefaultBinding(binding, cluster.version.minor)) return []
    if (isRestored(binding.object)) return []
    const role = policy.roleOf(binding)
    return role && (role.rules.length > 0 || role.aggregation) ? [{ binding, role }] : []
  })
}

/** What a controller makes of another object, or an addon manager (kubeadm's and kube-up's, or that of k3s and Rancher) from its own manifests, again and again. */
export function isRestored({ body, made }: KubeObject): boolean {
  const labels = labelsOf(body)
  return (
    made !== undefined ||
    labels.has('objectset.rio.cattle.io/hash') ||
    labels.get('addonmanager.kubernetes.io/mode') === 'Reconcile'
  )
}

const defaultRoles = new Map<number, ReadonlySet<string>>()

/**
 * Roles of the input that an edge rests on. Not those whose rules a controller writes, nor those that feed such a role,
 * whose holders are others; nor the defaults, which the API server restores when it starts (auto-reconciliation).
 */
export function rolesToFix(context: FixContext): readonly Role[] {
  const { cluster, policy } = context
  const minor = cluster.version.minor
  const defaults = defaultRoles.get(minor) ?? new Set(bootstrapObjects(minor).map(({ id }) => id))
  defaultRoles.set(minor, defaults)
  const aggregating = policy.roles.flatMap(({ aggregation }) => aggregation ?? [])
  const { roles } = evidenceOf(context)
  return inOrder(cluster.roles).filter(
    (role) =>
      roles.has(role.object.id) &&
      !role.aggregation &&
      !defaults.has(role.object.id) &&
      !isRestored(role.object) &&
      !(role.kind === 'ClusterRole' && aggregating.some((selector) => selects(selector, role.labels))),
  )
}

function inOrder<T extends Binding | Role>(all: readonly T[]): readonly T[] {
  return [...all].sort((a, b) => (a.object.id < b.object.id ? -1 : 1))
}

const holders = new WeakMap<RbacPolicy, ReadonlyMap<string, readonly Binding[]>>()

/** The bindings that give a role. */
export function bindingsOf(policy: RbacPolicy, role: Role): readonly Binding[] {
  const known = holders.get(policy) ?? Map.groupBy(policy.bindings, (each) => policy.roleOf(each)?.object.id ?? '')
  holders.set(policy, known)
  return known.get(role.object.id) ?? []
}

/** Whether a binding to a role gives a right that was used. */
export function gives(binding: Binding, role: Role, right: UsedRight): boolean {
  return isInScope(binding, right) && role.rules.some((rule) => ruleAllows(rule, requestOf(right)))
}

/** RoleBindings give nothing outside their namespace, and no URL. */
export function isInScope(binding: Binding, right: UsedRight): boolean {
  if (binding.kind === 'ClusterRoleBinding') return true
  return right.resource !== '' && right.namespace === binding.namespace
}

export function requestOf(right: UsedRight): Parameters<typeof ruleAllows>[1] {
  if (right.resource === '') return { verb: right.verb, path: right.path }
  const { verb, group, resource, subresource, namespace, name } = right
  return { verb, group, resource, subresource, namespace, name }
}

export function nameOf(object: { readonly namespace: string; readonly name: string }): string {
  return object.namespace === '' ? object.name : `${object.namespace}/${object.name}`
}
