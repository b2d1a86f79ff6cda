import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waysIn } from './testing.ts'

const real = `
kind: Pod
apiVersion: v1
metadata: {name: a, namespace: back, labels: {app: a}}
spec: {containers: [{name: c, image: c}]}
---
kind: Service
apiVersion: v1
metadata: {name: real, namespace: back}
spec: {selector: {app: a}, ports: [{name: x, port: 80, targetPort: 8080}, {name: y, port: 81, targetPort: 8081}]}`
const alias = (externalName: string, ports: string, name = 'alias'): string => `
kind: Service
apiVersion: v1
metadata: {name: ${name}, namespace: front}
spec: {type: ExternalName, externalName: ${externalName}, ports: ${ports}}`
const ingress = `
kind: Ingress
apiVersion: networking.k8s.io/v1
metadata: {name: i, namespace: front}
spec: {defaultBackend: {service: {name: alias, port: {number: 80}}}}`
const REAL = 'real.back.svc.cluster.local'
const EXPOSED = ['exposed-ingress a TCP 8080 unknown']

test('a Service that is a name for another may expose its pods, past the border of namespaces', () => {
  assert.deepEqual(waysIn(real, alias(REAL, '[{port: 80}]'), ingress), EXPOSED)
  assert.deepEqual(waysIn(real, alias(REAL, '[]'), ingress), EXPOSED)
  assert.deepEqual(waysIn(real, alias(`${REAL}.`, '[]'), ingress), EXPOSED)
  assert.deepEqual(waysIn(real, alias(REAL, '[{port: 80, targetPort: 81}]'), ingress), [
    'exposed-ingress a TCP 8081 unknown',
  ])
  assert.deepEqual(waysIn(real, alias(REAL, '[{port: 82}]'), ingress.replace('80', '82')), [])
})

test('a name outside the cluster, or of nothing, exposes nothing', () => {
  for (const name of ['example.com', 'other.back.svc.cluster.local', 'real.back', ''])
    assert.deepEqual(waysIn(real, alias(name, '[{port: 80}]'), ingress), [], name)
})

test('names are followed, but not in a circle', () => {
  const next = 'next.front.svc.cluster.local'
  assert.deepEqual(waysIn(real, alias(next, '[{port: 80}]'), alias(REAL, '[]', 'next'), ingress), EXPOSED)
  const circle = alias('alias.front.svc.cluster.local', '[]', 'next')
  assert.deepEqual(waysIn(real, alias(next, '[{port: 80}]'), circle, ingress), [])
})
