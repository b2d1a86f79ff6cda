import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, rule, workload } from '../testing.ts'

const WEB = 'Deployment/ops/web'
const SERVICE = `
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: ops}
spec: {selector: {a: web}, ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-x, namespace: ops, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: []
---
apiVersion: v1
kind: Pod
metadata: {name: lone, namespace: ops}
spec: {automountServiceAccountToken: false, containers: [{name: main, image: x}]}`
const SHOP = workload('Deployment', 'web') + SERVICE
const SLICES = 'discovery.k8s.io'

function chance(right: string, more = ''): number {
  return cluster(SHOP + more + grant([right], { at: 'ops' })).chance(ATTACKER, WEB)
}

describe('redirect-service', () => {
  test('whoever stands in the place of a workload is in contact with what it is sent', () => {
    for (const right of [
      rule('create', 'endpointslices', SLICES),
      rule('patch', 'endpointslices', SLICES, 'web-x'),
      rule('update', 'services'),
      rule('patch', 'services', '', 'web'),
      rule('patch', 'pods/status'),
      rule('patch', 'pods/status', '', 'lone'),
      rule('patch', 'pods', '', 'lone'),
    ])
      assert.equal(chance(right), 0.1, right)
  })
  test('not by names of what is not there, other groups, or Endpoints, which a Service with a selector does not read', () => {
    for (const right of [
      rule('create', 'endpointslices', SLICES, 'web-x'),
      rule('patch', 'endpointslices', SLICES, 'other'),
      rule('patch', 'endpointslices'),
      rule('patch', 'services', '', 'other'),
      rule('get, list', 'services'),
      rule('patch', 'pods/status', '', 'other'),
      rule('create, update, patch', 'endpoints'),
      rule('patch', 'services/status'),
    ])
      assert.equal(chance(right), 0, right)
  })
  test('a workload without a Service is not reached', () => {
    const judged = cluster(workload('Deployment', 'web') + grant([rule('update', 'services')], { at: 'ops' }))
    assert.equal(judged.chance(ATTACKER, WEB), 0)
  })
})

describe('break-service', () => {
  const stops = (right: string): boolean => {
    const judged = cluster(SHOP + grant([right], { at: 'ops' }))
    return judged.controls(ATTACKER, judged.analysis.applications.applicationOf(WEB)?.id ?? '')
  }
  test('by changing or deleting it', () => {
    for (const right of [
      rule('delete', 'services'),
      rule('update', 'services', '', 'web'),
      rule('deletecollection', 'services'),
    ])
      assert.ok(stops(right), right)
  })
  test('not by names for a collection, nor of another', () => {
    for (const right of [
      rule('deletecollection', 'services', '', 'web'),
      rule('delete', 'services', '', 'other'),
      rule('create', 'services'),
    ])
      assert.ok(!stops(right), right)
  })
})

describe('claim-address', () => {
  const CALLER = `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: caller, namespace: kube-system}
spec:
  selector: {matchLabels: {a: caller}}
  template:
    metadata: {labels: {a: caller}}
    spec: {automountServiceAccountToken: false, containers: [{name: main, image: x, env: [{name: PAY_URL, value: "https://api.pay.io"}]}]}`
  const contact = (rules: readonly string[]): number =>
    cluster(SHOP + CALLER + grant(rules, { at: 'ops' })).chance(ATTACKER, 'External//api.pay.io')
  const CREATE = rule('create', 'services')
  test('a Service with the address of another, and something that answers', () => {
    assert.equal(contact([CREATE, rule('create', 'endpointslices', SLICES)]), 0.02)
    assert.equal(contact([rule('patch', 'services'), rule('patch', 'pods', '', 'lone')]), 0.02)
  })
  test('not the one without the other', () => {
    assert.equal(contact([CREATE]), 0)
    assert.equal(contact([rule('create', 'endpointslices', SLICES)]), 0)
    assert.equal(contact([rule('patch', 'services/status'), rule('create', 'endpointslices', SLICES)]), 0)
  })
})
