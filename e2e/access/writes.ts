// Random writes of roles and bindings, by people of whom some may escalate and some may bind.
import { rulesHeld } from '../../src/authz/escalation.ts'
import type { RbacPolicy } from '../../src/authz/policy.ts'
import type { Requester } from '../../src/authz/subjects.ts'
import { at, type JsonObject, object, string } from '../../src/cluster/json.ts'
import type { PolicyRule } from '../../src/cluster/rbac.ts'
import type { Random } from '../policy/random.ts'
import { NAMESPACES, randomBinding, randomCaller, randomRule, rbacObject, some } from './policy.ts'

export interface Write {
  readonly requester: Requester
  readonly how: 'POST' | 'PUT' | 'PATCH'
  readonly body: JsonObject
  /** Undefined: the write creates, which PUT and PATCH may as well. */
  readonly before: JsonObject | undefined
}

/** Of each kind, in the policy that is written to. */
export const ROLES = 12

const RBAC = 'rbac.authorization.k8s.io'

/** Everyone may write RBAC objects, so that only the checks beneath decide. */
export const WRITERS: readonly JsonObject[] = [
  ...granted('writer', 'Group', 'system:authenticated', '', [
    right(['get', 'create', 'update', 'patch'], ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings']),
  ]),
  ...granted('binds-some', 'Group', 'dev', '', [right(['bind'], ['clusterroles'], ['c-1', 'c-1-gone'])]),
  ...granted('binds-here', 'User', 'cat', 'team-a', [right(['bind'], ['*'])]),
  ...granted('escalates-some', 'Group', 'ops', '', [right(['escalate'], ['clusterroles'], ['c-2', 'new'])]),
  ...granted('escalates-here', 'User', 'ann/x', 'team-b', [right(['escalate'], ['roles'])]),
  ...granted('all', 'User', 'https://issuer.example/#"d\u00f6rte"', '', [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]),
]

function right(
  verbs: readonly string[],
  resources: readonly string[],
  resourceNames: readonly string[] = [],
): JsonObject {
  return { verbs, apiGroups: [RBAC], resources, resourceNames }
}

function granted(
  name: string,
  kind: string,
  subject: string,
  namespace: string,
  rules: readonly JsonObject[],
): readonly JsonObject[] {
  const binding = { kind: namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding', namespace, name }
  return [
    rbacObject({ kind: 'ClusterRole', namespace: '', name }, { rules }),
    rbacObject(binding, {
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind, apiGroup: RBAC, name: subject }],
    }),
  ]
}

export function randomWrite(from: Random, policy: RbacPolicy): Write {
  const write = { requester: randomCaller(from), how: from.pick(['POST', 'PUT', 'PATCH'] as const) }
  const namespace = from.pick([...NAMESPACES, ''])
  const isRole = from.chance(0.5)
  const known = isRole
    ? policy.roles.filter((one) => one.namespace === namespace && /^[cr]-/.test(one.name)).map((one) => one.object.body)
    : policy.bindings
        .filter((one) => one.namespace === namespace && /^e2e /.test(one.name))
        .map((one) => one.object.body)
  const old = write.how === 'POST' || from.chance(0.2) ? undefined : from.pick(known)
  if (old && from.chance(0.35)) return { ...write, body: collected(from, old), before: old }
  const name = string(at(old, 'metadata', 'name')) ?? 'new'
  const made = isRole
    ? randomlyRuled(from, namespace, name, handedOn(from, policy, write.requester, namespace))
    : randomBinding(from, namespace, name, ROLES)
  if (!old) return { ...write, body: made, before: undefined }
  // A binding keeps its role for good.
  const ref = isRole ? {} : { roleRef: old.roleRef ?? null }
  return { ...write, body: { ...made, ...ref, metadata: old.metadata ?? null }, before: old }
}

const AGGREGATION = { clusterRoleSelectors: [{ matchLabels: { 'e2e.bulkhead.dev/none': 'yes' } }] }

function randomlyRuled(from: Random, namespace: string, name: string, rules: readonly PolicyRule[]): JsonObject {
  const kind = namespace === '' ? 'ClusterRole' : 'Role'
  const isSum = kind === 'ClusterRole' && from.chance(0.2)
  return rbacObject({ kind, namespace, name }, { rules, ...(isSum ? { aggregationRule: AGGREGATION } : {}) })
}

/** The object with what only the garbage collector writes, and at times a label besides. */
function collected(from: Random, old: JsonObject): JsonObject {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'e2e' }
  const metadata = {
    ...object(old.metadata),
    finalizers: ['e2e.bulkhead.dev/f'],
    ...(from.chance(0.5) ? { ownerReferences: [owner] } : {}),
    ...(from.chance(0.3) ? { labels: { changed: 'yes' } } : {}),
  }
  return { ...old, metadata }
}

/** Rules that the requester holds, mostly, at times with something more. */
function handedOn(from: Random, policy: RbacPolicy, requester: Requester, namespace: string): readonly PolicyRule[] {
  const held = rulesHeld(policy, requester, namespace).filter(
    (rule) => namespace === '' || rule.nonResourceURLs.length === 0,
  )
  const rules = from.chance(0.8) ? some(from, held, 2) : [randomRule(from, namespace === '')]
  return rules.map((rule) => {
    const verbs = from.chance(0.5) ? [from.pick(rule.verbs)] : rule.verbs
    const more = from.chance(0.2) ? [...verbs, from.pick(['get', 'delete', 'made-up'])] : verbs
    const isNarrowed = rule.resourceNames.length === 0 && rule.nonResourceURLs.length === 0 && from.chance(0.2)
    return { ...rule, verbs: more, resourceNames: isNarrowed ? ['x'] : rule.resourceNames }
  })
}
