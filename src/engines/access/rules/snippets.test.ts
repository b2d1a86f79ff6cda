import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, rule } from '../testing.ts'

const CONTROLLER = 'Deployment/ingress/controller'
const controller = (tag: string, args = '--configmap=$(POD_NAMESPACE)/settings') => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: ingress}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      automountServiceAccountToken: false
      containers: [{name: controller, image: "registry.k8s.io/ingress-nginx/controller${tag}", args: [/nginx-ingress-controller, "${args}"]}]`
const settings = (data: string) => `
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ingress}
data: {${data}}`
const ON = settings('allow-snippet-annotations: "true"')
const CRITICAL = settings('allow-snippet-annotations: "true", annotations-risk-level: Critical')

const CREATE = rule('create', 'ingresses', 'networking.k8s.io')

function truth(yaml: string, right = CREATE, at = 'app'): string {
  const judged = cluster(yaml + grant([right], { at }))
  const edge = judged.analysis.edges.find(({ kind, to }) => kind === 'ingress-snippet' && to === CONTROLLER)
  assert.equal(judged.controls(ATTACKER, CONTROLLER), edge !== undefined)
  return edge?.truth ?? 'none'
}

describe('ingress-snippet', () => {
  test('where the controller takes snippets', () => {
    assert.equal(truth(controller(':v1.10.1') + ON), 'yes')
    assert.equal(truth(controller(':v1.12.2') + CRITICAL), 'yes')
    assert.equal(truth(controller(':v1.8.4') + settings('')), 'yes')
  })
  test('where it does not', () => {
    assert.equal(truth(controller(':v1.10.1') + settings('')), 'none')
    assert.equal(truth(controller(':v1.8.4') + settings('allow-snippet-annotations: "false"')), 'none')
    assert.equal(truth(controller(':v1.12.2') + ON), 'none')
    assert.equal(truth(controller(':v1.12.2', '--http-port=80')), 'none')
  })
  test('where that was not seen', () => {
    assert.equal(truth(controller(':v1.12.2')), 'unknown')
    assert.equal(truth(controller('@sha256:00') + settings('')), 'unknown')
  })
  test('an Ingress that is there, a namespace that is watched', () => {
    const there = `
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: app}
spec: {}`
    const patch = (names?: string) => rule('patch', 'ingresses', 'networking.k8s.io', names)
    assert.equal(truth(controller(':v1.10.1') + ON, patch()), 'none')
    assert.equal(truth(controller(':v1.10.1') + ON + there, patch()), 'yes')
    assert.equal(truth(controller(':v1.10.1') + ON + there, patch('web')), 'yes')
    assert.equal(truth(controller(':v1.10.1') + ON + there, patch('other')), 'none')
    assert.equal(truth(controller(':v1.10.1') + ON, rule('create', 'ingresses', 'networking.k8s.io', 'web')), 'none')
    const watching = controller(':v1.8.4', '--watch-namespace=app')
    assert.equal(truth(watching), 'yes')
    assert.equal(truth(watching, CREATE, 'ops'), 'none')
  })
  test('another controller', () => {
    assert.equal(truth(controller(':v1.8.4').replace('ingress-nginx/controller', 'traefik')), 'none')
  })
})
