// Service accounts that may impersonate some, in some of the ways there are, and what they then ask.
import { type Attempt, attempts, type Impersonator, type Wanted } from '../../src/authz/impersonation.ts'
import { isUrlRequest, type Request } from '../../src/authz/rules.ts'
import type { JsonObject } from '../../src/cluster/json.ts'
import type { Random } from '../policy/random.ts'
import { rbacObject, some } from './policy.ts'

export const NAMESPACE = 'team-a'
export const NODES = ['n1', 'n2'] as const

/** A request, as it is sent and as the authorizer sees it. Everyone may make each of them, so that only impersonation decides. */
export interface Sent {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: JsonObject
  readonly request: Request
}

const none = { group: '', subresource: '', namespace: '', name: '' }

export const SENT: readonly Sent[] = [
  {
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    request: { ...none, verb: 'create', group: 'authentication.k8s.io', resource: 'selfsubjectreviews' },
  },
  {
    method: 'GET',
    path: `/api/v1/namespaces/${NAMESPACE}/configmaps?limit=1`,
    request: { ...none, verb: 'list', resource: 'configmaps', namespace: NAMESPACE },
  },
  {
    method: 'GET',
    path: `/api/v1/namespaces/${NAMESPACE}/configmaps/none`,
    request: { ...none, verb: 'get', resource: 'configmaps', namespace: NAMESPACE, name: 'none' },
  },
  {
    method: 'GET',
    path: `/api/v1/namespaces/${NAMESPACE}`,
    request: { ...none, verb: 'get', resource: 'namespaces', namespace: NAMESPACE, name: NAMESPACE },
  },
  { method: 'GET', path: '/version', request: { verb: 'get', path: '/version' } },
]

const RBAC = 'rbac.authorization.k8s.io'

/** What makes everyone's requests allowed. */
export const EVERYONE: readonly JsonObject[] = [
  rbacObject(
    { kind: 'ClusterRole', namespace: '', name: 'everyone' },
    {
      rules: [
        { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps', 'namespaces'] },
        { verbs: ['get'], nonResourceURLs: ['/version'] },
      ],
    },
  ),
  rbacObject(
    { kind: 'ClusterRoleBinding', namespace: '', name: 'everyone' },
    {
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'everyone' },
      subjects: ['system:authenticated', 'system:unauthenticated'].map((name) => ({
        kind: 'Group',
        apiGroup: RBAC,
        name,
      })),
    },
  ),
]

const USERS = [
  'bob',
  'd\u00f6rte',
  'system:anonymous',
  'system:node:n1',
  'system:node:n2',
  'system:node:N1',
  `system:serviceaccount:${NAMESPACE}:builder`,
  `system:serviceaccount:${NAMESPACE}:builder:x`,
]
const GROUPS = [
  'dev',
  'ops',
  'qa',
  'sre',
  'ops',
  'dev',
  'system:masters',
  'system:unauthenticated',
  'system:authenticated',
  '',
]
const EXTRAS: readonly ReadonlyMap<string, readonly string[]>[] = [
  new Map([['example.com/scope', ['read']]]),
  new Map([['scope', ['read']]]),
  new Map([['example.com/scope', ['a', 'b', 'c', 'd']]]),
  new Map(['a', 'b', 'c', 'd'].map((key) => [`example.com/${key}`, ['v']])),
  new Map([['example.com/scope', ['']]]),
]

export function randomWanted(random: Random): Wanted {
  const user = random.pick(USERS)
  return {
    user,
    groups: random.chance(0.45) ? [...new Set(some(random, GROUPS, random.chance(0.3) ? 6 : 2))] : [],
    uid: random.chance(0.15) ? 'u-1' : '',
    ...(random.chance(0.2) ? { extra: random.pick(EXTRAS) } : {}),
  }
}

export interface Question {
  readonly wanted: Wanted
  readonly sent: Sent
}

export interface Granted {
  readonly objects: readonly JsonObject[]
  /** Those for which rights were granted, whole or but for one. */
  readonly questions: readonly Question[]
}

/** Rights for a few questions, each in one of the modes that there are for it; at times one right is left out. */
export function randomRights(random: Random, impersonator: Impersonator, name: string): Granted {
  const own = impersonator.node === undefined ? undefined : { user: `system:node:${impersonator.node}` }
  const questions = Array.from({ length: 4 }, () => ({
    wanted: own && random.chance(0.5) ? own : randomWanted(random),
    sent: random.pick(SENT),
  }))
  const objects = questions.flatMap(({ wanted, sent }, index) => {
    const mode = random.pick(attempts(impersonator, wanted, sent.request, true))
    const left = random.chance(0.25) ? random.below(mode.needs.length) : -1
    const rules = rulesOf(random, mode).filter((_, at) => at !== left)
    return rules.flatMap((rule, at) => bound(random, impersonator.user, `${name}-${index}-${at}`, rule))
  })
  return { objects, questions }
}

interface Rule {
  readonly namespace: string
  readonly rule: JsonObject
}

function rulesOf(random: Random, { needs }: Attempt): readonly Rule[] {
  const atOnce = random.chance(0.5)
  return needs.map(({ request, instead }) => {
    const asked = atOnce && instead ? instead : request
    if (isUrlRequest(asked)) return { namespace: '', rule: { verbs: [asked.verb], nonResourceURLs: [asked.path] } }
    const { verb, group, resource, subresource, namespace, name } = asked
    const resources = [subresource === '' ? resource : `${resource}/${subresource}`]
    const resourceNames = name !== '' && random.chance(0.7) ? [name] : []
    return { namespace, rule: { verbs: [verb], apiGroups: [group], resources, resourceNames } }
  })
}

function bound(random: Random, user: string, name: string, { namespace, rule }: Rule): readonly JsonObject[] {
  const place = namespace !== '' && random.chance(0.5) ? namespace : ''
  const binding = { kind: place === '' ? 'ClusterRoleBinding' : 'RoleBinding', namespace: place, name }
  return [
    rbacObject({ kind: 'ClusterRole', namespace: '', name }, { rules: [rule] }),
    rbacObject(binding, {
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind: 'User', apiGroup: RBAC, name: user }],
    }),
  ]
}

/** One that rights were granted for, as it is or with something else wanted, or any. */
export function randomQuestion(random: Random, { questions }: Granted): Question {
  const known = random.pick(questions)
  const other = { wanted: randomWanted(random), sent: random.pick(SENT) }
  if (random.chance(0.5)) return known
  if (random.chance(0.25)) return { ...known, sent: other.sent }
  const { user, groups = [], uid = '', extra } = known.wanted
  if (random.chance(0.25)) return { ...known, wanted: { ...other.wanted, user } }
  if (random.chance(0.4))
    return { ...known, wanted: { user, groups, uid: uid === '' ? 'u-1' : '', ...(extra ? { extra } : {}) } }
  return random.chance(0.1) ? { ...other, wanted: { ...other.wanted, user: '' } } : other
}
