import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ADMIN, ATTACKER, CONTROL_PLANE, cluster, grant, RBAC, rule } from './testing.ts'

const GROUP = 'authentication.k8s.io'
const be = (mode: string, resource: string, names?: string): string =>
  rule(`"impersonate:${mode}"`, resource, GROUP, names)
const on = (mode: string, verb: string, resource: string, group = '', names?: string): string =>
  rule(`"impersonate-on:${mode}:${verb}"`, resource, group, names)
const user = (mode = 'user-info', names = 'jane'): string => be(mode, 'users', names)

const SECRETS = ['password', 'other']
  .map(
    (name) => `
---
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: ops}`,
  )
  .join('')
const JANE = '{kind: User, name: jane}'
const jane = (rules: readonly string[], at?: string): string =>
  grant(rules, { name: 'jane', to: JANE, ...(at === undefined ? {} : { at }) })
const READER = SECRETS + jane([rule('get', 'secrets')], 'ops')

interface Asked {
  readonly version?: string
  readonly more?: string
  readonly at?: string
}
const reads = (
  rules: readonly string[],
  { version = 'v1.36', more = READER, at }: Asked = {},
  name = 'password',
): boolean =>
  cluster(more + grant(rules, at === undefined ? {} : { at }), { version }).controls(ATTACKER, `Secret/ops/${name}`)

describe('constrained impersonation of a user', () => {
  test('does what both may', () => {
    assert.ok(reads([user(), on('user-info', 'get', 'secrets')]))
    assert.ok(reads([be('user-info', 'users'), on('user-info', 'get', 'secrets')]))
  })
  test('takes both rights, of one mode, from 1.36', () => {
    assert.ok(!reads([user()]))
    assert.ok(!reads([on('user-info', 'get', 'secrets')]))
    assert.ok(!reads([user(), on('serviceaccount', 'get', 'secrets')]))
    assert.ok(!reads([user('user-info', 'john'), on('user-info', 'get', 'secrets')]))
    assert.ok(!reads([user(), on('user-info', 'get', 'secrets')], { version: 'v1.35' }))
    assert.ok(!reads([rule('"impersonate:user-info"', 'users', ''), on('user-info', 'get', 'secrets')]))
    assert.ok(!reads([user(), rule('"Impersonate-On:user-info:get"', 'secrets')]))
  })
  test('is no more than the one or the other', () => {
    assert.ok(!reads([user(), on('user-info', 'get', 'configmaps')]))
    assert.ok(
      !reads([user(), on('user-info', 'get', 'secrets')], { more: SECRETS + jane([rule('get', 'configmaps')]) }),
    )
    assert.ok(!reads([user(), on('user-info', 'get', 'secrets', '', 'other')]))
    assert.ok(reads([user(), on('user-info', 'get', 'secrets', '', 'other')], {}, 'other'))
    const named = SECRETS + jane([rule('get', 'secrets', '', 'password')], 'ops')
    assert.ok(reads([user(), on('user-info', 'get', 'secrets')], { more: named }))
    assert.ok(!reads([user(), on('user-info', 'get', 'secrets')], { more: named }, 'other'))
  })
  test('whom to be is cluster-scoped, what to do may be of a namespace', () => {
    assert.ok(!reads([user(), on('user-info', 'get', 'secrets')], { at: 'ops' }))
    const apart = (at: string): boolean =>
      cluster(READER + grant([user()], { name: 'a' }) + grant([on('user-info', 'get', 'secrets')], { name: 'b', at }), {
        version: 'v1.36',
      }).controls(ATTACKER, 'Secret/ops/password')
    assert.ok(apart('ops'))
    assert.ok(!apart('app'))
  })
  test('is a member of the groups that it may be in, of system:masters never', () => {
    const more = SECRETS + grant([rule('get', 'secrets')], { name: 'g', to: '{kind: Group, name: readers}' })
    const rights = [user(), on('user-info', 'get', 'secrets')]
    assert.ok(reads([...rights, be('user-info', 'groups', 'readers')], { more }))
    assert.ok(reads([...rights, be('user-info', 'groups')], { more }))
    assert.ok(!reads([...rights, be('user-info', 'groups', 'writers')], { more }))
    assert.ok(!reads(rights, { more }))
    assert.ok(!reads([...rights, be('user-info', 'groups', '"system:masters"')], { more }))
  })
  test('of no service account and no node', () => {
    const rights = [be('user-info', 'users', '"system:serviceaccount:ops:admin"'), on('user-info', 'get', 'secrets')]
    assert.ok(!reads(rights))
  })
  test('tells every binding and rule', () => {
    const { analysis } = cluster(READER + grant([user(), on('user-info', 'get', 'secrets')]), { version: 'v1.36' })
    const edge = analysis.edges.find(({ from, kind }) => from === ATTACKER && kind === 'read-secret')
    const told = edge?.because.flatMap(({ object, path }) => (object ? [`${object.id} ${path?.join('.')}`] : []))
    for (const each of [
      'ClusterRoleBinding//granted subjects.0',
      'ClusterRole//granted rules.0',
      'ClusterRole//granted rules.1',
      'RoleBinding/ops/jane subjects.0',
      'ClusterRole//jane rules.0',
    ])
      assert.ok(told?.includes(each), `${each} in ${told?.join(', ')}`)
  })
})

describe('constrained impersonation of service accounts and nodes', () => {
  const account = (names?: string): string => be('serviceaccount', 'serviceaccounts', names)
  test('an account, in its namespace', () => {
    const get = on('serviceaccount', 'get', 'secrets')
    for (const at of [undefined, 'ops']) {
      assert.ok(reads([account(), get], at === undefined ? {} : { at }))
      assert.ok(reads([account('admin'), get], at === undefined ? {} : { at }))
      assert.ok(!reads([account('other'), get], at === undefined ? {} : { at }))
    }
    assert.ok(!reads([account(), get], { at: 'app' }))
    assert.ok(!cluster(grant([account()]), { version: 'v1.36' }).controls(ATTACKER, ADMIN))
  })
  test('a node', () => {
    const to = '{kind: Group, name: "system:nodes"}'
    const more = SECRETS + grant([rule('get', 'secrets')], { name: 'nodes', to, at: 'ops' })
    const rights = [be('arbitrary-node', 'nodes', 'worker-1'), on('arbitrary-node', 'get', 'secrets')]
    assert.ok(reads(rights, { more }))
    assert.ok(!reads(rights))
  })
})

describe('what is written as another', () => {
  const create = on('serviceaccount', 'create', 'clusterrolebindings', RBAC)
  const leads = (rules: readonly string[], more = ''): boolean =>
    cluster(more + grant(rules), { version: 'v1.36' }).controls(ATTACKER, CONTROL_PLANE)
  test('a binding of what the other holds', () => {
    assert.ok(leads([be('serviceaccount', 'serviceaccounts', 'admin'), create]))
    assert.ok(!leads([be('serviceaccount', 'serviceaccounts', 'other'), create]))
    assert.ok(
      !leads([
        be('serviceaccount', 'serviceaccounts', 'admin'),
        on('serviceaccount', 'get', 'clusterrolebindings', RBAC),
      ]),
    )
  })
  test('bind is asked of the other', () => {
    const writer = jane([rule('bind', 'clusterroles', RBAC), rule('create', 'clusterrolebindings', RBAC)])
    const binds = on('user-info', 'create', 'clusterrolebindings', RBAC)
    assert.ok(leads([user(), binds], writer))
    assert.ok(!leads([user(), binds], jane([rule('create', 'clusterrolebindings', RBAC)])))
    // The rights of two are not those of one.
    const john = grant([rule('bind', 'clusterroles', RBAC)], { name: 'john', to: '{kind: User, name: john}' })
    const two = jane([rule('create', 'clusterrolebindings', RBAC)]) + john
    assert.ok(!leads([be('user-info', 'users', 'jane, john'), binds], two))
  })
})
