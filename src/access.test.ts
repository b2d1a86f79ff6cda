import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { accessOf } from './access.ts'
import { type Request, type ResourceRequest, ruleAllows } from './authz/rules.ts'
import { buildCluster, type Cluster } from './cluster/cluster.ts'
import type { JsonObject } from './cluster/json.ts'
import { idOf, type KubeObject } from './cluster/object.ts'
import { type Subject, subjectId } from './cluster/rbac.ts'
import { parseSubject, subjectText } from './cluster/subject-text.ts'
import { can } from './engines/access/questions/can.ts'
import { rulesOfSubject } from './engines/access/questions/rules.ts'
import type { AccessView, GroupSource } from './engines/access/questions/view.ts'
import { whoCan } from './engines/access/questions/who-can.ts'
import { questionOf } from './engines/access/questions/words.ts'

/** Questions of whole policies, against a model that asks each binding and each rule for each subject. */

const NAMESPACES = ['a', 'b', 'c']
const VERBS = ['get', 'list', 'create', 'delete', '*']
const RESOURCES = ['secrets', 'pods', 'pods/exec', 'pods/*', '*/exec', '*', 'namespaces', 'nodes']
const GROUPS = ['', 'apps', '*']
const NAMES = ['a', 'b', 'x', '']
const URLS = ['/healthz', '/metrics/*', '*', '/metrics']
const SUBJECTS = [
  { kind: 'User', name: 'alice' },
  { kind: 'User', name: 'bob' },
  { kind: 'User', name: 'system:serviceaccount:a:web' },
  { kind: 'User', name: 'system:anonymous' },
  { kind: 'Group', name: 'devs' },
  { kind: 'Group', name: 'system:authenticated' },
  { kind: 'Group', name: 'system:unauthenticated' },
  { kind: 'Group', name: 'system:serviceaccounts' },
  { kind: 'Group', name: 'system:serviceaccounts:a' },
  { kind: 'ServiceAccount', name: 'web', namespace: 'a' },
  { kind: 'ServiceAccount', name: 'web' },
  { kind: 'ServiceAccount', name: 'job', namespace: 'b' },
  { kind: 'Robot', name: 'alice' },
]
/** `alice` is in `devs` by the directory. */
const DIRECTORY: GroupSource = {
  from: 'directory',
  groupsOf: (user) => (user === 'alice' ? [{ group: 'devs', from: 'directory' }] : []),
  users: () => ['alice', 'carol'],
}

const some = (values: readonly string[], most = 2): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { maxLength: most })

const rule = fc.record(
  {
    verbs: some(VERBS, 3),
    apiGroups: some(GROUPS),
    resources: some(RESOURCES),
    resourceNames: some(NAMES),
    nonResourceURLs: some(URLS),
  },
  { requiredKeys: ['verbs'] },
)
const role = fc.record({
  namespace: fc.constantFrom('', ...NAMESPACES),
  name: fc.constantFrom('r', 's'),
  rules: fc.array(rule, { maxLength: 2 }),
})
const binding = fc.record({
  namespace: fc.constantFrom('', ...NAMESPACES),
  roleKind: fc.constantFrom('Role', 'ClusterRole'),
  roleName: fc.constantFrom('r', 's', 'gone'),
  subjects: fc.array(fc.constantFrom(...SUBJECTS), { maxLength: 3 }),
})

function clusterOf(
  roles: readonly { namespace: string; name: string; rules: object[] }[],
  bindings: readonly (typeof binding extends fc.Arbitrary<infer T> ? T : never)[],
): Cluster {
  const objects: KubeObject[] = []
  const add = (kind: string, namespace: string, name: string, body: object): void => {
    const group = kind === 'ServiceAccount' ? '' : 'rbac.authorization.k8s.io'
    const metadata = { name, ...(namespace === '' ? {} : { namespace }) }
    objects.push({
      id: idOf(kind, namespace, name),
      group,
      version: 'v1',
      kind,
      namespace,
      name,
      body: { metadata, ...body } as JsonObject,
    })
  }
  for (const each of roles)
    add(each.namespace === '' ? 'ClusterRole' : 'Role', each.namespace, each.name, { rules: each.rules })
  for (const [at, { namespace, roleKind, roleName, subjects }] of bindings.entries())
    add(namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding', namespace, `b${at}`, {
      roleRef: { kind: roleKind, name: roleName },
      subjects,
    })
  add('ServiceAccount', 'a', 'web', {})
  add('ServiceAccount', 'b', 'idle', {})
  return buildCluster({ objects, version: 'v1.36' })
}

const viewOf = (cluster: Cluster): AccessView => accessOf({ cluster, asOf: 0, groups: [DIRECTORY] })

/** All that a subject is bound as. */
function namesOf(subject: Subject): Set<string> {
  const groups: Record<string, string[]> = {
    User:
      subject.name === 'system:anonymous'
        ? ['system:unauthenticated']
        : ['system:authenticated', ...(subject.name === 'alice' ? ['devs'] : [])],
    ServiceAccount: ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${subject.namespace}`],
  }
  return new Set([subjectId(subject), ...(groups[subject.kind] ?? []).map((each) => idOf('Group', '', each))])
}

function naive(view: AccessView, subject: Subject, request: Request): boolean {
  const names = namesOf(subject)
  return view.policy.bindings.some((each) => {
    const applies =
      each.kind === 'ClusterRoleBinding' ||
      ('namespace' in request && request.namespace !== '' && request.namespace === each.namespace)
    return (
      applies &&
      each.subjects.some((one) => names.has(subjectId(one))) &&
      (view.policy.roleOf(each)?.rules ?? []).some((one) => ruleAllows(one, request))
    )
  })
}

const PEOPLE = [
  'user:alice',
  'user:bob',
  'user:carol',
  'user:system:anonymous',
  'sa:a/web',
  'sa:b/web',
  'sa:b/job',
  'sa:b/idle',
].map((each) => parseSubject(each) as Subject)

const resourceRequest = fc.record({
  verb: fc.constantFrom('get', 'list', 'create', 'delete'),
  text: fc.constantFrom(
    'secrets',
    'secrets/x',
    'pods',
    'pods/exec',
    'pods/x',
    'deployments.apps',
    'nodes',
    'namespaces',
    'namespaces/a',
    '*',
    '/healthz',
    '/metrics/cadvisor',
    '/metrics',
  ),
})

describe('questions of access', () => {
  test('can is what some binding, role and rule allow, and tells each of them', () => {
    fc.assert(
      fc.property(
        fc.array(role, { maxLength: 4 }),
        fc.array(binding, { maxLength: 6 }),
        resourceRequest,
        fc.constantFrom(...NAMESPACES),
        (roles, bindings, asked, namespace) => {
          const view = viewOf(clusterOf(roles, bindings))
          const question = questionOf({ verb: asked.verb, resource: asked.text, namespace }, view.cluster, 'one')
          for (const subject of PEOPLE) {
            const decision = can(view, subject, question)
            assert.equal(decision.allowed, naive(view, subject, decision.request), subjectText(subject))
            const names = namesOf(subject)
            for (const { grant } of decision.grants) {
              assert.ok(grant && names.has(subjectId(grant.subject)) && grant.binding.subjects.includes(grant.subject))
              assert.ok(ruleAllows(grant.role.rules[grant.rule] as never, decision.request))
            }
            const expected = view.policy.bindings.flatMap((each) =>
              (each.kind === 'ClusterRoleBinding' ||
                ('namespace' in decision.request && each.namespace === decision.request.namespace)) &&
              each.subjects.some((one) => names.has(subjectId(one)))
                ? (view.policy.roleOf(each)?.rules ?? []).flatMap((one, at) =>
                    ruleAllows(one, decision.request) ? [`${each.object.id} ${at}`] : [],
                  )
                : [],
            )
            assert.deepEqual(
              new Set(decision.grants.map(({ grant }) => `${grant?.binding.object.id} ${grant?.rule}`)),
              new Set(expected),
            )
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('who-can in a namespace is everyone who can', () => {
    fc.assert(
      fc.property(
        fc.array(role, { maxLength: 4 }),
        fc.array(binding, { maxLength: 6 }),
        resourceRequest,
        fc.constantFrom(...NAMESPACES),
        (roles, bindings, asked, namespace) => {
          const view = viewOf(clusterOf(roles, bindings))
          const question = questionOf({ verb: asked.verb, resource: asked.text, namespace }, view.cluster, 'each')
          // Of any Namespace, each is asked for: that is the next test's.
          if (question.asked[0]?.each !== undefined) return
          const found = new Set(whoCan(view, question).holders.map(({ subject }) => subjectText(subject)))
          for (const subject of view.individuals())
            assert.equal(found.has(subjectText(subject)), can(view, subject, question).allowed, subjectText(subject))
          for (const group of ['devs', 'system:authenticated', 'system:serviceaccounts'])
            if (found.has(`group:${group}`))
              assert.ok(can(view, { kind: 'Group', name: group, namespace: '' }, question).allowed)
          assert.ok(found.has('group:system:masters'))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('who-can of all namespaces says where, and everyone who can there is in it', () => {
    fc.assert(
      fc.property(
        fc.array(role, { maxLength: 4 }),
        fc.array(binding, { maxLength: 6 }),
        resourceRequest,
        (roles, bindings, asked) => {
          const view = viewOf(clusterOf(roles, bindings))
          const question = questionOf({ verb: asked.verb, resource: asked.text }, view.cluster, 'each')
          const [{ request, each }] = question.asked as [(typeof question.asked)[number]]
          const { holders, untold } = whoCan(view, question)
          assert.equal(untold, 0)
          for (const subject of view.individuals()) {
            const own = holders.filter((one) => subjectId(one.subject) === subjectId(subject))
            const everywhere = own.some((one) => one.namespace === '')
            if (each === undefined) {
              // The request is in a namespace by itself, or in none: an answer may hold in that one alone.
              assert.equal(own.length > 0, naive(view, subject, request), subjectText(subject))
              continue
            }
            assert.equal(everywhere, naive(view, subject, { ...(request as ResourceRequest), namespace: '' }))
            for (const namespace of NAMESPACES) {
              const there: ResourceRequest = {
                ...(request as ResourceRequest),
                namespace,
                ...(each === 'name' ? { name: namespace } : {}),
              }
              const told = everywhere || own.some((one) => one.namespace === namespace)
              if (each === 'name' && !told && naive(view, subject, there))
                // By a rule of a ClusterRoleBinding for this name alone.
                continue
              assert.equal(told, naive(view, subject, there), `${subjectText(subject)} in ${namespace}`)
            }
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('rules are all that can allows, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(role, { maxLength: 4 }), fc.array(binding, { maxLength: 6 }), (roles, bindings) => {
        const view = viewOf(clusterOf(roles, bindings))
        for (const subject of PEOPLE) {
          for (const namespace of [undefined, 'a']) {
            const { rules } = rulesOfSubject(view, subject, namespace)
            for (const verb of ['get', 'create', 'delete'])
              for (const text of [
                'secrets',
                'secrets/x',
                'pods/exec',
                'deployments.apps',
                'nodes',
                '/metrics',
                '/metrics/x',
              ])
                for (const where of namespace === undefined ? NAMESPACES : [namespace]) {
                  const question = questionOf({ verb, resource: text, namespace: where }, view.cluster, 'one')
                  const request = question.asked[0]?.request as Request
                  const at = 'namespace' in request ? request.namespace : ''
                  const held = rules.some(
                    (each) => (each.namespace === '' || each.namespace === at) && ruleAllows(each.rule, request),
                  )
                  assert.equal(
                    held,
                    can(view, subject, question).allowed,
                    `${subjectText(subject)} ${verb} ${text} ${where}`,
                  )
                }
            for (const { rule: joined, grants } of rules)
              assert.deepEqual(new Set(grants.flatMap(({ verbs }) => verbs)), new Set(joined.verbs))
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})
