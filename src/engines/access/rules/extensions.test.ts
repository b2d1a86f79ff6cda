import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, CONTROL_PLANE, cluster, grant, rule, workload } from '../testing.ts'

const GROUP = 'apiregistration.k8s.io'
const edges = (grants: string, kind: string): readonly string[] =>
  cluster(grants)
    .analysis.edges.filter((edge) => edge.from === ATTACKER && edge.kind === kind)
    .map(({ to, truth, chance }) => `${to} ${truth} ${chance}`)
const replacing = (rules: readonly string[], at?: string): readonly string[] =>
  edges(grant(rules, at === undefined ? {} : { at }), 'replace-api')

describe('APIServices that are written', () => {
  const services = rule('create', 'services')
  test('lead to what is served by them', () => {
    assert.deepEqual(replacing([rule('update', 'apiservices', GROUP), services]), [`${CONTROL_PLANE} yes 1`])
    assert.deepEqual(replacing([rule('patch', 'apiservices', GROUP, '"v1."'), services]), [`${CONTROL_PLANE} yes 1`])
    assert.deepEqual(replacing([rule('patch', 'apiservices', GROUP, 'v1.apps'), services]), ['Scope//new-pods yes 1'])
  })
  test('unknown where nothing shows a Service to lead to', () => {
    assert.deepEqual(replacing([rule('update', 'apiservices', GROUP)]), [`${CONTROL_PLANE} unknown 1`])
  })
  test('not by a create, another name, another group, or in a namespace', () => {
    assert.deepEqual(replacing([rule('create, delete', 'apiservices', GROUP), services]), [])
    assert.deepEqual(replacing([rule('update', 'apiservices', GROUP, 'v1beta1.metrics.k8s.io'), services]), [])
    assert.deepEqual(replacing([rule('update', 'apiservices'), services]), [])
    assert.deepEqual(replacing([rule('update', 'apiservices', GROUP), services], 'app'), [])
  })
})

describe('the trust of extension API servers', () => {
  const SERVED = `${workload('Deployment', 'metrics', { namespace: 'kube-system' })}
---
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: kube-system}
spec: {selector: {a: metrics}, ports: [{port: 443}]}
---
apiVersion: ${GROUP}/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {service: {name: metrics, namespace: kube-system}, group: metrics.k8s.io, version: v1beta1}`
  const forging = (verbs: string, names?: string, at?: string, more = SERVED): readonly string[] =>
    edges(more + grant([rule(verbs, 'configmaps', '', names)], at === undefined ? {} : { at }), 'forge-front-proxy')
  const TO = ['Deployment/kube-system/metrics unknown 0.1']
  test('is a ConfigMap', () => {
    assert.deepEqual(forging('update'), TO)
    assert.deepEqual(forging('patch', 'extension-apiserver-authentication', 'kube-system'), TO)
  })
  test('by that name, there, and with a server', () => {
    assert.deepEqual(forging('update', 'other', 'kube-system'), [])
    assert.deepEqual(forging('update', undefined, 'ops'), [])
    assert.deepEqual(forging('get, create', undefined, 'kube-system'), [])
    assert.deepEqual(forging('update', undefined, undefined, ''), [])
  })
})
