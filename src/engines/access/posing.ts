import { accountOf, isConstrainedByDefault } from '../../authz/impersonation.ts'
import type { RbacPolicy } from '../../authz/policy.ts'
import { everythingRule } from '../../authz/rules.ts'
import { AUTHENTICATED, implicitGroupIds, MASTERS } from '../../authz/subjects.ts'
import { idOf, idParts } from '../../cluster/object.ts'
import type { Binding, Role } from '../../cluster/rbac.ts'
import { probe, probes } from './probe.ts'
import { EVERY_NAMESPACE, type Held, holderOf, type Right, type Rights, rightsFrom } from './rights.ts'

/**
 * Constrained impersonation (KEP-5284, on from 1.36): who may be another in one of the modes may do what the other may, as
 * far as it has `impersonate-on:MODE:VERB` for it. A mode of old needs no such thing and is rules/impersonate.ts.
 */
export interface Pose {
  /** What the subject may do as the other; its subject is the impersonator. */
  readonly rights: Rights
  /** What the other holds, which it may hand on to whomever a new binding names. */
  readonly persona: readonly Held[]
}

type Mode = 'user-info' | 'serviceaccount' | 'arbitrary-node'

/** The mode of a token that names its node is rules/node-posing.ts, which starts where the token is. */
export type NodeMode = 'associated-node' | 'arbitrary-node'

export const AUTHENTICATION = 'authentication.k8s.io'
const BE_USER = probe('impersonate:user-info', AUTHENTICATION, 'users')
const BE_GROUP = probe('impersonate:user-info', AUTHENTICATION, 'groups')
const BE_ACCOUNT = probe('impersonate:serviceaccount', AUTHENTICATION, 'serviceaccounts')
const BE_NODE = probe('impersonate:arbitrary-node', AUTHENTICATION, 'nodes')

const NODE_USER = 'system:node:'
const ON = 'impersonate-on:'

/** Asked of the other, once the request itself is let through. */
const ASKED_BESIDES: ReadonlySet<string> = new Set(['bind', 'escalate', 'approve', 'sign', 'attest'])

const RBAC = 'rbac.authorization.k8s.io'
const WRITTEN = probes(['create', 'update', 'patch'], RBAC, [
  'roles',
  'clusterroles',
  'rolebindings',
  'clusterrolebindings',
])
const WRITING: Readonly<Record<Mode, typeof WRITTEN>> = {
  'user-info': writing('user-info'),
  serviceaccount: writing('serviceaccount'),
  'arbitrary-node': writing('arbitrary-node'),
}

function writing(mode: Mode): typeof WRITTEN {
  return WRITTEN.map(({ verb, group, resource }) => probe(`${ON}${mode}:${verb}`, group, resource))
}

/** One whom the subject may be. */
interface Other {
  readonly id: string
  readonly mode: Mode
  readonly be: readonly Right[]
  /** Groups that it may be in besides those of its name, with the right to. */
  readonly joined: readonly Right[]
}

/** As all of them at once: each request is made as one, and whichever may. */
export function poses(rights: Rights, policy: RbacPolicy): readonly Pose[] {
  return [...Map.groupBy(others(rights, policy), ({ mode }) => mode)].flatMap(([mode, all]) =>
    poseAs(rights, policy, mode, all),
  )
}

/** As each of those apart, for whom more than one request matters: who writes a binding is asked for `bind` as well. */
export function posesToWrite(rights: Rights, policy: RbacPolicy): readonly Pose[] {
  const all = others(rights, policy)
  const modes = new Set(all.map(({ mode }) => mode))
  const writes = [...modes].filter((mode) =>
    ['', ...rights.namespaces].some((place) => rights.in(place, ...WRITING[mode]).some(isApart)),
  )
  return all.flatMap((other) =>
    writes.includes(other.mode)
      ? poseAs(rights, policy, other.mode, [other]).filter(({ persona }) => mayWrite(persona))
      : [],
  )
}

/** Most others write no RBAC, and need not be followed through each namespace. */
function mayWrite(persona: readonly Held[]): boolean {
  const rights = rightsFrom('', persona)
  return ['', ...rights.namespaces].some((place) => rights.in(place, ...WRITTEN).length > 0)
}

function poseAs(rights: Rights, policy: RbacPolicy, mode: Mode, all: readonly Other[]): readonly Pose[] {
  const be = new Map<Held, readonly Right[]>()
  const known = new Set<string>()
  const add = (holder: string, by: readonly Right[]): void => {
    if (known.has(holder) || holder === rights.subject) return
    known.add(holder)
    for (const binding of policy.bindingsOf(holder)) {
      const role = policy.roleOf(binding)
      if (role) be.set({ role, namespace: binding.namespace, holder, by: binding }, by)
    }
  }
  for (const { id, be: by, joined } of all) {
    add(id, by)
    // What everybody may, the subject may itself.
    for (const group of implicitGroupIds(id)) if (group !== idOf('Group', '', AUTHENTICATED)) add(group, by)
    for (const right of joined)
      for (const name of right.names ?? namesOf(policy, 'Group'))
        if (name !== MASTERS) add(idOf('Group', '', name), [...by, right])
  }
  return be.size === 0 ? [] : [{ rights: limited(rights, mode, be), persona: [...be.keys()] }]
}

function others(rights: Rights, policy: RbacPolicy): readonly Other[] {
  if (!isConstrainedByDefault(policy.minor) || !rights.held.some(({ role }) => namesPosing(role))) return []
  if (rights.held.some(({ role, namespace }) => namespace === '' && everythingRule(role.rules) >= 0)) return []
  return [...users(rights, policy), ...accounts(rights, policy), ...nodes(rights, policy)]
}

const posing = new WeakMap<Role, boolean>()

/** A verb `*` is over the same requests without anybody else to be. */
export function namesPosing(role: Role): boolean {
  const known = posing.get(role) ?? role.rules.some(({ verbs }) => verbs.some((verb) => verb.startsWith(ON)))
  posing.set(role, known)
  return known
}

function users(rights: Rights, policy: RbacPolicy): readonly Other[] {
  const joined = rights.in('', BE_GROUP)
  return rights
    .in('', BE_USER)
    .flatMap((right) =>
      (right.names ?? namesOf(policy, 'User')).flatMap((name): readonly Other[] =>
        name.startsWith(NODE_USER) || accountOf(name)
          ? []
          : [{ id: idOf('User', '', name), mode: 'user-info', be: [right], joined }],
      ),
    )
}

function accounts(rights: Rights, policy: RbacPolicy): readonly Other[] {
  return ['', ...rights.namespaces].flatMap((place) =>
    rights.in(place, BE_ACCOUNT).flatMap((right) =>
      right.held.namespace !== place
        ? []
        : [...policy.subjects.keys()].flatMap((id): readonly Other[] => {
            const { kind, namespace, name } = idParts(id)
            const isThere = place === '' || place === EVERY_NAMESPACE || place === namespace
            if (kind !== 'ServiceAccount' || !isThere || right.names?.includes(name) === false) return []
            return [{ id, mode: 'serviceaccount', be: [right], joined: [] }]
          }),
    ),
  )
}

function nodes(rights: Rights, policy: RbacPolicy): readonly Other[] {
  const bound = namesOf(policy, 'User').flatMap((name) =>
    name.startsWith(NODE_USER) ? [name.slice(NODE_USER.length)] : [],
  )
  return rights.in('', BE_NODE).flatMap((right) =>
    (right.names ?? bound).map(
      (name): Other => ({
        id: idOf('User', '', `${NODE_USER}${name}`),
        mode: 'arbitrary-node',
        be: [right],
        joined: [],
      }),
    ),
  )
}

function namesOf(policy: RbacPolicy, kind: 'User' | 'Group'): readonly string[] {
  return [...policy.subjects.keys()].flatMap((id) => (id.startsWith(`${kind}/`) ? [idParts(id).name] : []))
}

/** What `own` may do as others, by each role of theirs (`be`) and the rights to be them. */
export function limited(own: Rights, mode: Mode | NodeMode, be: ReadonlyMap<Held, readonly Right[]>): Rights {
  const other = rightsFrom(own.subject, [...be.keys()])
  const namespaces = [...new Set([...own.namespaces, ...other.namespaces])].sort(
    (a, b) => Number(b === EVERY_NAMESPACE) - Number(a === EVERY_NAMESPACE) || (a < b ? -1 : 1),
  )
  return {
    subject: own.subject,
    held: own.held,
    namespaces,
    in: (place, ...wanted) =>
      wanted.flatMap((one) => {
        const { verb, group, resource, subresource } = one
        if (verb.startsWith('impersonate')) return []
        const path = subresource === '' ? resource : `${resource}/${subresource}`
        const besides = ASKED_BESIDES.has(verb)
        const on = besides ? [] : own.in(place, probe(`${ON}${mode}:${verb}`, group, path)).filter(isApart)
        if (!besides && on.length === 0) return []
        return other.in(place, one).flatMap((right) => {
          const by = be.get(right.held) ?? []
          return besides ? [posed(own, right, by, undefined)] : on.map((each) => posed(own, right, by, each))
        })
      }),
  }
}

/** A rule of all verbs lets the subject do it itself. */
export function isApart({ held, rule }: Right): boolean {
  return held.role.rules[rule]?.verbs.includes('*') === false
}

function posed(own: Rights, right: Right, be: readonly Right[], on: Right | undefined): Right {
  const names = on ? common(right.names, on.names) : right.names
  const by = on ? [...be, on] : be
  return {
    probe: right.probe,
    rule: right.rule,
    names,
    held: {
      role: right.held.role,
      namespace: narrower(right.held.namespace, on?.held.namespace ?? ''),
      holder: holderOf(own.subject, by),
      by,
      through: right.held.by as Binding,
      as: right.held.holder,
    },
  }
}

function common(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.filter((name) => b.includes(name))
}

/** Of two places that both include the one that was asked about. */
function narrower(a: string, b: string): string {
  if (a === '' || b === '') return a === '' ? b : a
  return a === EVERY_NAMESPACE ? b : a
}
