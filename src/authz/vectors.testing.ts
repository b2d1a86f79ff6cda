import { at, field, type Json, list, object, string, strings } from '../cluster/json.ts'
import { idOf, type KubeObject } from '../cluster/object.ts'
import { decodeBinding, decodeRole, type PolicyRule } from '../cluster/rbac.ts'
import { authorizeByRbac, grantsByRbac, reasonOf } from './authorize.ts'
import { aggregates, checkBinding, checkRole, type Escalation, holderOf, isUnchanged } from './escalation.ts'
import { type RbacPolicy, rbacPolicy } from './policy.ts'
import type { Request } from './rules.ts'
import type { Requester } from './subjects.ts'

/** For tests: what Kubernetes said of a policy (oracle/access), and where we say otherwise. */

export function asObject(kind: string, body: Json): KubeObject {
  const name = string(at(body, 'metadata', 'name')) ?? ''
  const namespace = string(at(body, 'metadata', 'namespace')) ?? ''
  return {
    id: idOf(kind, namespace, name),
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind,
    namespace,
    name,
    body: object(body),
  }
}

/** The policy of a case, and nothing besides. */
export function policyOf(item: Json): RbacPolicy {
  const of = (key: string, kind: string): KubeObject[] => list(field(item, key)).map((body) => asObject(kind, body))
  const roles = [...of('clusterRoles', 'ClusterRole'), ...of('roles', 'Role')]
  const bindings = [...of('clusterRoleBindings', 'ClusterRoleBinding'), ...of('roleBindings', 'RoleBinding')]
  return rbacPolicy({
    roles: roles.map((each) => decodeRole(each)),
    bindings: bindings.map((each) => decodeBinding(each)),
    version: { minor: 36 },
    bootstrap: false,
  })
}

export function usersOf(all: Json): readonly Requester[] {
  return list(field(all, 'users')).map((user) => ({
    user: string(field(user, 'name')) ?? '',
    groups: strings(field(user, 'groups')),
  }))
}

export interface Compared {
  requests: number
  granted: number
  /** Requests that several rules of several bindings grant. */
  byMany: number
  writes: number
  refused: number
  readonly differences: string[]
}

type Row = readonly [number, string, string, string, string, string, string, string, readonly number[]]

/** Decision, granting rules and reason of each request; verdict and missing rights of each write. */
export function compare(item: Json, users: readonly Requester[], into: Compared): void {
  const policy = policyOf(item)
  const sources = strings(field(item, 'sources'))
  const tell = (what: Json | undefined, theirs: unknown, ours: unknown): void => {
    if (JSON.stringify(theirs) === JSON.stringify(ours)) return
    const texts = [what, theirs, ours].map((each) => JSON.stringify(each))
    into.differences.push(`${string(field(item, 'name'))}: ${texts[0]}: Kubernetes ${texts[1]}, ours ${texts[2]}`)
  }
  for (const row of list(field(item, 'requests'))) {
    const [user, verb, group, resource, subresource, name, namespace, path, granting] = row as unknown as Row
    const requester = users[user] as Requester
    const request: Request = path ? { verb, path } : { verb, group, resource, subresource, name, namespace }
    const theirs = granting.flatMap((source, index) =>
      index % 2 === 0 ? [`RBAC: allowed by ${sources[source]}, rule ${granting[index + 1]}`] : [],
    )
    const decision = authorizeByRbac(policy, requester, request)
    tell(row, theirs[0]?.replace(/, rule \d+$/, ''), decision.allowed ? decision.reason : undefined)
    tell(row, theirs, grantingOf(policy, requester, request))
    into.requests++
    if (theirs.length > 0) into.granted++
    if (new Set(granting.filter((_, index) => index % 2 === 0)).size > 1) into.byMany++
  }
  for (const write of list(field(item, 'writes'))) {
    const said = verdictOf(policy, users, write)
    tell(write, string(field(write, 'verdict')), said.allowed ? 'allowed' : WORDS[said.why])
    if (!said.allowed) into.refused++
    if (!said.allowed)
      tell(write, field(write, 'missing') ?? [], said.why === 'aggregation' ? [] : said.missing.map(words))
    into.writes++
  }
}

/** As Kubernetes describes a binding it names the first subject that applies; ours knows them all. */
function grantingOf(policy: RbacPolicy, requester: Requester, request: Request): readonly string[] {
  const rules = new Map<string, string>()
  for (const grant of grantsByRbac(policy, requester, request)) {
    const key = `${grant.binding.object.id} ${grant.rule}`
    if (!rules.has(key)) rules.set(key, `${reasonOf(grant)}, rule ${grant.rule}`)
  }
  return [...rules.values()]
}

const WORDS = { 'not-held': 'forbidden', aggregation: 'forbidden', 'no-role': 'not-found' } as const

function verdictOf(policy: RbacPolicy, users: readonly Requester[], write: Json): Escalation {
  const holder = holderOf(policy, users[field(write, 'user') as number] as Requester)
  const kind = string(field(write, 'kind')) ?? ''
  const after = asObject(kind, field(write, 'object') ?? null)
  const old = field(write, 'old')
  const before = old === undefined ? undefined : asObject(kind, old)
  const unchanged = before !== undefined && isUnchanged(before, after)
  if (kind === 'Role' || kind === 'ClusterRole')
    return checkRole(holder, {
      kind,
      namespace: after.namespace,
      name: before ? after.name : '',
      rules: decodeRole(after).rules,
      aggregates: aggregates(after) || aggregates(before),
      unchanged,
    })
  const binding = decodeBinding(after)
  return checkBinding(holder, { ...binding, rules: policy.roleOf(binding)?.rules, unchanged })
}

function words(atom: PolicyRule): readonly string[] {
  return [...atom.verbs, ...atom.nonResourceURLs, ...atom.apiGroups, ...atom.resources, ...atom.resourceNames]
}
