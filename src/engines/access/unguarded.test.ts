import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, NODE, rule, workload } from './testing.ts'

const CREATE = rule('create', 'pods')
const label = (names?: string): string => rule('patch', 'namespaces', '', names)
const DEPLOYMENT = workload('Deployment', 'd', { namespace: 'locked' })

function leads(more: string): boolean {
  return cluster(more).controls(ATTACKER, NODE)
}

describe('the label of a guarded namespace', () => {
  test('and pods, by the second of two rules', () => {
    assert.ok(leads(grant([CREATE, label('other'), label('locked')], { at: 'locked' })))
    assert.ok(!leads(grant([CREATE, label('other'), label('another')], { at: 'locked' })))
  })
  test('and pods, by the second of two bindings', () => {
    const others = grant([label('other')], { name: 'a' }) + grant([CREATE], { name: 'b', at: 'locked' })
    assert.ok(!leads(others))
    assert.ok(leads(others + grant([label('locked')], { name: 'c' })))
  })
  test('and a template that exists', () => {
    const patch = (names?: string): string =>
      grant([rule('patch', 'deployments', 'apps', names)], { name: 'a', at: 'locked' }) + grant([label()])
    assert.ok(leads(patch() + DEPLOYMENT))
    assert.ok(leads(patch('d') + DEPLOYMENT))
    assert.ok(!leads(patch()))
    assert.ok(!leads(patch('e') + DEPLOYMENT))
  })
  test('and an ephemeral container', () => {
    const add = (names?: string): string =>
      grant([rule('patch', 'pods/ephemeralcontainers', '', names)], { name: 'a', at: 'locked' }) + grant([label()])
    const pod = workload('Pod', 'lone', { namespace: 'locked' })
    assert.ok(leads(add() + DEPLOYMENT))
    assert.ok(leads(add('lone') + pod))
    assert.ok(!leads(add('other') + pod))
    assert.ok(!leads(add()))
    assert.ok(!leads(add() + workload('Pod', 'lone', { namespace: 'locked', spec: ', hostUsers: false' })))
  })
  test('and an ephemeral container, cluster-wide', () => {
    assert.ok(leads(grant([rule('patch', 'pods/ephemeralcontainers'), label()]) + DEPLOYMENT))
  })
  test('the label alone gives no node', () => assert.ok(!leads(grant([label()]) + DEPLOYMENT)))
})
