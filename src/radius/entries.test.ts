import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseText } from '../loop.testing.ts'
import type { Options } from '../loop.ts'
import { parseWeights, type Weights } from './weights.ts'

interface Given {
  readonly app?: string
  readonly namespace?: string
  readonly replicas?: number
  readonly account?: string
}

function deployment(name: string, { app = name, namespace = 'shop', replicas = 1, account = 'default' }: Given = {}) {
  return `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}, labels: {app.kubernetes.io/part-of: ${app}}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {pod: ${name}}}
  template:
    metadata: {labels: {pod: ${name}}}
    spec:
      serviceAccountName: ${account}
      containers: [{name: main, image: acme/app, ports: [{containerPort: 8080}]}]`
}

const service = (type: string, name: string): string => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {type: ${type}, selector: {pod: ${name}}, ports: [{port: 80, targetPort: 8080}]}`
const exposed = (name: string, given: Given = {}): string => deployment(name, given) + service('LoadBalancer', name)

const account = (name: string, namespace = 'shop'): string => `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: ${namespace}}`

const binding = (name: string, role: string, ...subjects: readonly string[]): string => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "${name}"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "${role}"}
subjects: [${subjects.join(', ')}]`
const subject = (kind: string, name: string): string =>
  `{apiGroup: rbac.authorization.k8s.io, kind: ${kind}, name: "${name}"}`
const accountSubject = (name: string, namespace = 'shop'): string =>
  `{kind: ServiceAccount, name: ${name}, namespace: ${namespace}}`

const POD = 'containers: [{name: main, image: acme/job}]'
const job = (name: string, status: string, pod = POD): string => `
---
apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, namespace: shop}
spec: {template: {spec: {${pod}}}}
status: ${status}`

const entriesIn = (yaml: string, options?: Options) => analyseText(yaml, options).analysis.entries

/** `kind id weight`, sorted; weights to four digits. */
function entries(yaml: string, options?: Options): readonly string[] {
  return entriesIn(yaml, options)
    .map(({ kind, id, weight }) => `${kind} ${id} ${Number(weight.toFixed(4))}`)
    .sort()
}

const idsOf = (yaml: string): readonly string[] =>
  entriesIn(yaml)
    .map(({ id }) => id)
    .sort()
const total = (yaml: string, options?: Options): number =>
  Number(
    entriesIn(yaml, options)
      .reduce((sum, { weight }) => sum + weight, 0)
      .toFixed(9),
  )

test('the share of a group is split among its applications, then among workloads; replicas do not count', () => {
  assert.deepEqual(
    entries(exposed('a1', { app: 'a', replicas: 50 }) + exposed('a2', { app: 'a' }) + exposed('b', { replicas: 3 })),
    ['exposed Deployment/shop/a1 0.15', 'exposed Deployment/shop/a2 0.15', 'exposed Deployment/shop/b 0.3'],
  )
})

test('an application counts in each group with the workloads that it has there', () => {
  assert.deepEqual(entries(exposed('web', { app: 'a' }) + deployment('worker', { app: 'a' }) + deployment('other')), [
    'exposed Deployment/shop/web 0.6',
    'workload Deployment/shop/other 0.075',
    'workload Deployment/shop/worker 0.075',
  ])
})

test('one name in two namespaces is two applications, each with a share of its own', () => {
  const yaml =
    deployment('a1', { app: 'a' }) + deployment('a2', { app: 'a' }) + deployment('a3', { app: 'a', namespace: 'other' })
  assert.deepEqual(entries(yaml), [
    'workload Deployment/other/a3 0.075',
    'workload Deployment/shop/a1 0.0375',
    'workload Deployment/shop/a2 0.0375',
  ])
})

test('an empty group gives 0, and its share goes to nobody', () => {
  assert.equal(total('{apiVersion: v1, kind: Namespace, metadata: {name: shop}}'), 0)
  assert.equal(total(deployment('a')), 0.15)
  assert.equal(total(exposed('a')), 0.6)
  assert.equal(total(account('ci')), 0.25)
  assert.equal(total(exposed('a') + deployment('b')), 0.75)
  assert.equal(total(exposed('a') + deployment('b') + account('ci')), 1)
})

test('closing the last exposed workload lowers the risk', () => {
  const risk = (yaml: string): number => analyseText(yaml).analysis.risk.total
  assert.ok(risk(deployment('a') + deployment('b')) < risk(exposed('a') + deployment('b')))
})

test('exposure that only a firewall could deny is unknown, and counts as exposed', () => {
  const [entry] = entriesIn(deployment('web') + service('NodePort', 'web'))
  assert.deepEqual([entry?.kind, entry?.exposed, entry?.weight], ['exposed', 'unknown', 0.6])
  assert.equal(entriesIn(exposed('web'))[0]?.exposed, 'yes')
  const [inside] = entriesIn(deployment('web') + service('ClusterIP', 'web'))
  assert.deepEqual([inside?.kind, inside?.exposed], ['workload', 'no'])
})

test('users and groups of bindings are credentials, once each and with equal shares', () => {
  const alice = subject('User', 'alice')
  const yaml =
    binding('one', 'view', alice, subject('Group', 'ops')) +
    binding('two', 'edit', alice) +
    binding('three', 'edit', subject('Group', 'alice'), subject('User', 'robot'))
  assert.deepEqual(entries(yaml), [
    'credential Group//alice 0.0625',
    'credential Group//ops 0.0625',
    'credential User//alice 0.0625',
    'credential User//robot 0.0625',
  ])
})

test('parts of the cluster itself are no entries; everybody is', () => {
  const users = ['system:kube-scheduler', 'system:kube-controller-manager', 'system:node:worker-1', 'system:anonymous']
  const groups = ['system:nodes', 'system:authenticated', 'system:unauthenticated', 'system:serviceaccounts']
  const all = [...users.map((name) => subject('User', name)), ...groups.map((name) => subject('Group', name))]
  assert.deepEqual(idsOf(binding('mine', 'view', ...all, subject('Group', 'system:serviceaccounts:shop'))), [
    'Group//system:authenticated',
    'Group//system:serviceaccounts',
    'Group//system:serviceaccounts:shop',
    'Group//system:unauthenticated',
    'User//system:anonymous',
  ])
})

test('bindings that the API server itself makes name no credential, by their content and not by their name', () => {
  const everybody = [subject('Group', 'system:authenticated')]
  assert.deepEqual(idsOf(binding('system:basic-user', 'system:basic-user', ...everybody)), [])
  assert.deepEqual(idsOf(binding('system:basic-user', 'cluster-admin', ...everybody)), ['Group//system:authenticated'])
  assert.deepEqual(idsOf(binding('system:basic-user', 'system:basic-user', ...everybody, subject('User', 'eve'))), [
    'Group//system:authenticated',
    'User//eve',
  ])
})

test('a service account that no workload runs as is a credential, and stays one when its bindings go', () => {
  const bound = account('ci') + binding('ci', 'cluster-admin', accountSubject('ci'))
  assert.deepEqual(entries(bound), ['credential ServiceAccount/shop/ci 0.25'])
  assert.deepEqual(entries(account('ci')), ['credential ServiceAccount/shop/ci 0.25'])
})

test('a service account that a workload of its namespace runs as is no entry of its own', () => {
  const yaml = account('web') + account('web', 'other') + account('default') + account('default', 'other')
  const far = account('far', 'ops') + deployment('far', { namespace: 'ops', account: 'far' })
  assert.deepEqual(idsOf(yaml + far + deployment('web', { account: 'web' }) + deployment('plain')), [
    'Deployment/ops/far',
    'Deployment/shop/plain',
    'Deployment/shop/web',
    'ServiceAccount/other/default',
    'ServiceAccount/other/web',
  ])
})

test('a user of a binding who is a service account is that account', () => {
  const yaml = binding('ci', 'view', subject('User', 'system:serviceaccount:shop:ci'), accountSubject('ci'))
  assert.deepEqual(idsOf(account('ci') + yaml), ['ServiceAccount/shop/ci'])
})

test('accounts that controllers use are entries like any other that no workload runs as', () => {
  const name = 'system:controller:deployment-controller'
  const bound = binding(name, name, accountSubject('deployment-controller', 'kube-system'))
  for (const more of ['', bound])
    assert.deepEqual(idsOf(account('deployment-controller', 'kube-system') + more), [
      'ServiceAccount/kube-system/deployment-controller',
    ])
})

test('finished Jobs and pods are no entries', () => {
  const ended = `
---
apiVersion: v1
kind: Pod
metadata: {name: once, namespace: shop}
spec: {${POD}}
status: {phase: Succeeded}`
  const running = job('running', '{active: 1}')
  const done = '{succeeded: 1, startTime: "2026-01-01T00:00:00Z", completionTime: "2026-01-01T00:01:00Z"}'
  assert.deepEqual(entries(job('done', done) + ended + running), ['workload Job/shop/running 0.15'])
})

test('a Job between two tries has not finished', () => {
  const owner = '{apiVersion: batch/v1, kind: Job, name: retry, uid: u, controller: true}'
  const tried = `
---
apiVersion: v1
kind: Pod
metadata: {name: retry-1, namespace: shop, ownerReferences: [${owner}]}
spec: {${POD}}
status: {phase: Failed}`
  assert.deepEqual(idsOf(job('retry', '{failed: 1, startTime: "2026-01-01T00:00:00Z"}') + tried), ['Job/shop/retry'])
})

test('the account of a finished Job is one that no workload runs as', () => {
  const pod = `serviceAccountName: migrate, ${POD}`
  const done = '{succeeded: 1, completionTime: "2026-01-01T00:01:00Z"}'
  assert.deepEqual(idsOf(account('migrate') + job('done', done, pod)), ['ServiceAccount/shop/migrate'])
  assert.deepEqual(idsOf(account('migrate') + job('running', '{active: 1}', pod)), ['Job/shop/running'])
})

test('what runs later is an entry: suspended, scaled to zero, between two runs', () => {
  const cron = `
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec: {suspend: true, schedule: "0 3 * * *", jobTemplate: {spec: {template: {spec: {${POD}}}}}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: nightly-1
  namespace: shop
  ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: nightly, controller: true}]
spec: {template: {spec: {${POD}}}}
status: {succeeded: 1, completionTime: "2026-01-01T00:01:00Z"}`
  assert.deepEqual(idsOf(cron + deployment('asleep', { replicas: 0 })), [
    'CronJob/shop/nightly',
    'Deployment/shop/asleep',
  ])
})

test('a bare pod is a workload; one that somebody owns is not a second one', () => {
  const pod = (name: string, owner = ''): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {pod: web, pod-template-hash: abc}${owner}}
spec: {${POD}}
status: {phase: Running}`
  const owners = ', ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-abc, controller: true}]'
  const owned = pod('web-abc-1', owners) + pod('web-abc-2', owners)
  assert.deepEqual(entries(deployment('web') + owned + pod('bare')), [
    'workload Deployment/shop/web 0.075',
    'workload Pod/shop/bare 0.075',
  ])
})

test('workloads name their application, and so does an account that one application has', () => {
  const of = (yaml: string) => Object.fromEntries(entriesIn(yaml).map(({ id, application }) => [id, application]))
  const marked = account('ci').replace(
    'namespace: shop',
    'namespace: shop, labels: {app.kubernetes.io/part-of: orders}',
  )
  assert.deepEqual(of(deployment('web', { app: 'orders' }) + marked + binding('b', 'view', subject('User', 'alice'))), {
    'Deployment/shop/web': 'Application/shop/orders',
    'ServiceAccount/shop/ci': 'Application/shop/orders',
    'User//alice': undefined,
  })
})

test('weights of a user replace the shares of the groups', () => {
  const weights = parseWeights({ entries: { exposed: 0.2, workload: 0 } }) as Weights
  assert.deepEqual(entries(exposed('web') + deployment('worker') + account('ci'), { weights }), [
    'credential ServiceAccount/shop/ci 0.25',
    'exposed Deployment/shop/web 0.2',
    'workload Deployment/shop/worker 0',
  ])
})

test('the entry with the greatest part of the risk comes first, and the parts add up to it', () => {
  const admin = binding('admin', 'cluster-admin', subject('User', 'alice'))
  const { entries: all, risk } = analyseText(exposed('web') + deployment('worker') + admin).analysis
  assert.equal(all[0]?.id, 'User//alice')
  const parts = all.map(({ weight, reach }) => weight * reach.share)
  assert.deepEqual(
    parts,
    parts.toSorted((a, b) => b - a),
  )
  assert.ok(Math.abs(parts.reduce((sum, part) => sum + part, 0) - risk.total) < 1e-12)
})
