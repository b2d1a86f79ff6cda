import type { RbacPolicy } from '../../authz/policy.ts'
import type { Role } from '../../cluster/rbac.ts'
import { makesRole, strongest, writable } from './escalations.ts'
import { type Gained, gainedBy } from './gained.ts'
import { localTo } from './local.ts'
import { posesToWrite } from './posing.ts'
import { probe } from './probe.ts'
import { allows, EVERY_NAMESPACE, type Held, including, isOwnStep, type Right, type Rights } from './rights.ts'

/**
 * Roles that a subject can give itself (pkg/registry/rbac/{rolebinding,clusterrolebinding,role,clusterrole}/policybased):
 * by `bind` on a role and writing a binding, or by `escalate` and writing a role that a binding refers to. Writing a
 * binding without `bind` gives nothing that is not held already, and `bind` alone writes nothing.
 */

const RBAC = 'rbac.authorization.k8s.io'
const ANY_ROLE = 'cluster-admin'

const BIND = { Role: probe('bind', RBAC, 'roles'), ClusterRole: probe('bind', RBAC, 'clusterroles') }
const CREATE_BINDING = {
  local: probe('create', RBAC, 'rolebindings'),
  global: probe('create', RBAC, 'clusterrolebindings'),
}
const WRITE_BINDING = {
  local: [probe('update', RBAC, 'rolebindings'), probe('patch', RBAC, 'rolebindings')],
  global: [probe('update', RBAC, 'clusterrolebindings'), probe('patch', RBAC, 'clusterrolebindings')],
}

/** By which one right a subject can be another, if it can. */
export type Become = (rights: Rights, other: string) => Right | undefined

export function gains(rights: Rights, policy: RbacPolicy, become: Become): readonly Held[] {
  const gained = gainedBy(rights)
  for (const namespace of new Set(['', EVERY_NAMESPACE, ...rights.namespaces])) {
    if (gained.isAll(namespace)) continue
    bindable(rights, policy, namespace, gained)
    writable(rights, policy, namespace, become, gained)
  }
  return gained.found
}

/** What a subject gives itself as another that it poses as: by rights of the other, and of what the other holds itself. */
export function gainsByPosing(rights: Rights, policy: RbacPolicy, become: Become): readonly Held[] {
  const gained = gainedBy(rights)
  for (const { rights: posed, persona } of posesToWrite(rights, policy)) {
    for (const namespace of new Set(['', EVERY_NAMESPACE, ...posed.namespaces])) {
      if (gained.isAll(namespace)) continue
      bindable(posed, policy, namespace, gained)
      writable(posed, policy, namespace, become, gained)
      const where = namespace === '' ? 'global' : 'local'
      const created = posed.in(namespace, CREATE_BINDING[where]).find((right) => right.names === undefined)
      // Of a Role of one namespace no other gets anything.
      for (const { role, namespace: place } of created ? persona : [])
        if (created && including(namespace).includes(place) && (role.kind === 'ClusterRole' || place === namespace))
          gained.add(role, namespace, [created])
    }
  }
  return gained.found
}

function bindable(rights: Rights, policy: RbacPolicy, namespace: string, gained: Gained): void {
  const where = namespace === '' ? 'global' : 'local'
  const creating = rights.in(namespace, CREATE_BINDING[where]).find((right) => right.names === undefined)
  const writing = creating ? [] : rights.in(namespace, ...WRITE_BINDING[where])
  if (!creating && writing.length === 0) return
  for (const kind of ['ClusterRole', 'Role'] as const) {
    // A ClusterRoleBinding refers to a ClusterRole only.
    if (kind === 'Role' && namespace === '') continue
    for (const bind of rights.in(namespace, BIND[kind])) {
      if (creating) bindNew(rights, policy, kind, namespace, [bind, creating], gained)
      else bindWritten(rights, policy, kind, namespace, bind, writing, gained)
    }
  }
}

function bindNew(
  rights: Rights,
  policy: RbacPolicy,
  kind: Role['kind'],
  namespace: string,
  by: readonly [bind: Right, create: Right],
  gained: Gained,
): void {
  for (const role of isRepeated(rights, kind, namespace, by) ? [] : choices(kind, namespace, by[0], policy))
    gained.add(role, kind === 'Role' ? role.namespace : namespace, by)
  const making = kind === 'Role' && by[0].names === undefined ? makesRole(rights, kind, namespace) : undefined
  if (making) gained.add(strongest(policy), namespace, [...making, ...by])
}

/** With every ClusterRole to choose from, the strongest says it all; a namespace's own Roles may be fewer. */
function choices(kind: Role['kind'], namespace: string, bind: Right, policy: RbacPolicy): readonly Role[] {
  const { names } = bind
  if (kind === 'ClusterRole') return (names ?? [ANY_ROLE]).flatMap((name) => policy.role(kind, '', name) ?? [])
  if (names && namespace !== EVERY_NAMESPACE) return names.flatMap((name) => policy.role(kind, namespace, name) ?? [])
  return localTo(policy, namespace).roles.filter((role) => allows(bind, role.name))
}

/** Whom an existing binding names may be changed; the role that it refers to may not. */
function bindWritten(
  rights: Rights,
  policy: RbacPolicy,
  kind: Role['kind'],
  namespace: string,
  bind: Right,
  writing: readonly Right[],
  gained: Gained,
): void {
  const own = writing.filter((write) => !isRepeated(rights, 'Role', namespace, [bind, write]))
  if (own.length === 0) return
  for (const binding of localTo(policy, namespace).bindings) {
    if (binding.roleKind !== kind || !allows(bind, binding.roleName)) continue
    const write = own.find((right) => allows(right, binding.name))
    if (write) gained.add(policy.roleOf(binding), binding.namespace, [bind, write])
  }
}

/** What a group gains namespace by namespace, in all of them, stands at the group and not at each of its members. */
function isRepeated({ subject }: Rights, kind: Role['kind'], namespace: string, by: readonly Right[]): boolean {
  return kind === 'Role' && namespace === EVERY_NAMESPACE && !isOwnStep(subject, by)
}
