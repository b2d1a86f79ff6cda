import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isMirrorPod } from './pod.ts'
import { clusterOf, objectsOf } from './testing.ts'
import type { Workload } from './workload.ts'

const only = (text: string): Workload => {
  const { workloads } = clusterOf(text)
  assert.equal(workloads.length, 1)
  return workloads[0] as Workload
}

describe('what has run', () => {
  const job = (status: string): string =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {containers: [{name: c, image: x}]}}}\nstatus: ${status}`
  const workflow = (status: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec: {entrypoint: a, templates: [{name: a, container: {image: x}}]}\nstatus: ${status}`
  const cases: Readonly<Record<string, readonly [text: string, finished: boolean]>> = {
    'a Job with its time': [job('{completionTime: "2026-01-01T00:00:00Z"}'), true],
    'a Job that is complete': [job('{conditions: [{type: Complete, status: "True"}]}'), true],
    'a Job that failed': [job('{conditions: [{type: Failed, status: "True", reason: BackoffLimitExceeded}]}'), true],
    'a Job that runs': [job('{active: 1}'), false],
    'a Job that is suspended': [job('{conditions: [{type: Suspended, status: "True"}]}'), false],
    'a Job that is about to fail': [job('{conditions: [{type: FailureTarget, status: "True"}]}'), false],
    'a Job that is not complete': [job('{conditions: [{type: Complete, status: "False"}]}'), false],
    'a Workflow that succeeded': [workflow('{phase: Succeeded}'), true],
    'a Workflow with an error': [workflow('{phase: Error}'), true],
    'a Workflow with its time': [workflow('{finishedAt: "2026-01-01T00:00:00Z"}'), true],
    'a Workflow that runs': [workflow('{phase: Running, finishedAt: null}'), false],
  }
  for (const [name, [text, finished]] of Object.entries(cases))
    test(name, () => assert.equal(only(text).finished, finished))
})

test('of two pods of one shape, the one that runs shows it', () => {
  const pod = (name: string, phase: string): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: rs, controller: true}]}
spec: {nodeName: ${name}, containers: [{name: c, image: x}]}
status: {phase: ${phase}}`
  const shapes = (...pods: readonly string[]): readonly string[] =>
    only(pods.join('\n---\n')).specs.map(({ object }) => object.name)
  assert.deepEqual(shapes(pod('old', 'Failed'), pod('new', 'Running')), ['new'])
  assert.deepEqual(shapes(pod('new', 'Running'), pod('old', 'Failed')), ['new'])
  assert.deepEqual(shapes(pod('one', 'Running'), pod('two', 'Running')), ['one'])
})

test('pods are placed as their RuntimeClass and their controller say', () => {
  const text = (kind: string, runtimeClass = 'gpu'): string => `apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: gpu}
handler: nvidia
scheduling: {nodeSelector: {gpu: nvidia}, tolerations: [{key: gpu, operator: Exists, effect: NoSchedule}]}
---
apiVersion: apps/v1
kind: ${kind}
metadata: {name: a}
spec: {template: {spec: {runtimeClassName: ${runtimeClass}, nodeSelector: {disk: ssd}, containers: [{name: c, image: x}]}}}`
  const pod = only(text('Deployment')).specs[0]?.pod
  assert.deepEqual([...(pod?.nodeSelector ?? [])].sort(), [
    ['disk', 'ssd'],
    ['gpu', 'nvidia'],
  ])
  assert.deepEqual(
    pod?.tolerations.map((each) => each.key),
    ['gpu'],
  )
  assert.deepEqual(only(text('Deployment', 'other')).specs[0]?.pod.tolerations, [])
  const daemon = only(text('DaemonSet', 'other')).specs[0]?.pod
  assert.ok(daemon?.tolerations.some((each) => each.key === 'node.kubernetes.io/unschedulable'))
})

test('a mirror pod is known by its annotation', () => {
  const pod = (annotations: string): boolean =>
    objectsOf(`apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: ${annotations}}\nspec: {}`).every(
      isMirrorPod,
    )
  assert.equal(pod('{kubernetes.io/config.mirror: abc}'), true)
  assert.equal(pod('{kubernetes.io/config.source: api}'), false)
})

test('a Deployment that was not exported is named by its ReplicaSet as by its pods', () => {
  const owner = (kind: string, name: string): string =>
    `ownerReferences: [{apiVersion: apps/v1, kind: ${kind}, name: ${name}, uid: u, controller: true}]`
  const pod = `
---
apiVersion: v1
kind: Pod
metadata: {name: w-abc-1, namespace: app, labels: {pod-template-hash: abc}, ${owner('ReplicaSet', 'w-abc')}}
spec: {containers: [{name: c}]}
status: {phase: Running}`
  const set = `
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: w-abc, namespace: app, ${owner('Deployment', 'w')}}
spec: {template: {spec: {containers: [{name: c}]}}}`
  for (const text of [pod, set, pod + set]) {
    const { workloads } = clusterOf(text)
    assert.deepEqual(
      workloads.map(({ id }) => id),
      ['Deployment/app/w'],
    )
  }
})

test('an object of Kubernetes’ own groups holds no pod template that its type does not have', () => {
  const holder = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: c, image: x}]}}}`
  assert.equal(clusterOf(holder('example.com/v1', 'Machine')).workloads.length, 1)
  for (const [apiVersion, kind] of [
    ['networking.k8s.io/v1', 'NetworkPolicy'],
    ['policy/v1', 'PodDisruptionBudget'],
    ['v1', 'Service'],
  ] as const)
    assert.deepEqual(clusterOf(holder(apiVersion, kind)).workloads, [], kind)
})
