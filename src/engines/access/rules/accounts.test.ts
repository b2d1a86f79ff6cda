import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, bind, CONTROL_PLANE, cluster, grant, rule } from '../testing.ts'

const GHOST = bind('kind: ClusterRole, name: cluster-admin', {
  name: 'ghost',
  to: '{kind: ServiceAccount, name: ghost, namespace: ops}',
})
const LISTED = { listed: ['ServiceAccount', 'Namespace'] }
const create = rule('create', 'serviceaccounts')
const mint = rule('create', 'serviceaccounts/token')

const leads = (rules: readonly string[], { at, more = GHOST }: { at?: string; more?: string } = {}): boolean =>
  cluster(more + grant(rules, at === undefined ? {} : { at }), LISTED).controls(ATTACKER, 'ServiceAccount/ops/ghost')

describe('a service account that a binding waits for', () => {
  test('is created, and its token taken', () => {
    assert.ok(leads([create, mint]))
    assert.ok(leads([create, mint], { at: 'ops' }))
    assert.ok(leads([create, rule('create', 'serviceaccounts/token', '', 'ghost')], { at: 'ops' }))
    assert.ok(leads([create, rule('create', 'pods')], { at: 'ops' }))
    assert.ok(leads([create, rule('create', 'cronjobs', 'batch')], { at: 'ops' }))
    assert.ok(leads([create, rule('create, get', 'secrets')], { at: 'ops' }))
    const judged = cluster(GHOST + grant([create, mint], { at: 'ops' }), LISTED)
    assert.ok(judged.controls(ATTACKER, CONTROL_PLANE))
  })
  test('takes both rights, there', () => {
    assert.ok(!leads([create]))
    assert.ok(!leads([mint]))
    assert.ok(!leads([create, mint], { at: 'app' }))
    assert.ok(!leads([rule('create', 'serviceaccounts', '', 'ghost'), mint]))
    assert.ok(!leads([create, rule('create', 'serviceaccounts/token', '', 'other')]))
    assert.ok(!leads([create, rule('create', 'secrets')], { at: 'ops' }))
    assert.ok(!leads([rule('create', 'Serviceaccounts'), mint]))
  })
  test('of a namespace that has to be created first', () => {
    const more = bind('kind: ClusterRole, name: cluster-admin', {
      name: 'ghost',
      to: '{kind: ServiceAccount, name: ghost, namespace: gone}',
    })
    const gone = (rules: readonly string[], listed: readonly string[]): boolean =>
      cluster(more + grant(rules), { listed }).controls(ATTACKER, 'ServiceAccount/gone/ghost')
    assert.ok(!gone([create, mint], ['Namespace']))
    assert.ok(gone([create, mint, rule('create', 'namespaces')], ['Namespace']))
    assert.ok(gone([create, mint], []))
  })
  test('those of Kubernetes’ own bindings are there', () => {
    const { analysis } = cluster(grant([create, mint]), LISTED)
    assert.deepEqual(
      analysis.edges.filter(({ kind }) => kind === 'create-account').map(({ to }) => to),
      [],
    )
  })
})
