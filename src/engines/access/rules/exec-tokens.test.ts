import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, rule } from '../testing.ts'

const ACCOUNT = 'ServiceAccount/ops/worker'
const CUT = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: none, namespace: ops }
spec: { podSelector: {}, policyTypes: [Egress, Ingress] }
`
const pod = (spec = ''): string => `
---
apiVersion: v1
kind: Pod
metadata: { name: lone, namespace: ops }
spec: { serviceAccountName: worker, containers: [{ name: main, image: x }]${spec} }
`

function reads(verb: string, resource: string, name: string | undefined, more: string, at?: string): boolean {
  return cluster(grant([rule(verb, resource, '', name)], at === undefined ? {} : { at }) + more).controls(
    ATTACKER,
    ACCOUNT,
  )
}

describe('the token of a pod that does not reach the API server', () => {
  test('is printed by a command, in its terminal, and through the kubelet', () => {
    for (const resource of ['pods/exec', 'pods/attach']) {
      assert.ok(reads('create', resource, undefined, pod() + CUT, 'ops'), resource)
      assert.ok(reads('create', resource, 'lone', pod() + CUT, 'ops'), resource)
      assert.ok(reads('create', resource, undefined, pod() + CUT), resource)
    }
    assert.ok(reads('get', 'nodes/proxy', undefined, pod() + CUT))
  })

  test('is not read by other names, in other namespaces, by other rights, or where none is mounted', () => {
    assert.ok(!reads('create', 'pods/exec', 'other', pod() + CUT, 'ops'))
    assert.ok(!reads('create', 'pods/exec', undefined, pod() + CUT, 'locked'))
    assert.ok(!reads('get', 'nodes/proxy', undefined, pod() + CUT, 'ops'))
    assert.ok(!reads('get', 'nodes/proxy', 'no-such-node', pod() + CUT))
    assert.ok(!reads('get', 'pods/log', undefined, pod() + CUT, 'ops'))
    assert.ok(!reads('create', 'pods/exec', undefined, pod(', automountServiceAccountToken: false') + CUT, 'ops'))
  })
})
