import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../../cluster/testing.ts'
import { networkModel } from './model.ts'

/** Labels that controllers write into pods, by the kind of workload. */

const of = (kind: string, spec = '', name = 'w'): string => `
kind: ${kind}
apiVersion: ${kind.endsWith('Job') ? 'batch' : 'apps'}/v1
metadata: {name: ${name}}
spec: {${spec} template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: c}]}}}`
const cronJob = `
kind: CronJob
apiVersion: batch/v1
metadata: {name: w}
spec: {jobTemplate: {spec: {template: {metadata: {labels: {app: w}}, spec: {containers: [{name: c, image: c}]}}}}}`
const bare = '{kind: Pod, apiVersion: v1, metadata: {name: w, labels: {app: w}}, spec: {containers: [{name: c}]}}'

type Operator = 'Exists' | 'DoesNotExist' | 'In' | 'NotIn'

/** Whether `app=w` and this requirement select the one workload. */
function selected(text: string, key: string, operator: Operator, value = 'x'): string {
  const { selection, sets } = networkModel(clusterOf(text))
  const requirement = { key, operator, values: operator.endsWith('In') ? [value] : [] }
  const { sure, may } = selection.inNamespace('default', [{ key: 'app', operator: 'In', values: ['w'] }, requirement])
  return sets.has(sure, 0) ? 'yes' : sets.has(may, 0) ? 'unknown' : 'no'
}

const OPERATORS = ['Exists', 'DoesNotExist', 'In', 'NotIn'] as const
const all = (text: string, key: string): string => OPERATORS.map((operator) => selected(text, key, operator)).join(' ')
const ABSENT = 'no yes no yes'
const VARIES = 'yes no unknown unknown'

test('a label that the kind never has is absent', () => {
  for (const [text, key] of [
    [of('Deployment'), 'job-name'],
    [of('Deployment'), 'batch.kubernetes.io/job-name'],
    [of('Deployment'), 'statefulset.kubernetes.io/pod-name'],
    [of('Deployment'), 'controller-revision-hash'],
    [of('DaemonSet'), 'pod-template-hash'],
    [of('DaemonSet'), 'apps.kubernetes.io/pod-index'],
    [of('StatefulSet'), 'pod-template-generation'],
    [of('Job'), 'batch.kubernetes.io/job-completion-index'],
    [of('Job', 'manualSelector: true,'), 'job-name'],
    [cronJob, 'pod-template-hash'],
    [bare, 'pod-template-hash'],
  ] as const)
    assert.equal(all(text, key), ABSENT, `${key} ${text}`)
})

test('one that it has is there, with a value that differs from pod to pod', () => {
  for (const [text, key] of [
    [of('Deployment'), 'pod-template-hash'],
    [of('DaemonSet'), 'controller-revision-hash'],
    [of('DaemonSet'), 'pod-template-generation'],
    [of('StatefulSet'), 'controller-revision-hash'],
    [of('StatefulSet'), 'statefulset.kubernetes.io/pod-name'],
    [of('StatefulSet'), 'apps.kubernetes.io/pod-index'],
    [of('Job'), 'controller-uid'],
    [of('Job'), 'batch.kubernetes.io/controller-uid'],
    [of('Job', 'completionMode: Indexed,'), 'batch.kubernetes.io/job-completion-index'],
    [cronJob, 'job-name'],
    [cronJob, 'batch.kubernetes.io/job-name'],
  ] as const)
    assert.equal(all(text, key), VARIES, `${key} ${text}`)
})

test('the pods of a Job have its name', () => {
  for (const key of ['job-name', 'batch.kubernetes.io/job-name']) {
    assert.equal(selected(of('Job'), key, 'In', 'w'), 'yes')
    assert.equal(selected(of('Job'), key, 'NotIn', 'w'), 'no')
    assert.equal(all(of('Job'), key), 'yes no no yes')
  }
  const generated = of('Job').replace('name: w', 'generateName: w-')
  assert.equal(all(generated, 'job-name'), VARIES)
})

test('what the template says counts where no controller overwrites it', () => {
  const hashed = of('ReplicaSet').replace('app: w', 'app: w, pod-template-hash: x')
  assert.equal(all(hashed, 'pod-template-hash'), 'yes no yes no')
  assert.equal(all(of('ReplicaSet'), 'pod-template-hash'), ABSENT)
  const written = of('Deployment').replace('app: w', 'app: w, job-name: x')
  assert.equal(all(written, 'job-name'), 'yes no yes no')
})

test('nobody knows what a controller that Kubernetes does not have writes', () => {
  const rollout = of('Rollout').replace('apps/v1', 'argoproj.io/v1alpha1')
  assert.equal(all(rollout, 'rollouts-pod-template-hash'), 'unknown unknown unknown unknown')
})

test('live pods that differ in what their kind never has are told apart', () => {
  const live = (name: string, label: string): string => `
kind: Pod
apiVersion: v1
metadata: {name: ${name}, labels: {app: w, ${label}}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: w, controller: true}]}
spec: {nodeName: n, containers: [{name: c}]}
status: {phase: Running}`
  const shapes = (a: string, b: string): number =>
    networkModel(clusterOf([live('w-0', a), live('w-1', b)].join('\n---\n'))).membersOf('StatefulSet/default/w').length
  assert.equal(shapes('apps.kubernetes.io/pod-index: "0"', 'apps.kubernetes.io/pod-index: "1"'), 1)
  assert.equal(shapes('job-name: a', 'job-name: b'), 2)
})
