import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { made, says, verdictsOf, workload } from '../../joins.testing.ts'
import { networkPolicyPeerSelectsNothing } from './network-policy-peer-selects-nothing.ts'

const policy = (rules: string): string =>
  made(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    'p',
    `spec: {podSelector: {}, policyTypes: [Ingress, Egress], ${rules}}`,
  )
const BOTH = workload('web') + workload('db', { namespace: 'data' })
const check = (rules: string, result: string): void =>
  says(networkPolicyPeerSelectsNothing, BOTH + policy(rules), [`NetworkPolicy p: ${result}`])

describe('network-policy-peer-selects-nothing', () => {
  test('peers in the own namespace', () => {
    check('ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]', 'pass')
    check('ingress: [{from: [{podSelector: {}}]}]', 'pass')
    check('ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}]', 'fail … app=db')
    check('egress: [{to: [{podSelector: {matchLabels: {app: gone}}}]}]', 'fail … app=gone')
  })

  test('peers in other namespaces', () => {
    const data = '{matchLabels: {kubernetes.io/metadata.name: data}}'
    check(`ingress: [{from: [{namespaceSelector: ${data}, podSelector: {matchLabels: {app: db}}}]}]`, 'pass')
    check(`ingress: [{from: [{namespaceSelector: ${data}, podSelector: {matchLabels: {app: web}}}]}]`, 'fail')
    check('ingress: [{from: [{namespaceSelector: {matchLabels: {team: x}}}]}]', 'unknown')
  })

  test('everyone and addresses are no pods', () =>
    check('ingress: [{}], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]', 'pass'))

  test('the place is the peer', () => {
    const text = BOTH + policy('ingress: [{from: [{podSelector: {}}, {podSelector: {matchLabels: {app: gone}}}]}]')
    const [verdict] = verdictsOf(networkPolicyPeerSelectsNothing, text)
    assert.deepEqual(verdict?.at, [{ path: ['spec', 'ingress', 0, 'from', 1] }])
  })
})
