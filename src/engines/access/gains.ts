import type { RbacPolicy } from '../../authz/policy.ts'
import type { Role } from '../../cluster/rbac.ts'
import { type Held, holderOf, probe, type Right, type Rights } from './rights.ts'

/**
 * Roles that a subject can give itself (pkg/registry/rbac/{rolebinding,clusterrolebinding,role,clusterrole}/policybased):
 * by `bind` on a role and writing a binding, or by `escalate` and writing a role that is bound to it. Writing a binding
 * without `bind` gives nothing that is not held already, and `bind` alone writes nothing.
 */

const RBAC = 'rbac.authorization.k8s.io'
const ANY_ROLE = 'cluster-admin'

const BIND = { Role: probe('bind', RBAC, 'roles'), ClusterRole: probe('bind', RBAC, 'clusterroles') }
const ESCALATE = { Role: probe('escalate', RBAC, 'roles'), ClusterRole: probe('escalate', RBAC, 'clusterroles') }
const WRITE_ROLE = {
  Role: [probe('update', RBAC, 'roles'), probe('patch', RBAC, 'roles')],
  ClusterRole: [probe('update', RBAC, 'clusterroles'), probe('patch', RBAC, 'clusterroles')],
}
const CREATE_BINDING = {
  local: probe('create', RBAC, 'rolebindings'),
  global: probe('create', RBAC, 'clusterrolebindings'),
}
const WRITE_BINDING = {
  local: [probe('update', RBAC, 'rolebindings'), probe('patch', RBAC, 'rolebindings')],
  global: [probe('update', RBAC, 'clusterrolebindings'), probe('patch', RBAC, 'clusterrolebindings')],
}

export function gains(rights: Rights, policy: RbacPolicy): readonly Held[] {
  const found = new Map<string, Held>()
  for (const each of rights.held) found.set(keyOf(each), each)
  const known = found.size
  const add = (role: Role | undefined, namespace: string, by: readonly Right[]): void => {
    if (!role) return
    const held: Held = { role, namespace, holder: holderOf(rights.subject, by), by }
    // A role held everywhere is held in each namespace.
    if (!found.has(keyOf(held)) && !found.has(keyOf({ ...held, namespace: '' }))) found.set(keyOf(held), held)
  }
  for (const namespace of ['', ...rights.namespaces]) {
    bindable(rights, policy, namespace, add)
    writable(rights, policy, namespace, add)
  }
  return [...found.values()].slice(known)
}

function keyOf({ role, namespace }: Pick<Held, 'role' | 'namespace'>): string {
  return `${namespace} ${role.object.id}`
}

type Add = (role: Role | undefined, namespace: string, by: readonly Right[]) => void

function bindable(rights: Rights, policy: RbacPolicy, namespace: string, add: Add): void {
  const [create, write] =
    namespace === '' ? [CREATE_BINDING.global, WRITE_BINDING.global] : [CREATE_BINDING.local, WRITE_BINDING.local]
  const creating = rights.in(namespace, create).find((right) => right.names === undefined)
  const writing = rights.in(namespace, ...write)
  if (!creating && writing.length === 0) return
  for (const kind of ['ClusterRole', 'Role'] as const) {
    // A ClusterRoleBinding refers to a ClusterRole only.
    if (kind === 'Role' && namespace === '') continue
    for (const bind of rights.in(namespace, BIND[kind])) {
      const roles = bind.names
        ? bind.names.map((name) => policy.role(kind, kind === 'Role' ? namespace : '', name))
        : all(kind, namespace, policy)
      for (const role of roles) {
        const writer = creating ?? (role && existingBinding(role, namespace, writing, policy))
        if (writer) add(role, namespace, [bind, writer])
      }
    }
  }
}

/** With every role to choose from, the strongest says it all; a namespace's own Roles may be fewer. */
function all(kind: Role['kind'], namespace: string, policy: RbacPolicy): readonly (Role | undefined)[] {
  return kind === 'ClusterRole'
    ? [policy.role('ClusterRole', '', ANY_ROLE)]
    : policy.roles.filter((role) => role.kind === 'Role' && role.namespace === namespace)
}

/** A binding to this role whose subjects may be changed; its roleRef may not. */
function existingBinding(
  role: Role,
  namespace: string,
  writing: readonly Right[],
  policy: RbacPolicy,
): Right | undefined {
  const bindings = policy.bindings.filter(
    (each) => each.namespace === namespace && each.roleKind === role.kind && each.roleName === role.name,
  )
  return writing.find((right) => bindings.some((each) => right.names === undefined || right.names.includes(each.name)))
}

function writable(rights: Rights, policy: RbacPolicy, namespace: string, add: Add): void {
  const strongest = policy.role('ClusterRole', '', ANY_ROLE)
  for (const kind of ['ClusterRole', 'Role'] as const) {
    if (kind === 'ClusterRole' ? namespace !== '' : namespace === '') continue
    const escalating = rights.in(namespace, ESCALATE[kind])
    if (escalating.length === 0) continue
    const writing = rights.in(namespace, ...WRITE_ROLE[kind])
    for (const held of rights.held) {
      const { role } = held
      if (role.kind !== kind || role.namespace !== namespace) continue
      const allows = (right: Right): boolean => right.names === undefined || right.names.includes(role.name)
      const escalate = escalating.find(allows)
      const write = writing.find(allows)
      if (escalate && write) add(strongest, held.namespace, [escalate, write])
    }
  }
}
