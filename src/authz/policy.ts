import { selects } from '../cluster/labels.ts'
import type { KubeObject } from '../cluster/object.ts'
import {
  type Binding,
  decodeBinding,
  decodeRole,
  type PolicyRule,
  type Role,
  type Subject,
  subjectId,
} from '../cluster/rbac.ts'
import { bootstrapObjects } from './bootstrap.ts'

/** All roles and bindings that hold in a cluster: the input's, and the defaults of its version that the input lacks. */
export interface RbacPolicy {
  /** Of Kubernetes 1.x: which default roles hold, and what the API server asks besides. */
  readonly minor: number
  readonly roles: readonly Role[]
  readonly bindings: readonly Binding[]
  /** Undefined for a dangling reference, which grants nothing. */
  roleOf(binding: Binding): Role | undefined
  role(kind: Role['kind'], namespace: string, name: string): Role | undefined
  /** The authorizer asks ClusterRoleBindings first, then RoleBindings, in the order of the input. */
  orderOf(binding: Binding): number
  /** Bindings that name a subject directly, by the subject's node id, ClusterRoleBindings first. */
  bindingsOf(subject: string): readonly Binding[]
  /** The ids of all subjects that a binding names. */
  readonly subjects: ReadonlyMap<string, Subject>
}

export interface PolicyInput {
  readonly roles: readonly Role[]
  readonly bindings: readonly Binding[]
  readonly version: { readonly minor: number }
  /** False: nothing is assumed beyond the input. */
  readonly bootstrap?: boolean
}

export function rbacPolicy(input: PolicyInput): RbacPolicy {
  const roles = new Map<string, Role>()
  const bindings = new Map<string, Binding>()
  for (const role of input.roles) roles.set(role.object.id, role)
  for (const binding of input.bindings) bindings.set(binding.object.id, binding)
  if (input.bootstrap !== false)
    for (const object of bootstrapObjects(input.version.minor)) addAssumed(object, roles, bindings)
  for (const role of aggregated([...roles.values()])) roles.set(role.object.id, role)

  const roleOf = (binding: Binding): Role | undefined => {
    const role = roles.get(
      `${binding.roleKind}/${binding.roleKind === 'Role' ? binding.namespace : ''}/${binding.roleName}`,
    )
    // A ClusterRoleBinding to a Role is refused by the API server and resolves to nothing.
    return role && (role.kind === 'ClusterRole' || binding.kind === 'RoleBinding') ? role : undefined
  }
  const bySubject = new Map<string, Binding[]>()
  const subjects = new Map<string, Subject>()
  const ordered = [...bindings.values()].sort(
    (a, b) => Number(a.kind === 'RoleBinding') - Number(b.kind === 'RoleBinding'),
  )
  for (const binding of ordered) {
    for (const id of new Set(binding.subjects.map(subjectId))) {
      const own = bySubject.get(id)
      if (own) own.push(binding)
      else bySubject.set(id, [binding])
    }
    for (const subject of binding.subjects) subjects.set(subjectId(subject), subject)
  }
  const order = new Map(ordered.map((binding, index) => [binding, index]))
  return {
    minor: input.version.minor,
    roles: [...roles.values()],
    bindings: ordered,
    orderOf: (binding) => order.get(binding) ?? 0,
    roleOf,
    role: (kind, namespace, name) => roles.get(`${kind}/${namespace}/${name}`),
    bindingsOf: (subject) => bySubject.get(subject) ?? [],
    subjects,
  }
}

function addAssumed(object: KubeObject, roles: Map<string, Role>, bindings: Map<string, Binding>): void {
  if (object.kind.endsWith('Binding')) {
    if (!bindings.has(object.id)) bindings.set(object.id, decodeBinding(object, true))
  } else if (!roles.has(object.id)) {
    const role = decodeRole(object, true)
    // The sum is made here, since the input may add to it.
    roles.set(object.id, role.aggregation ? emptied(role) : role)
  }
}

/**
 * pkg/controller/clusterroleaggregation: the rules become those of the selected ClusterRoles in the order of their names,
 * each rule once, again and again until nothing changes. A snapshot holds the result; a manifest holds no rules, and the
 * sum is made here.
 */
export function aggregated(roles: readonly Role[]): Role[] {
  const rules = new Map<string, readonly PolicyRule[]>()
  const byName = roles
    .filter((role) => role.kind === 'ClusterRole')
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  for (const role of byName) rules.set(role.name, role.rules)
  const empty = byName.filter((role) => role.aggregation && role.rules.length === 0)
  for (let changed = true; changed; ) {
    changed = false
    for (const role of empty) {
      const sum = sumOf(role, byName, rules)
      // Rules are only ever added, so that a longer sum is a changed one.
      if (sum.length !== rules.get(role.name)?.length) changed = true
      rules.set(role.name, sum)
    }
  }
  return empty.map((role) => withRules(role, rules.get(role.name) ?? []))
}

/** What is written there is the sum for an empty cluster. */
function emptied(role: Role): Role {
  const known = empties.get(role.object) ?? { ...role, rules: [] }
  empties.set(role.object, known)
  return known
}

const empties = new WeakMap<KubeObject, Role>()

/** The same role for the same rules, so that what was found out of it need not be found again. */
function withRules(role: Role, rules: readonly PolicyRule[]): Role {
  const known = summed.get(role.object)
  const isSame = known?.rules.length === rules.length && rules.every((rule, at) => known.rules[at] === rule)
  if (known && isSame && known.assumed === role.assumed) return known
  const made = { ...role, rules }
  summed.set(role.object, made)
  return made
}

const summed = new WeakMap<KubeObject, Role>()

function sumOf(
  role: Role,
  byName: readonly Role[],
  rules: ReadonlyMap<string, readonly PolicyRule[]>,
): readonly PolicyRule[] {
  const sum = new Map<string, PolicyRule>()
  for (const selector of role.aggregation ?? []) {
    for (const other of byName) {
      if (other.name === role.name || !selects(selector, other.labels)) continue
      for (const rule of rules.get(other.name) ?? []) sum.set(JSON.stringify(rule), rule)
    }
  }
  return [...sum.values()]
}
