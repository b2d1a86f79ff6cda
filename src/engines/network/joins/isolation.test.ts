import { describe, test } from 'node:test'
import { made, says, workload } from '../../joins.testing.ts'
import { networkPolicyMissing } from './network-policy-missing.ts'
import { networkPolicyMissingEgress, networkPolicyMissingIngress } from './network-policy-missing-direction.ts'

const policy = (spec: string, namespace = 'default', name = 'p'): string =>
  made('networking.k8s.io/v1', 'NetworkPolicy', name, `spec: {${spec}}`, namespace)
const WEB = workload('web', { labels: 'app: web, tier: front' })

/** What the three checks say of the workload `web`: in either direction, for ingress, for egress. */
function web(text: string, either: string, ingress: string, egress: string): void {
  says(networkPolicyMissing, text, [`Deployment web: ${either}`])
  says(networkPolicyMissingIngress, text, [`Deployment web: ${ingress}`])
  says(networkPolicyMissingEgress, text, [`Deployment web: ${egress}`])
}

describe('network-policy-missing', () => {
  test('no policy at all', () => web(WEB, 'fail … accept connections from everyone … connect anywhere', 'fail', 'fail'))

  test('podSelector {}: the default deny of a namespace', () => {
    web(WEB + policy('podSelector: {}, policyTypes: [Ingress, Egress]'), 'pass', 'pass', 'pass')
  })

  test('by two labels, and by expressions', () => {
    web(
      WEB + policy('podSelector: {matchLabels: {app: web, tier: front}}, policyTypes: [Ingress, Egress]'),
      'pass',
      'pass',
      'pass',
    )
    web(
      WEB +
        policy(
          'podSelector: {matchExpressions: [{key: app, operator: In, values: [web, api]}]}, policyTypes: [Egress]',
        ),
      'pass',
      'fail',
      'pass',
    )
    web(WEB + policy('podSelector: {matchLabels: {app: web, tier: back}}'), 'fail', 'fail', 'fail')
  })

  test('policyTypes by default: ingress, and egress where there is a rule', () => {
    web(WEB + policy('podSelector: {}'), 'pass', 'pass', 'fail … may connect anywhere')
    web(WEB + policy('podSelector: {}, egress: [{to: [{podSelector: {}}]}]'), 'pass', 'pass', 'pass')
    web(
      WEB + policy('podSelector: {}, policyTypes: [Ingress], egress: [{to: [{podSelector: {}}]}]'),
      'pass',
      'pass',
      'fail',
    )
  })

  test('a policy that admits everyone isolates nobody', () => {
    web(WEB + policy('podSelector: {}, ingress: [{}]'), 'fail … NetworkPolicy p admits everything', 'fail', 'fail')
    web(
      WEB + policy('podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]'),
      'fail',
      'fail',
      'fail',
    )
    web(WEB + policy('podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]'), 'fail', 'fail', 'fail')
    web(WEB + policy('podSelector: {}, ingress: [{ports: [{port: 80}]}]'), 'pass', 'pass', 'fail')
  })

  test('policies add up: one that admits everyone undoes the default deny beside it', () => {
    const deny = policy('podSelector: {}, policyTypes: [Ingress, Egress]')
    web(
      WEB + deny + policy('podSelector: {matchLabels: {app: web}}, ingress: [{}]', 'default', 'open'),
      'pass',
      'fail',
      'pass',
    )
  })

  test('a policy of another namespace does not count', () => {
    web(WEB + policy('podSelector: {}, policyTypes: [Ingress, Egress]', 'other'), 'fail', 'fail', 'fail')
  })

  test('on the node’s network no policy holds', () => {
    const text =
      workload('web', { pod: ', hostNetwork: true' }) + policy('podSelector: {}, policyTypes: [Ingress, Egress]')
    web(text, 'fail … node’s network', 'fail', 'fail')
  })

  test('what the API server refuses, or another product decides, is unknown', () => {
    const refused = policy(
      'podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress, Egress], ingress: [{from: [{ipBlock: {cidr: x}}]}]',
    )
    web(WEB + refused, 'unknown', 'unknown', 'unknown')
    const cilium = made('cilium.io/v2', 'CiliumNetworkPolicy', 'c', 'spec: {endpointSelector: {}, ingress: [{}]}')
    says(networkPolicyMissing, WEB + cilium, ['Deployment web: unknown … CiliumNetworkPolicy c'])
  })

  test('every kind that makes pods is a workload, once', () => {
    const kinds = ['Pod', 'Rollout', 'DaemonSet', 'StatefulSet'].map((kind) =>
      workload(`w-${kind.toLowerCase()}`, { kind }),
    )
    says(networkPolicyMissing, kinds.join(''), [
      'DaemonSet w-daemonset: fail',
      'Pod w-pod: fail',
      'Rollout w-rollout: fail',
      'StatefulSet w-statefulset: fail',
    ])
  })

  test('a network plugin that enforces nothing isolates nobody', () => {
    const flannel = `---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: kube-flannel-ds, namespace: kube-flannel}
spec: {template: {metadata: {labels: {app: flannel}}, spec: {hostNetwork: true, containers: [{name: kube-flannel, image: ghcr.io/flannel-io/flannel:v0.26.1, command: [/opt/bin/flanneld]}]}}}
`
    says(networkPolicyMissing, WEB + policy('podSelector: {}') + flannel, [
      'DaemonSet kube-flannel-ds: fail',
      'Deployment web: fail … not enforced',
    ])
  })
})
