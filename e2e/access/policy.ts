// A random policy that the API server takes, and random questions about it, biased to the corners of RBAC.
import type { Request } from '../../src/authz/rules.ts'
import type { Requester } from '../../src/authz/subjects.ts'
import type { JsonObject } from '../../src/cluster/json.ts'
import type { PolicyRule } from '../../src/cluster/rbac.ts'
import type { Random } from '../policy/random.ts'

const RBAC = 'rbac.authorization.k8s.io'

export const NAMESPACES = ['team-a', 'team-b'] as const

const AUTHENTICATED = 'system:authenticated'
const account = (namespace: string, name: string): Requester => ({
  user: `system:serviceaccount:${namespace}:${name}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
})

/** As authentication, or an impersonation, makes them. */
export const CALLERS: readonly Requester[] = [
  { user: 'ann', groups: ['dev', AUTHENTICATED] },
  { user: 'bob', groups: ['dev', 'ops', AUTHENTICATED] },
  { user: 'cat', groups: [AUTHENTICATED] },
  { user: 'ann/x', groups: ['dev/x', AUTHENTICATED] },
  { user: 'https://issuer.example/#"d\u00f6rte"', groups: ['team \\ x', AUTHENTICATED] },
  { user: 'root', groups: ['system:masters', AUTHENTICATED] },
  account('team-a', 'builder'),
  account('team-b', 'builder'),
  account('team-a', 'other'),
]

const NAMED_GROUPS = [
  'dev',
  'ops',
  'Dev',
  'dev/x',
  'team \\ x',
  'system:serviceaccounts',
  'system:serviceaccounts:team-a',
]

/** One of them, or someone with groups that nobody else has together. */
export function randomCaller(random: Random): Requester {
  const caller = random.pick(CALLERS)
  if (random.chance(0.5)) return caller
  return { user: caller.user, groups: [...new Set([...some(random, NAMED_GROUPS, 3), AUTHENTICATED])] }
}

const SUBJECTS: readonly JsonObject[] = [
  ...['ann', 'bob', 'cat', 'Ann', '*', 'ann/x', 'root', 'https://issuer.example/#"d\u00f6rte"'].map(user),
  ...['system:serviceaccount:team-a:builder', 'system:anonymous'].map(user),
  ...NAMED_GROUPS.map(group),
  ...['team-a', 'team-b'].map((namespace) => ({ kind: 'ServiceAccount', namespace, name: 'builder' })),
  { kind: 'ServiceAccount', namespace: 'team-a', name: 'other' },
]
/** Takes the namespace of its binding, which a ClusterRoleBinding must not have. */
const HERE: JsonObject = { kind: 'ServiceAccount', name: 'builder' }

function user(name: string): JsonObject {
  return { kind: 'User', apiGroup: RBAC, name }
}
function group(name: string): JsonObject {
  return { kind: 'Group', apiGroup: RBAC, name }
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const RULE_VERBS = [...VERBS, 'GET', 'ge*', 'escalate', 'bind', 'use']
const GROUPS = ['', 'apps', RBAC]
const RULE_GROUPS = [...GROUPS, 'app*', 'v1', 'core']
const RESOURCES = ['pods', 'secrets', 'deployments', 'namespaces', 'nodes']
const PARTS = ['', '', '', 'log', 'exec', 'scale']
const RULE_RESOURCES = [
  'pods/log',
  'pods/*',
  '*/log',
  '*/scale',
  '*/*',
  'deployments/scale',
  'Pods',
  'po*',
  ...RESOURCES,
]
const NAMES = ['x', 'y', 'team-a', '*', '']
const URLS = ['/metrics', '/metrics/', '/logs', '/logs/x', '/apis/apps/v9', '/l*/x', '/healthz/x']
const RULE_URLS = ['/metrics', '/logs/*', '/logs*', '*', '/l*/x', '/apis/apps/*', '/healthz/**']

export function some<T>(random: Random, words: readonly T[], most: number): readonly T[] {
  return Array.from({ length: 1 + random.below(most) }, () => random.pick(words))
}

function starOr(random: Random, probability: number, words: readonly string[]): readonly string[] {
  return random.chance(probability) ? ['*'] : words
}

export function randomRule(random: Random, isCluster: boolean): PolicyRule {
  const verbs = starOr(random, 0.15, some(random, RULE_VERBS, 4))
  const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] }
  if (isCluster && random.chance(0.25)) return { ...none, verbs, nonResourceURLs: some(random, RULE_URLS, 2) }
  return {
    ...none,
    verbs,
    apiGroups: starOr(random, 0.2, some(random, RULE_GROUPS, 2)),
    resources: starOr(random, 0.1, some(random, RULE_RESOURCES, 3)),
    resourceNames: random.chance(0.25) ? some(random, NAMES, 2) : [],
  }
}

export interface Written {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export function rbacObject(written: Written, content: Readonly<Record<string, unknown>>): JsonObject {
  const { kind, namespace, name } = written
  const metadata = namespace === '' ? { name } : { name, namespace }
  return { apiVersion: `${RBAC}/v1`, kind, metadata, ...content } as JsonObject
}

export function randomRole(random: Random, kind: 'Role' | 'ClusterRole', namespace: string, name: string): JsonObject {
  const rules = Array.from({ length: 1 + random.below(3) }, () => randomRule(random, kind === 'ClusterRole'))
  return rbacObject({ kind, namespace, name }, { rules })
}

/** Of a role that mostly exists; in a ClusterRoleBinding, of a ClusterRole. */
export function randomBinding(random: Random, namespace: string, name: string, roles: number): JsonObject {
  const isRole = namespace !== '' && random.chance(0.5)
  const found = `${isRole ? `r-${namespace}` : 'c'}-${random.below(roles)}`
  const roleRef = {
    apiGroup: RBAC,
    kind: isRole ? 'Role' : 'ClusterRole',
    name: random.chance(0.08) ? `${found}-gone` : found,
  }
  const subjects = some(random, namespace === '' ? SUBJECTS : [...SUBJECTS, HERE, HERE, HERE], 3)
  const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding'
  return rbacObject({ kind, namespace, name }, { roleRef, subjects })
}

/** So many ClusterRoles, as many Roles and twice as many RoleBindings in each namespace, as many ClusterRoleBindings. */
export function randomPolicy(random: Random, size: number): readonly JsonObject[] {
  const each = Array.from({ length: size }, (_, index) => index)
  return [
    ...each.map((index) => randomRole(random, 'ClusterRole', '', `c-${index}`)),
    ...NAMESPACES.flatMap((namespace) =>
      each.map((index) => randomRole(random, 'Role', namespace, `r-${namespace}-${index}`)),
    ),
    ...each.map((index) => randomBinding(random, '', `e2e "${index}"`, size)),
    ...NAMESPACES.flatMap((namespace) =>
      [...each, ...each].map((_, index) => randomBinding(random, namespace, `e2e \u00fc ${index}`, size)),
    ),
  ]
}

/** Mostly something that the rule would allow. */
export function randomRequest(random: Random, rule: PolicyRule): Request {
  const of = (words: readonly string[], odd: readonly string[]): string => {
    const word = words.length > 0 && random.chance(0.85) ? random.pick(words) : random.pick(odd)
    return word === '*' && random.chance(0.9) ? random.pick(odd) : word
  }
  const verb = of(rule.verbs, VERBS)
  if (rule.nonResourceURLs.length > 0 || random.chance(0.05)) {
    const path = of(rule.nonResourceURLs, URLS)
    return { verb, path: random.chance(0.5) ? path.replace(/\*+$/, 'x') : path }
  }
  const [resource = '', part = ''] = of(rule.resources, RESOURCES).split('/')
  return {
    verb,
    group: of(rule.apiGroups, GROUPS),
    resource: resource === '*' ? random.pick(RESOURCES) : resource,
    subresource: random.chance(0.8) ? part : random.pick(PARTS),
    namespace: random.pick([...NAMESPACES, '']),
    name: of(rule.resourceNames, NAMES),
  }
}
