import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { clusterOf } from '../../../cluster/testing.ts'
import { made, says, workload } from '../../joins.testing.ts'
import { networkFindings } from '../findings.ts'
import { networkModel } from '../model.ts'
import { networkPolicySelectsNothing } from './network-policy-selects-nothing.ts'

const policy = (spec: string, name = 'p'): string =>
  made('networking.k8s.io/v1', 'NetworkPolicy', name, `spec: {podSelector: {${spec}}}`)

describe('network-policy-selects-nothing', () => {
  const text =
    workload('web') +
    workload('node', { pod: ', hostNetwork: true' }) +
    policy('matchLabels: {app: web}', 'a') +
    policy('matchLabels: {app: gone}', 'b') +
    policy('', 'c') +
    policy('matchExpressions: [{key: app, operator: NotIn, values: [web]}]', 'd')

  test('a policy is right, dangles, or selects pods that no policy holds', () => {
    says(networkPolicySelectsNothing, text, [
      'NetworkPolicy a: pass',
      'NetworkPolicy b: fail … none of the 2 workloads',
      'NetworkPolicy c: pass',
      'NetworkPolicy d: fail … on their node',
    ])
  })

  test('it says what the finding of its id says', () => {
    const cluster = clusterOf(text)
    const found = [...networkFindings(networkModel(cluster))].filter(
      ({ check }) => check === networkPolicySelectsNothing.check.id,
    )
    assert.deepEqual(
      found.map(({ object, message }) => `${object.name} ${message}`),
      [...networkPolicySelectsNothing.verdicts(cluster)]
        .filter(({ result }) => result === 'fail')
        .map(({ object, message }) => `${object.name} ${message}`),
    )
    assert.equal(found.length, 2)
  })

  test('without workloads, or with a chart between, it is unknown', () => {
    says(networkPolicySelectsNothing, policy('matchLabels: {app: web}'), ['NetworkPolicy p: unknown'])
    const chart = made('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'r', 'spec: {}')
    says(networkPolicySelectsNothing, workload('web') + policy('matchLabels: {app: gone}') + chart, [
      'NetworkPolicy p: unknown … HelmRelease r',
    ])
  })
})
