import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, NODE, rule, workload } from './testing.ts'

describe('ephemeral containers', () => {
  const add = (names?: string): string => grant([rule('patch', 'pods/ephemeralcontainers', '', names)], { at: 'ops' })
  const pod = (spec = ''): string => workload('Pod', 'lone', { spec })

  test('by name take the pod and its node', () => {
    const judged = cluster(add('lone') + pod())
    assert.ok(judged.controls(ATTACKER, 'Pod/ops/lone'))
    assert.ok(judged.controls(ATTACKER, NODE))
    assert.ok(!cluster(add('other') + pod()).controls(ATTACKER, NODE))
  })
  test('by name take no node where Pod Security guards', () => {
    const more = grant([rule('patch', 'pods/ephemeralcontainers', '', 'lone')], { at: 'locked' })
    const judged = cluster(more + workload('Pod', 'lone', { namespace: 'locked' }))
    assert.ok(judged.controls(ATTACKER, 'Pod/locked/lone'))
    assert.ok(!judged.controls(ATTACKER, NODE))
  })
  test('stay in the user namespace of their pod, or in its sandbox', () => {
    for (const names of [undefined, 'lone']) {
      assert.ok(cluster(add(names) + pod()).controls(ATTACKER, NODE))
      for (const spec of [', hostUsers: false', ', runtimeClassName: gvisor']) {
        const judged = cluster(add(names) + pod(spec))
        assert.ok(judged.controls(ATTACKER, 'Pod/ops/lone'))
        assert.ok(!judged.controls(ATTACKER, NODE), spec)
      }
    }
  })
})

describe('names of pods', () => {
  const execs = (name: string, more: string): boolean =>
    cluster(
      grant([rule('create', 'pods/exec', '', name)], { at: 'ops' }) + workload('StatefulSet', 'db', { more }),
    ).controls(ATTACKER, 'StatefulSet/ops/db')

  test('an ordinal below the replicas', () => {
    assert.ok(execs('db-2', ', replicas: 3'))
    assert.ok(!execs('db-7', ', replicas: 3'))
    assert.ok(!execs('db-0', ', replicas: 0'))
    assert.ok(!execs('db-01', ', replicas: 3'))
  })
  test('an ordinal from the start that is set', () => {
    assert.ok(!execs('db-0', ', replicas: 3, ordinals: {start: 5}'))
    assert.ok(execs('db-7', ', replicas: 3, ordinals: {start: 5}'))
    assert.ok(!execs('db-8', ', replicas: 3, ordinals: {start: 5}'))
  })
  test('any ordinal where the replicas are left to an autoscaler', () => assert.ok(execs('db-7', '')))
  test('a proxied pod is named with its port and scheme', () => {
    const contact = (name: string): number =>
      cluster(grant([rule('get', 'pods/proxy', '', `"${name}"`)], { at: 'ops' }) + workload('Pod', 'lone')).chance(
        ATTACKER,
        'Pod/ops/lone',
      )
    for (const name of ['lone', 'lone:8080', 'http:lone:8080', ':lone:']) assert.equal(contact(name), 0.02, name)
    for (const name of ['other:8080', 'http:other:lone']) assert.equal(contact(name), 0, name)
  })
})

describe('templates by name', () => {
  const replicaSet = `
---
apiVersion: apps/v1
kind: ReplicaSet
metadata:
  name: web-5d8f
  namespace: ops
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true}]
spec:
  selector: {matchLabels: {a: web}}
  template: {metadata: {labels: {a: web}}, spec: {containers: [{name: main, image: x}]}}`
  const patches = (resource: string, name: string): boolean =>
    cluster(
      grant([rule('patch', resource, 'apps', name)], { at: 'ops' }) + workload('Deployment', 'web') + replicaSet,
    ).controls(ATTACKER, 'Deployment/ops/web')

  test('a ReplicaSet is its Deployment’s', () => assert.ok(patches('replicasets', 'web-5d8f')))
  test('a Deployment’s name is no ReplicaSet’s', () => assert.ok(!patches('replicasets', 'web')))
  test('a ReplicaSet’s name is no Deployment’s', () => assert.ok(!patches('deployments', 'web-5d8f')))
})
