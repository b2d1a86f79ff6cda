import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Proposer } from '../fix.ts'
import { hostAccessOff } from './host-access-off.ts'
import { hostPathOff } from './host-path-off.ts'
import { privilegedOff } from './privileged-off.ts'
import { secureContext } from './secure-context.ts'
import { caseOf } from './testing.ts'
import { unprivileged } from './unprivileged.ts'

const ALL: readonly Proposer[] = [hostAccessOff, hostPathOff, privilegedOff, secureContext, unprivileged]

interface Made {
  readonly kind?: string
  readonly namespace?: string
  readonly path?: string
  readonly readOnly?: boolean
  readonly more?: string
}

const fixesOf = ({ kind = 'DaemonSet', namespace = 'ops', path = '/', readOnly = false, more = '' }: Made) => {
  const made = caseOf(`
apiVersion: apps/v1
kind: ${kind}
metadata: {name: agent, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      ${more === '' ? '' : `${more}\n      `}hostNetwork: true
      hostPID: true
      volumes: [{name: v, hostPath: {path: ${path}}}]
      containers:
        - name: c
          image: c
          securityContext: {privileged: true}
          volumeMounts: [{name: v, mountPath: /v, readOnly: ${readOnly}}]
`)
  assert.ok(made.steps(`${kind}/${namespace}/agent`).length > 0)
  return ALL.flatMap((proposer) => made.propose(proposer))
}

test('what writes the networks of pods, or drivers of the kubelet, on each node keeps what it has of it', () => {
  for (const path of [
    '/etc/cni/net.d',
    '/opt/cni/bin',
    '/var/lib/kubelet/plugins/x',
    '/var/lib/kubelet/plugins_registry',
  ])
    assert.deepEqual(fixesOf({ path }), [], path)
})

test('so does what is critical to a node or the cluster, what runs in kube-system on each, and what runs before its network', () => {
  assert.deepEqual(fixesOf({ more: 'priorityClassName: system-node-critical' }), [])
  assert.deepEqual(fixesOf({ namespace: 'kube-system' }), [])
  assert.deepEqual(fixesOf({ kind: 'Deployment', more: 'tolerations: [{operator: Exists}]' }), [])
})

test('who reads the same, or has the whole node or its socket, does not', () => {
  const others: readonly Made[] = [
    { path: '/etc/cni/net.d', readOnly: true },
    { path: '/opt/cni/bin', kind: 'Deployment' },
    { path: '/var/run/docker.sock' },
    { more: 'tolerations: [{operator: Exists}]' },
    { kind: 'Deployment', namespace: 'kube-system' },
    {},
  ]
  for (const other of others) assert.ok(fixesOf(other).length >= 3, JSON.stringify(other))
})
