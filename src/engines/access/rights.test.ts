import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ADMIN, ATTACKER, CONTROL_PLANE, cluster, grant, NODE, rule } from './testing.ts'

const EVERYTHING = rule('"*"', '"*"', '*')
const SECRET = `
---
apiVersion: v1
kind: Secret
metadata: {name: taken, namespace: ops}`

describe('the empty name', () => {
  test('is that of a request for a collection', () => {
    assert.ok(cluster(grant([rule('create', 'pods', '', '""')], { at: 'ops' })).controls(ATTACKER, ADMIN))
    const reads = (verb: string): boolean =>
      cluster(grant([rule(verb, 'secrets', '', '""')], { at: 'ops' }) + SECRET).controls(ATTACKER, 'Secret/ops/taken')
    assert.ok(reads('list'))
    assert.ok(reads('watch'))
    assert.ok(!reads('get'))
  })
  test('is not that of a subresource', () => {
    const mint = grant([rule('create', 'serviceaccounts/token', '', '""')], { at: 'ops' })
    assert.ok(!cluster(mint).controls(ATTACKER, ADMIN))
  })
})

describe('two rights together', () => {
  test('a rule for all names stands behind one for some', () => {
    const named = rule('get', 'secrets', '', 'taken')
    const made = cluster(grant([named, rule('create, list', 'secrets')], { at: 'ops' }) + SECRET)
    assert.ok(made.kinds(ATTACKER, 'Scope/ops/serviceaccounts').includes('create-token-secret'))
    const taken = cluster(grant([named, rule('create', 'secrets')], { at: 'ops' }) + SECRET)
    assert.ok(!taken.controls(ATTACKER, ADMIN))
  })
})

describe('members of groups', () => {
  const group = (name: string): string => grant([EVERYTHING], { to: `{kind: Group, name: "${name}"}` })
  test('nodes', () => {
    for (const name of ['system:nodes', 'system:authenticated'])
      assert.ok(cluster(group(name)).controls(NODE, CONTROL_PLANE), name)
    assert.ok(!cluster(group('system:serviceaccounts')).controls(NODE, CONTROL_PLANE))
  })
  test('the service accounts of a namespace', () => {
    const some = '{kind: Group, name: "system:serviceaccounts:app"}'
    const other = grant([rule('get', 'pods')], { name: 'other', to: some })
    const from = 'Group//system:serviceaccounts:app'
    assert.ok(cluster(group('system:serviceaccounts') + other).controls(from, CONTROL_PLANE))
    assert.ok(!cluster(group('system:nodes') + other).controls(from, CONTROL_PLANE))
  })
})
