import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, NODE, rule, workload } from '../testing.ts'

const SHOP =
  workload('Deployment', 'web', { more: ', replicas: 2' }) + workload('Deployment', 'far', { namespace: 'kube-system' })

/** Whether the attacker can stop what runs as `web`, and whether it controls it. */
function stops(yaml: string, name = 'web', namespace = 'ops'): boolean {
  const judged = cluster(SHOP + yaml)
  const id = `Deployment/${namespace}/${name}`
  const application = judged.analysis.applications.applicationOf(id)?.id
  assert.ok(application !== undefined)
  assert.ok(!judged.controls(ATTACKER, id), 'it must not control it')
  return judged.controls(ATTACKER, application)
}

describe('stop-workload', () => {
  const local = (text: string) => stops(grant([text], { at: 'ops' }))
  test('by deleting it, or scaling it to nothing', () => {
    for (const right of [
      rule('delete', 'deployments', 'apps'),
      rule('delete', 'deployments', 'apps', 'web'),
      rule('deletecollection', 'deployments', 'apps'),
      rule('patch', 'deployments/scale', 'apps'),
      rule('update', 'deployments/scale', 'apps', 'web'),
      rule('delete', 'pods'),
    ])
      assert.ok(local(right), right)
  })
  test('not by other rights, groups, names, or names for a collection', () => {
    for (const right of [
      rule('get', 'deployments', 'apps'),
      rule('delete', 'deployments', 'extensions.example.com'),
      rule('delete', 'deployments', 'apps', 'other'),
      rule('deletecollection', 'deployments', 'apps', 'web'),
      rule('get', 'deployments/scale', 'apps'),
      rule('delete', 'replicasets', 'apps'),
      rule('delete', 'statefulsets', 'apps'),
      rule('delete', 'deployments/status', 'apps'),
    ])
      assert.ok(!local(right), right)
  })
  test('not in another namespace', () => {
    assert.ok(!stops(grant([rule('delete', 'deployments', 'apps')], { at: 'app' })))
  })
})

describe('stop-namespace', () => {
  const REMOVE = rule('delete', 'namespaces')
  test('everywhere, by name, or by a RoleBinding in it', () => {
    assert.ok(stops(grant([REMOVE])))
    assert.ok(stops(grant([rule('delete', 'namespaces', '', 'ops')])))
    assert.ok(stops(grant([REMOVE], { at: 'ops' })))
  })
  test('not another', () => {
    assert.ok(!stops(grant([rule('delete', 'namespaces', '', 'app')])))
    assert.ok(!stops(grant([REMOVE], { at: 'app' })))
    assert.ok(!stops(grant([rule('delete', 'namespaces', '', 'app')], { at: 'ops' })))
  })
})

describe('stop-node', () => {
  test('by a taint, or by deleting it', () => {
    for (const verb of ['update', 'patch', 'delete']) assert.ok(stops(grant([rule(verb, 'nodes')])), verb)
  })
  test('a RoleBinding gives nothing on nodes', () => {
    assert.ok(!stops(grant([rule('patch', 'nodes')], { at: 'ops' })))
  })
  test('one node by its name: the applications with pods there', () => {
    const pod = `
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: ops, labels: {a: web}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true, uid: x}]}
spec: {nodeName: worker-1, automountServiceAccountToken: false, containers: [{name: main, image: x}]}
status: {phase: Running}`
    assert.ok(stops(pod + grant([rule('patch', 'nodes', '', 'worker-1')])))
    assert.ok(!stops(pod + grant([rule('patch', 'nodes', '', 'worker-2')])))
    assert.ok(!stops(pod + grant([rule('patch', 'nodes/status')])))
  })
  test('gives no control of the node', () => {
    assert.ok(!cluster(SHOP + grant([rule('patch', 'nodes')])).controls(ATTACKER, NODE))
  })
})

describe('preempt', () => {
  const PRIORITY = rule('create', 'priorityclasses', 'scheduling.k8s.io')
  const pods = grant([rule('create', 'pods')], { at: 'locked', name: 'pods' })
  test('a class of one’s own and pods of it', () => {
    assert.ok(stops(pods + grant([PRIORITY])))
    assert.ok(!stops(grant([PRIORITY])))
    assert.ok(!stops(pods))
    assert.ok(!stops(pods + grant([PRIORITY], { at: 'locked' })))
  })
  test('a quota makes it uncertain', () => {
    const truth = (more: string) =>
      cluster(SHOP + pods + grant([PRIORITY]) + more).analysis.edges.find(({ kind }) => kind === 'preempt')?.truth
    const quota =
      '\n---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: locked}\nspec: {hard: {pods: "2"}}'
    assert.equal(truth(''), 'yes')
    assert.equal(truth(quota), 'unknown')
  })
})

describe('take-lease', () => {
  const pod = `
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: ops, labels: {a: web}, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, controller: true, uid: x}]}
spec: {automountServiceAccountToken: false, containers: [{name: main, image: x}]}
---
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: leader, namespace: ops}
spec: {holderIdentity: web-1_5f0c}`
  const LEASES = 'coordination.k8s.io'
  test('of the pod that holds it', () => {
    assert.ok(stops(pod + grant([rule('update', 'leases', LEASES)], { at: 'ops' })))
    assert.ok(stops(pod + grant([rule('patch', 'leases', LEASES, 'leader')], { at: 'ops' })))
  })
  test('of no other', () => {
    assert.ok(!stops(pod + grant([rule('patch', 'leases', LEASES, 'other')], { at: 'ops' })))
    assert.ok(!stops(pod + grant([rule('get, create', 'leases', LEASES)], { at: 'ops' })))
    assert.ok(!stops(grant([rule('update', 'leases', LEASES)], { at: 'ops' })))
  })
})

test('events tell of what happened; who deletes them reaches nothing by it', () => {
  const judged = cluster(SHOP + grant([rule('delete, deletecollection', 'events')]))
  assert.deepEqual(
    judged.analysis.edges.filter(({ from }) => from === ATTACKER).map(({ kind }) => kind),
    [],
  )
})
