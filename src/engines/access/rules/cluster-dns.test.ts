import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, rule, workload } from '../testing.ts'

const CONFIG = (name: string) => `
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: kube-system}
data: {Corefile: "."}`
const DNS = `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec:
      automountServiceAccountToken: false
      containers: [{name: coredns, image: coredns, volumeMounts: [{name: config, mountPath: /etc/coredns}]}]
      volumes: [{name: config, configMap: {name: coredns}}]`
const SHOP = `${workload('Deployment', 'web')}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: ops}
spec: {selector: {a: web}, ports: [{port: 80}]}`
const WEB = 'Deployment/ops/web'

function reached(more: string, right: string, at = 'kube-system', from = ATTACKER): readonly [number, boolean] {
  const judged = cluster(SHOP + more + grant([right], at === '' ? {} : { at }))
  const application = judged.analysis.applications.applicationOf(WEB)?.id ?? ''
  return [judged.chance(from, WEB), judged.controls(from, application)]
}

describe('rewrite-dns', () => {
  const WRITE = rule('patch', 'configmaps', '', 'coredns')
  test('who says where names lead stands before all Services, and stops what asks', () => {
    assert.deepEqual(reached(CONFIG('coredns'), WRITE), [0.1, true])
    assert.deepEqual(reached(DNS, WRITE), [0.1, true])
    assert.deepEqual(reached(CONFIG('coredns'), rule('update', 'configmaps')), [0.1, true])
    assert.deepEqual(reached(CONFIG('coredns'), WRITE, ''), [0.1, true])
  })
  test('another ConfigMap, another namespace, another verb', () => {
    assert.deepEqual(reached(CONFIG('coredns'), rule('patch', 'configmaps', '', 'other')), [0, false])
    assert.deepEqual(reached(CONFIG('coredns'), WRITE, 'ops'), [0, false])
    assert.deepEqual(reached(CONFIG('coredns'), rule('get, create', 'configmaps', '', 'coredns')), [0, false])
    assert.deepEqual(reached(CONFIG('settings'), rule('patch', 'configmaps')), [0, false])
  })
  test('no DNS in the input, no path', () => assert.deepEqual(reached('', WRITE), [0, false]))
})

describe('answers-names', () => {
  const lone = (labels: string) => `
---
apiVersion: v1
kind: Pod
metadata: {name: names, namespace: kube-system, labels: {${labels}}}
spec: {automountServiceAccountToken: false, containers: [{name: main, image: x}]}`
  const edges = (yaml: string) => cluster(SHOP + yaml).analysis.edges.filter(({ kind }) => kind === 'answers-names')
  test('from the pods that serve it', () => {
    assert.deepEqual(
      edges(DNS).map(({ from }) => from),
      ['Deployment/kube-system/coredns'],
    )
    assert.equal(edges(lone('k8s-app: kube-dns')).length, 1)
  })
  test('and from no others', () => {
    assert.equal(edges(lone('k8s-app: metrics')).length, 0)
    assert.equal(edges(lone('k8s-app: kube-dns').replace('namespace: kube-system', 'namespace: ops')).length, 0)
  })
})
