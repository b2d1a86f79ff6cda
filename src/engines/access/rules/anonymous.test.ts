import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ATTACKER, cluster, grant, rule, workload } from '../testing.ts'

const POD = workload('Deployment', 'web')
const CLOSED = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: ops}
spec: {podSelector: {}, policyTypes: [Egress]}`
const SECRET = `
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: ops}`
const reading = (name: string, kind = 'Group'): string =>
  grant([rule('get', 'secrets')], { to: `{kind: ${kind}, name: "${name}"}` })

test('what nobody needs a token for, every workload may do that reaches the API server', () => {
  for (const granted of [reading('system:unauthenticated'), reading('system:anonymous', 'User')]) {
    const judged = cluster(POD + SECRET + granted)
    assert.ok(judged.controls('Deployment/ops/web', 'Secret/ops/s'))
    assert.ok(judged.controls(ATTACKER, 'Secret/ops/s'))
    assert.ok(!cluster(POD + SECRET + CLOSED + granted).controls('Deployment/ops/web', 'Secret/ops/s'))
  }
})

test('where it is of note', () => {
  const judged = cluster(POD + SECRET + reading('system:authenticated'))
  assert.ok(!judged.analysis.edges.some(({ kind }) => kind === 'anonymous'))
  assert.ok(!judged.controls('Deployment/ops/web', 'Secret/ops/s'))
})
