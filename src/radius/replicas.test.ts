import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseText } from '../loop.testing.ts'

const node = (name: string): string => `---
apiVersion: v1
kind: Node
metadata: {name: ${name}}
`
const pod = (name: string, on: string, spec: string, more = ''): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: app${more}}
spec: {nodeName: ${on}, containers: [{name: c${spec}}]}
status: {phase: Running}
`
const PRIVILEGED = ', securityContext: {privileged: true}'
const OWNED = ', ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: u, controller: true}]'
const daemon = (container: string, volumes = ''): string => `---
apiVersion: v1
kind: ServiceAccount
metadata: {name: agent, namespace: app}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: app, labels: {app: agent}}
spec:
  template:
    spec: {serviceAccountName: agent, containers: [{name: c${container}}]${volumes}}
`
const CLUSTER = node('n1') + node('n2') + pod('bad', 'n1', PRIVILEGED) + pod('other', 'n2', '')

test('root on one node is not root on the others, though a privileged DaemonSet runs on each', () => {
  for (const replicas of ['', pod('agent-1', 'n1', PRIVILEGED, OWNED) + pod('agent-2', 'n2', PRIVILEGED, OWNED)]) {
    const { controls, analysis } = analyseText(CLUSTER + daemon(PRIVILEGED) + replicas)
    assert.ok(controls('Pod/app/bad', 'Node//n1'))
    assert.ok(!controls('Pod/app/bad', 'Node//n2'))
    assert.ok(!controls('Node//n1', 'Pod/app/other'))
    // Of the replica on the node it has what every replica has.
    assert.ok(controls('Node//n1', 'ServiceAccount/app/agent'))
    const control = analysis.assets.find(({ id }) => id === 'control/app/agent')
    assert.ok(control?.nodes.some((id) => controls('Pod/app/bad', id)))
    // Whoever has all of its pods has all of their nodes.
    for (const name of ['n1', 'n2']) assert.ok(controls('DaemonSet/app/agent', `Node//${name}`))
  }
})

test('nor does a folder of tokens on every node make one node the way to the tokens of another', () => {
  const mount = ', volumeMounts: [{name: h, mountPath: /h, readOnly: true}]'
  const volumes = ', volumes: [{name: h, hostPath: {path: /var/lib/kubelet/pods}}]'
  const account = '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: far, namespace: app}\n'
  const far = pod('far', 'n2', '').replace('nodeName: n2', 'nodeName: n2, serviceAccountName: far')
  const { controls } = analyseText(CLUSTER + account + far + daemon(mount, volumes))
  assert.ok(controls('DaemonSet/app/agent', 'ServiceAccount/app/far'))
  assert.ok(!controls('Pod/app/bad', 'ServiceAccount/app/far'))
})
