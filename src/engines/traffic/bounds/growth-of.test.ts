import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../../../cluster/testing.ts'
import { growthOf } from './growth-of.ts'

const POD = '{metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}'
const object = (apiVersion: string, kind: string, spec: string, more = ''): string => `---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: web, namespace: shop, ${more}}
spec: {${spec}}
`
const deployment = (spec: string): string => object('apps/v1', 'Deployment', `${spec} template: ${POD}`)
const target = 'scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}'
const growth = (text: string, id: string): readonly unknown[] => {
  const { now, most, surge } = growthOf(clusterOf(text))(id)
  return surge === undefined ? [now, most] : [now, most, surge]
}

test('replicas and rollouts', () => {
  const cases: readonly (readonly [string, readonly unknown[]])[] = [
    ['', [1, 2, 1]],
    ['replicas: 5,', [5, 7, 2]],
    ['replicas: 0,', [0, 0]],
    ['replicas: 5, strategy: {type: Recreate},', [5, 5]],
    ['replicas: 5, strategy: {rollingUpdate: {maxSurge: 3}},', [5, 8, 3]],
    ['replicas: 5, strategy: {rollingUpdate: {maxSurge: 0}},', [5, 5]],
    ['replicas: 5, strategy: {rollingUpdate: {maxSurge: "100%"}},', [5, 10, 5]],
  ]
  for (const [spec, expected] of cases)
    assert.deepEqual(growth(deployment(spec), 'Deployment/shop/web'), expected, spec)
  assert.deepEqual(
    growth(object('apps/v1', 'StatefulSet', `replicas: 3, template: ${POD}`), 'StatefulSet/shop/web'),
    [3, 3],
  )
  assert.deepEqual(
    growth(
      object('argoproj.io/v1alpha1', 'Rollout', `replicas: 4, strategy: {blueGreen: {}}, template: ${POD}`),
      'Rollout.argoproj.io/shop/web',
    ),
    [4, 8, 4],
  )
})

test('autoscalers: the greatest of several, what is paused, what is off', () => {
  const plain = deployment('replicas: 3, strategy: {type: Recreate},')
  const hpa = (name: string, spec: string): string =>
    object('autoscaling/v2', 'HorizontalPodAutoscaler', `${target}, ${spec}`).replace(
      'name: web, namespace',
      `name: ${name}, namespace`,
    )
  const keda = (spec: string, annotation = ''): string =>
    object('keda.sh/v1alpha1', 'ScaledObject', `scaleTargetRef: {name: web}, ${spec}`, `annotations: {${annotation}}`)
  const id = 'Deployment/shop/web'
  assert.deepEqual(growth(plain + hpa('a', 'maxReplicas: 10'), id), [3, 10])
  assert.deepEqual(growth(plain + hpa('a', 'maxReplicas: 10') + hpa('b', 'maxReplicas: 25'), id), [3, 25])
  assert.deepEqual(growth(plain + hpa('a', 'maxReplicas: 2'), id), [3, 3])
  assert.deepEqual(growth(deployment('replicas: 0,') + hpa('a', 'maxReplicas: 10'), id), [0, 0])
  // The maximum is the bound, whatever the strategy; the pods of a rollout stand apart.
  const rolling = growthOf(clusterOf(deployment('replicas: 3,') + hpa('a', 'maxReplicas: 10')))(id)
  assert.deepEqual([rolling.now, rolling.most, rolling.surge, rolling.rollout], [3, 10, undefined, 3])
  assert.deepEqual(growth(plain + keda(''), id), [3, 100])
  assert.deepEqual(growth(plain + keda('maxReplicaCount: 7'), id), [3, 7])
  assert.deepEqual(growth(plain + keda('', 'autoscaling.keda.sh/paused: "true"'), id), [3, 3])
  assert.deepEqual(growth(plain + keda('', 'autoscaling.keda.sh/paused-replicas: "5"'), id), [3, 5])
})

test('Jobs, CronJobs and ScaledJobs', () => {
  const job = (spec: string): string => object('batch/v1', 'Job', `${spec} template: ${POD}`)
  assert.deepEqual(growth(job(''), 'Job/shop/web'), [1, 1])
  assert.deepEqual(
    growth(job('parallelism: 8, completions: 3, completionMode: Indexed, backoffLimit: 9,'), 'Job/shop/web'),
    [3, 3],
  )
  assert.deepEqual(growth(job('parallelism: 8, suspend: true,'), 'Job/shop/web'), [0, 0])
  const cron = (spec: string, of: string): string =>
    object('batch/v1', 'CronJob', `schedule: "*/10 * * * *", ${spec} jobTemplate: {spec: {${of} template: ${POD}}}`)
  assert.deepEqual(growth(cron('', ''), 'CronJob/shop/web'), [0, Number.POSITIVE_INFINITY])
  assert.deepEqual(growth(cron('concurrencyPolicy: Replace,', 'parallelism: 2,'), 'CronJob/shop/web'), [0, 2])
  assert.deepEqual(growth(cron('suspend: true,', ''), 'CronJob/shop/web'), [0, 0])
  assert.deepEqual(growth(cron('', 'activeDeadlineSeconds: 3600,'), 'CronJob/shop/web'), [0, 6])
  // Each pod ends after 60 s; with 2 retries after 10 s and 20 s a Job lasts 3 × 60 + 30 = 210 s.
  const podDeadline = POD.replace('containers', 'activeDeadlineSeconds: 60, containers')
  assert.deepEqual(growth(cron('', 'backoffLimit: 2,').replace(POD, podDeadline), 'CronJob/shop/web'), [0, 1])
  const scaled = object('keda.sh/v1alpha1', 'ScaledJob', `jobTargetRef: {parallelism: 2, template: ${POD}}`)
  assert.deepEqual(growth(scaled, 'ScaledJob.keda.sh/shop/web'), [0, 200])
})

test('Knative grows with requests unless something says a maximum', () => {
  const service = (annotations: string): string =>
    object(
      'serving.knative.dev/v1',
      'Service',
      `template: {metadata: {annotations: {${annotations}}}, spec: {containers: [{name: c, image: i}]}}`,
    )
  const config = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-autoscaler, namespace: knative-serving}
data: {max-scale: "30"}
`
  const id = 'Service.serving.knative.dev/shop/web'
  assert.deepEqual(growth(service(''), id), [0, Number.POSITIVE_INFINITY])
  assert.deepEqual(
    growth(service('autoscaling.knative.dev/min-scale: "2", autoscaling.knative.dev/maxScale: "9"'), id),
    [2, 9],
  )
  assert.deepEqual(growth(service('') + config, id), [0, 30])
  assert.deepEqual(growth(service('autoscaling.knative.dev/max-scale: "0"') + config, id), [
    0,
    Number.POSITIVE_INFINITY,
  ])
})

test('what the input does not tell is unknown', () => {
  const owned = `apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop, ownerReferences: [{apiVersion: db.example/v1, kind: Database, name: db, controller: true}]}
spec: {containers: [{name: c, image: i}]}
`
  assert.deepEqual(growth(owned, 'Database.db.example/shop/db'), [1, undefined])
  assert.deepEqual(growth(owned, 'Deployment/shop/none'), [undefined, undefined])
  const custom = object('db.example/v1', 'Database', `replicas: 3, podTemplate: ${POD}`)
  assert.deepEqual(growth(custom, 'Database.db.example/shop/web'), [3, undefined])
  const daemons = object('apps/v1', 'DaemonSet', `template: ${POD}`)
  assert.deepEqual(growth(daemons, 'DaemonSet/shop/web'), [undefined, undefined])
})

test('a DaemonSet grows with the nodes that pools may have', () => {
  const daemons = object('apps/v1', 'DaemonSet', `updateStrategy: {rollingUpdate: {maxSurge: 1}}, template: ${POD}`)
  const node = `---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {karpenter.sh/nodepool: default}}
status: {allocatable: {cpu: "2"}}
`
  const pool = (limits: string): string => `---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec: {limits: {${limits}}}
`
  assert.deepEqual(growth(daemons + node, 'DaemonSet/shop/web'), [1, undefined])
  assert.deepEqual(growth(daemons + node + pool('nodes: 7'), 'DaemonSet/shop/web'), [1, 8, 1])
})

test('hostile numbers', () => {
  for (const value of ['-1', '1e309', '"5"', '1.5', '99999999999999', 'null', '{}', '[]'])
    assert.deepEqual(
      growth(deployment(`replicas: ${value}, strategy: {type: Recreate},`), 'Deployment/shop/web')[1],
      1,
      value,
    )
  assert.deepEqual(
    growth(deployment('replicas: 1000000, strategy: {rollingUpdate: {maxSurge: "999%"}},'), 'Deployment/shop/web'),
    [1_000_000, 10_990_000, 9_990_000],
  )
})
