import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rbacPolicy } from '../../authz/policy.ts'
import { because } from '../../cluster/because.ts'
import { recordedMemberships } from './recorded-memberships.ts'
import { ATTACKER, bind, CONTROL_PLANE, cluster, grant, rule } from './testing.ts'
import type { Who } from './used/behaviour.ts'

const JANE = 'User//jane'
const PEOPLE = `${bind('kind: ClusterRole, name: view', { name: 'jane', at: 'app', to: '{kind: User, name: jane}' })}
${bind('kind: ClusterRole, name: cluster-admin', { name: 'admins', to: '{kind: Group, name: admins}' })}`
const told = new Map([[JANE, [{ group: 'admins', because: [because('the directory says so')] }]]])
const TELLING = { memberships: told }

describe('groups that a directory or a log tells', () => {
  test('lead a user to what they may, and say by whose word', () => {
    assert.ok(!cluster(PEOPLE).controls(JANE, CONTROL_PLANE))
    const judged = cluster(PEOPLE, TELLING)
    assert.ok(judged.controls(JANE, CONTROL_PLANE))
    const edge = judged.analysis.edges.find(
      ({ from, kind, to }) => from === JANE && kind === 'member' && to === 'Group//admins',
    )
    assert.deepEqual(
      edge?.because.map(({ text }) => text),
      ['the directory says so'],
    )
  })
  test('are not had by whoever impersonates the user', () => {
    const as = grant([rule('impersonate', 'users', '', 'jane')])
    const reads = cluster(PEOPLE + as, TELLING)
    assert.ok(!reads.controls(ATTACKER, CONTROL_PLANE))
    const anybody = cluster(PEOPLE + grant([rule('impersonate', 'users')]), TELLING)
    assert.ok(!anybody.controls(ATTACKER, 'Group//admins'))
    const groups = grant([rule('impersonate', 'groups', '', 'admins')], { name: 'groups' })
    assert.ok(cluster(PEOPLE + as + groups, TELLING).controls(ATTACKER, CONTROL_PLANE))
  })
  test('what the name alone gives is had', () => {
    const reader = grant([rule('get', 'secrets')], { name: 'reader', to: '{kind: User, name: jane}', at: 'ops' })
    const secret = '\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ops}'
    const as = grant([rule('impersonate', 'users', '', 'jane')])
    assert.ok(cluster(PEOPLE + reader + secret + as, TELLING).controls(ATTACKER, 'Secret/ops/s'))
  })
  test('rights of the user and of the group count together', () => {
    const group = grant([rule('create', 'clusterrolebindings', 'rbac.authorization.k8s.io')], {
      name: 'g',
      to: '{kind: Group, name: binders}',
    })
    const own = grant([rule('bind', 'clusterroles', 'rbac.authorization.k8s.io')], {
      name: 'o',
      to: '{kind: User, name: jane}',
    })
    const memberships = new Map([[JANE, [{ group: 'binders', because: [] }]]])
    assert.ok(cluster(group + own, { memberships }).controls(JANE, CONTROL_PLANE))
    assert.ok(!cluster(group + own).controls(JANE, CONTROL_PLANE))
  })
})

describe('to be a node by its name', () => {
  const users = rule('impersonate', 'users', '', '"system:node:worker-1"')
  const mint = (rules: readonly string[]): boolean =>
    cluster(grant(rules)).controls(ATTACKER, 'User//system:node:worker-1')
  test('takes its group as well', () => {
    assert.ok(!mint([users]))
    const anybody = cluster(grant([rule('impersonate', 'users')])).analysis.edges
    assert.ok(!anybody.some(({ from, to }) => from === ATTACKER && to === 'Scope/*/node users'))
    assert.ok(!anybody.some(({ from, to }) => from.startsWith('Scope/*/users') && to === 'User//system:node:worker-1'))
    assert.ok(mint([users, rule('impersonate', 'groups', '', '"system:nodes"')]))
    assert.ok(mint([rule('impersonate', 'users'), rule('impersonate', 'groups')]))
    assert.ok(!mint([users, rule('impersonate', 'groups', '', 'other')]))
  })
})

describe('recorded memberships', () => {
  const { analysis } = cluster(PEOPLE)
  const policy = rbacPolicy(analysis.cluster)
  const who = (subject: string, groups: readonly string[], impersonator?: Who): Who =>
    ({
      user: 'jane',
      subject,
      groups,
      ids: [],
      workload: '',
      namesPod: false,
      impersonations: [],
      dropped: undefined,
      behaviours: [{ impersonator, place: { file: 'a', line: 1 } }],
    }) as unknown as Who
  const of = (...whos: readonly Who[]): readonly string[] =>
    [...recordedMemberships(whos, policy)].flatMap(([user, all]) => all.map(({ group }) => `${user} ${group}`))
  test('of bound users in bound groups', () => {
    const groups = ['admins', 'others', 'system:authenticated']
    assert.deepEqual(of(who(JANE, groups), who(JANE, ['admins'])), [`${JANE} admins`])
    assert.deepEqual(of(who('User//john', groups)), [])
    assert.deepEqual(of(who('ServiceAccount/app/attacker', ['admins'])), [])
    assert.deepEqual(of(who(JANE, ['system:masters'])), [`${JANE} system:masters`])
  })
  test('not those that an impersonator chose', () => {
    const other = who(JANE, [])
    assert.deepEqual(of(who(JANE, ['admins'], other)), [])
  })
})
