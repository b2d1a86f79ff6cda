import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cluster, grant, NODE, rule, workload } from '../testing.ts'

/** `mover` runs on worker-1 with a token; what it may draw there runs on worker-2. */
const mover = (token = true) => `
---
apiVersion: v1
kind: Node
metadata: {name: worker-2}
---
apiVersion: v1
kind: Pod
metadata: {name: mover, namespace: app}
spec: {nodeName: worker-1, serviceAccountName: mover, automountServiceAccountToken: ${token}, containers: [{name: main, image: x}]}
status: {phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: far-1, namespace: ops, labels: {a: far}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: far, controller: true, uid: x}]}
spec: {nodeName: worker-2, automountServiceAccountToken: false, containers: [{name: main, image: x}]}
status: {phase: Running}
---
apiVersion: v1
kind: Pod
metadata: {name: lone, namespace: ops}
spec: {nodeName: worker-2, automountServiceAccountToken: false, containers: [{name: main, image: x}]}
status: {phase: Running}`
const FAR = 'StatefulSet/ops/far'
const TO = '{kind: ServiceAccount, name: mover, namespace: app}'

function drawn(
  rules: readonly string[],
  { at, more = '', token = true, target = FAR }: { at?: string; more?: string; token?: boolean; target?: string } = {},
): string {
  const yaml =
    mover(token) + workload('StatefulSet', 'far') + grant(rules, { to: TO, ...(at === undefined ? {} : { at }) }) + more
  const judged = cluster(yaml)
  if (!judged.controls(NODE, target)) return 'none'
  return judged.analysis.edges.find(({ kind }) => kind === 'draw-pods')?.truth ?? 'other'
}

const DELETE = rule('delete', 'pods')
const TAINT = rule('patch', 'nodes')

describe('draw-pods', () => {
  test('a node whose pods may drive others away and keep them from other nodes', () => {
    assert.equal(drawn([DELETE, TAINT]), 'yes')
    assert.equal(drawn([rule('create', 'pods/eviction'), rule('update', 'nodes/status')]), 'yes')
    assert.equal(drawn([TAINT], { more: grant([DELETE], { to: TO, at: 'ops', name: 'local' }) }), 'yes')
  })
  test('by binding them before the scheduler does, it is not sure', () => {
    assert.equal(drawn([DELETE, rule('create', 'pods/binding')]), 'unknown')
  })
  test('not by one of the two', () => {
    assert.equal(drawn([DELETE]), 'none')
    assert.equal(drawn([TAINT]), 'none')
    assert.equal(drawn([rule('create', 'pods/binding')]), 'none')
  })
  test('not in another namespace, by a RoleBinding on nodes, or by names', () => {
    assert.equal(drawn([TAINT], { more: grant([DELETE], { to: TO, at: 'app', name: 'local' }) }), 'none')
    assert.equal(drawn([DELETE, TAINT], { at: 'ops' }), 'none')
    assert.equal(drawn([DELETE, rule('patch', 'nodes', '', 'worker-1')]), 'none')
  })
  test('not without the token, nor a pod that does not come again', () => {
    assert.equal(drawn([DELETE, TAINT], { token: false }), 'none')
    assert.equal(drawn([DELETE, TAINT], { target: 'Pod/ops/lone' }), 'none')
  })
  test('the right alone, without the node, draws nothing', () => {
    const judged = cluster(mover() + workload('StatefulSet', 'far') + grant([DELETE, TAINT], { to: TO }))
    assert.ok(!judged.controls('ServiceAccount/app/mover', FAR))
    assert.ok(!judged.controls('Pod/app/mover', FAR))
  })
})
