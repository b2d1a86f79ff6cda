import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ADMIN, ATTACKER, CONTROL_PLANE, cluster, grant, NODE, rule } from './testing.ts'

const SECRET = `
---
apiVersion: v1
kind: Secret
metadata: {name: t, namespace: ops, annotations: {kubernetes.io/service-account.name: admin}}
type: kubernetes.io/service-account-token`
const CLOSED = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: ops}
spec: {podSelector: {}, policyTypes: [Egress]}`

function holder(container: string, volumes = ''): string {
  return `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: ops}
spec:
  selector: {matchLabels: {a: d}}
  template:
    metadata: {labels: {a: d}}
    spec:
      automountServiceAccountToken: false
      containers: [{name: main, image: x, ${container}}]
      volumes: [${volumes}]`
}

const env = (key: string): string => holder(`env: [{name: T, valueFrom: {secretKeyRef: {name: t, key: ${key}}}}]`)
const volume = (items = '', mount = ''): string =>
  holder(`volumeMounts: [{name: v, mountPath: /t${mount}}]`, `{name: v, secret: {secretName: t${items}}}`)
const projected = (items: string): string =>
  holder('volumeMounts: [{name: v, mountPath: /t}]', `{name: v, projected: {sources: [{secret: {name: t${items}}}]}}`)

describe('a Secret that holds a token', () => {
  const gains = (more: string): boolean => cluster(SECRET + more).controls('Deployment/ops/d', ADMIN)
  test('is of use to whoever takes its token', () => {
    for (const more of [env('token'), holder('envFrom: [{secretRef: {name: t}}]'), volume(), projected('')])
      assert.ok(gains(more), more)
    assert.ok(gains(volume(', items: [{key: token, path: a/b}]', ', subPath: a')))
  })
  test('is of no use for its other keys', () => {
    const items = ', items: [{key: ca.crt, path: ca}]'
    for (const more of [env('ca.crt'), volume(items), projected(items), volume('', ', subPath: ca.crt')])
      assert.ok(!gains(more), more)
  })
  test('is of no use where the API server is out of reach', () => {
    const judged = cluster(SECRET + CLOSED + env('token'))
    assert.ok(!judged.controls('Deployment/ops/d', CONTROL_PLANE))
    assert.ok(judged.controls('Deployment/ops/d', 'Secret/ops/t'))
  })
  test('is of use to others, whoever else holds it', () => {
    const more = SECRET + CLOSED + env('token')
    const read = (names?: string): string => grant([rule('get', 'secrets', '', names)], { at: 'ops' })
    assert.ok(cluster(more).controls(NODE, ADMIN))
    assert.ok(cluster(more + read()).controls(ATTACKER, ADMIN))
    assert.ok(cluster(more + read('t')).controls(ATTACKER, ADMIN))
    assert.ok(!cluster(more + read('u')).controls(ATTACKER, ADMIN))
    assert.ok(!cluster(more).controls('Secret/ops/t', ADMIN))
    assert.ok(cluster(SECRET + env('token')).controls('Secret/ops/t', ADMIN))
  })
})

describe('a token that admission adds', () => {
  const PLACE = '/var/run/secrets/kubernetes.io/serviceaccount'
  const pod = (containers: string): boolean =>
    cluster(`
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: ops}
spec: {serviceAccountName: admin, containers: [${containers}], volumes: [{name: e, emptyDir: {}}]}`).controls(
      'Pod/ops/p',
      ADMIN,
    )
  const container = (name: string, path: string): string =>
    `{name: ${name}, image: x, volumeMounts: [{name: e, mountPath: ${path}}]}`
  test('finds its place taken in every container', () => {
    assert.ok(!pod(container('a', PLACE)))
    assert.ok(pod(container('a', '/data')))
    assert.ok(pod(container('a', `${PLACE}/`)))
    assert.ok(pod(`${container('a', PLACE)}, ${container('b', '/data')}`))
  })
  test('is not added to a mirror pod', () => {
    const to = '{kind: ServiceAccount, name: default, namespace: ops}'
    const admin = grant([rule('"*"', '"*"', '*')], { to })
    const runs = (annotations: string): boolean =>
      cluster(`${admin}
---
apiVersion: v1
kind: Pod
metadata: {name: proxy-worker-1, namespace: ops, annotations: {${annotations}}}
spec: {nodeName: worker-1, containers: [{name: main, image: x}]}
status: {phase: Running}`).controls('Pod/ops/proxy-worker-1', CONTROL_PLANE)
    assert.ok(runs(''))
    assert.ok(!runs('kubernetes.io/config.mirror: abc'))
  })
})
