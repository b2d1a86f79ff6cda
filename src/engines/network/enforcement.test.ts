import assert from 'node:assert/strict'
import { test } from 'node:test'
import { enforcement } from './enforcement.ts'
import { networkEngine } from './network.ts'
import { cluster, type Manifest, NOTHING_KNOWN, policy, workload } from './testing.ts'

const plugin = (image: string, container: Manifest = {}): Manifest => {
  return workload('kube-system/net', {
    kind: 'DaemonSet',
    spec: { containers: [{ name: 'main', image, ...container }] },
  })
}
const node = (kubeletVersion: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n' },
  status: { nodeInfo: { kubeletVersion } },
})

test('enforcers and others by what they run', () => {
  const cases: readonly (readonly [Manifest, string])[] = [
    [plugin('docker.io/calico/node:v3.30.0'), 'yes'],
    [plugin('rancher/mirrored-calico-node:v3.30.0'), 'yes'],
    [plugin('quay.io/cilium/cilium:v1.18.1@sha256:0'), 'yes'],
    [plugin('antrea/antrea-agent-ubuntu:v2.3.0'), 'yes'],
    [plugin('cloudnativelabs/kube-router'), 'yes'],
    [plugin('weaveworks/weave-npc:2.8.1'), 'yes'],
    [plugin('mcr.microsoft.com/containernetworking/azure-npm:v1.5.0'), 'yes'],
    [plugin('registry.k8s.io/networking/kube-network-policies:v1.0.0'), 'yes'],
    [plugin('x', { name: 'ovnkube-node' }), 'yes'],
    [plugin('docker.io/kindest/kindnetd:v20250512-df8de77b'), 'yes'],
    [plugin('docker.io/kindest/kindnetd:v20230809-80a64d96'), 'no'],
    [plugin('ghcr.io/flannel-io/flannel:v0.27.0'), 'no'],
    [plugin('602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.20.0'), 'no'],
    [
      plugin('602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon/aws-network-policy-agent:v1.2.0', {
        args: ['--enable-network-policy=true'],
      }),
      'yes',
    ],
    [plugin('nginx'), 'unknown'],
    [node('v1.33.1+k3s1'), 'yes'],
    [node('v1.33.1'), 'unknown'],
  ]
  for (const [manifest, expected] of cases)
    assert.equal(enforcement(cluster(manifest), 'assume').truth, expected, JSON.stringify(manifest))
})

test('flannel with a policy controller beside it enforces', () => {
  const canal = workload('kube-system/canal', {
    kind: 'DaemonSet',
    spec: {
      containers: [
        { name: 'kube-flannel', image: 'flannel/flannel:v0.27.0' },
        { name: 'calico-node', image: 'calico/node:v3.30.0' },
      ],
    },
  })
  assert.equal(enforcement(cluster(canal), 'assume').truth, 'yes')
})

test('the option wins, and what is assumed is told with the number of policies', () => {
  const of = cluster(workload('a/one'), policy('a/one', { podSelector: {} }), policy('a/two', { podSelector: {} }))
  const unknowns = (enforced: 'yes' | 'no' | 'assume') =>
    [...networkEngine({ enforced }).unknowns(of, NOTHING_KNOWN)].map(({ id, count }) => `${id} ${count}`)
  assert.deepEqual(unknowns('assume'), ['network-enforcer-unseen 2'])
  assert.deepEqual(unknowns('yes'), [])
  assert.deepEqual(unknowns('no'), ['network-not-enforced 2'])
  assert.equal(enforcement(cluster(plugin('calico/node')), 'no').truth, 'no')
})
