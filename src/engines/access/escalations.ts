import type { RbacPolicy } from '../../authz/policy.ts'
import { implicitGroupIds } from '../../authz/subjects.ts'
import { type Selector, selects } from '../../cluster/labels.ts'
import { type Binding, type Role, subjectId } from '../../cluster/rbac.ts'
import type { Gained } from './gained.ts'
import type { Become } from './gains.ts'
import { localTo } from './local.ts'
import { probe } from './probe.ts'
import { allows, EVERY_NAMESPACE, type Right, type Rights } from './rights.ts'

/** Roles whose content a subject can write: `escalate` lets it write in what it does not hold itself. */

const RBAC = 'rbac.authorization.k8s.io'

const ESCALATE = { Role: probe('escalate', RBAC, 'roles'), ClusterRole: probe('escalate', RBAC, 'clusterroles') }
const CREATE = { Role: probe('create', RBAC, 'roles'), ClusterRole: probe('create', RBAC, 'clusterroles') }
const WRITE = {
  Role: [probe('update', RBAC, 'roles'), probe('patch', RBAC, 'roles')],
  ClusterRole: [probe('update', RBAC, 'clusterroles'), probe('patch', RBAC, 'clusterroles')],
}

/** What a role may be made to say. */
export function strongest(policy: RbacPolicy): Role | undefined {
  return policy.role('ClusterRole', '', 'cluster-admin')
}

/** The rights to make a role of any content. A create has no name, for `escalate` neither. */
export function makesRole(rights: Rights, kind: Role['kind'], namespace: string): readonly Right[] | undefined {
  const escalate = rights.in(namespace, ESCALATE[kind]).find((right) => allows(right, ''))
  const create = rights.in(namespace, CREATE[kind]).find((right) => right.names === undefined)
  return escalate && create ? [escalate, create] : undefined
}

/** The rights to write anything into a role that exists. */
function rewritesRole(
  rights: Rights,
  kind: Role['kind'],
  namespace: string,
  name: string,
): readonly Right[] | undefined {
  const escalate = rights.in(namespace, ESCALATE[kind]).find((right) => allows(right, name))
  const write = rights.in(namespace, ...WRITE[kind]).find((right) => allows(right, name))
  return escalate && write ? [escalate, write] : undefined
}

/**
 * A role that is written into helps whom a binding gives it to: the subject itself, or another that it can be as well.
 * A binding whose role is missing waits for it.
 */
export function writable(rights: Rights, policy: RbacPolicy, namespace: string, become: Become, gained: Gained): void {
  for (const kind of ['ClusterRole', 'Role'] as const) {
    // ClusterRoles stand in no namespace, Roles in one.
    if ((kind === 'ClusterRole') !== (namespace === '')) continue
    if (rights.in(namespace, ESCALATE[kind]).length === 0) continue
    for (const { role, namespace: place, holder, by } of rights.held) {
      if (role.kind !== kind || role.namespace !== namespace || gained.isAll(place)) continue
      const writing = rewritesRole(rights, kind, namespace, role.name) ?? feeds(rights, role, policy)
      if (writing) gained.add(strongest(policy), place, writing, { holder, ...throughOf(by) })
    }
    const making = makesRole(rights, kind, namespace)
    for (const through of bindingsTo(kind, namespace, policy)) {
      const role = policy.roleOf(through)
      const exists = role !== undefined
      const holder = holderIn(through, rights.subject)
      if ((exists && holder !== undefined) || gained.isAll(through.namespace)) continue
      const writing = role
        ? (rewritesRole(rights, kind, namespace, through.roleName) ?? feeds(rights, role, policy))
        : making
      if (!writing) continue
      // By no name and in every namespace, another may be as good as each subject of each: that is not followed.
      const isFollowed = namespace !== EVERY_NAMESPACE || writing.some((right) => right.names !== undefined)
      const other = holder === undefined && isFollowed ? becomes(rights, through, become) : undefined
      if (holder !== undefined) gained.add(strongest(policy), through.namespace, writing, { holder, through })
      else if (other) gained.add(strongest(policy), through.namespace, [...writing, other], { through })
    }
  }
}

/**
 * The rights to write anything into some ClusterRole that the aggregation of this one selects, or can be made to: labels
 * are written like rules (pkg/controller/clusterroleaggregation). Without `escalate` only what is held is handed on.
 */
function feeds(rights: Rights, { kind, name, aggregation }: Role, policy: RbacPolicy): readonly Right[] | undefined {
  if (kind !== 'ClusterRole' || !aggregation?.some(isSatisfiable)) return undefined
  const making = makesRole(rights, 'ClusterRole', '')
  if (making) return making
  const written = rights.in('', ESCALATE.ClusterRole, ...WRITE.ClusterRole)
  for (const other of new Set(written.flatMap((right) => right.names ?? []))) {
    if (other === name || !policy.role('ClusterRole', '', other)) continue
    const writing = rewritesRole(rights, 'ClusterRole', '', other)
    if (writing) return writing
  }
  return undefined
}

/** Whether any labels are selected. */
function isSatisfiable(selector: Selector): boolean {
  const labels = new Map(
    selector.flatMap(({ key, operator, values }): [string, string][] =>
      operator === 'In' ? [[key, values[0] ?? '']] : operator === 'Exists' ? [[key, '']] : [],
    ),
  )
  return selects(selector, labels)
}

function throughOf(by: Binding | readonly Right[]): { readonly through?: Binding } {
  return Array.isArray(by) ? {} : { through: by as Binding }
}

function* bindingsTo(kind: Role['kind'], namespace: string, policy: RbacPolicy): Generator<Binding> {
  const places = kind === 'Role' ? [namespace] : ['', EVERY_NAMESPACE]
  for (const place of places)
    for (const binding of localTo(policy, place).bindings) if (binding.roleKind === kind) yield binding
}

/** As whom a binding names the subject: as itself, or as a group that it is in. */
function holderIn(binding: Binding, subject: string): string | undefined {
  const named = new Set(binding.subjects.map(subjectId))
  return [subject, ...implicitGroupIds(subject)].find((each) => named.has(each))
}

function becomes(rights: Rights, binding: Binding, become: Become): Right | undefined {
  for (const subject of binding.subjects) {
    const right = become(rights, subjectId(subject))
    if (right) return right
  }
  return undefined
}
