import { describe, test } from 'node:test'
import { made, says, workload } from '../../joins.testing.ts'
import { hpaTargetMissing } from './hpa-target-missing.ts'

const hpa = (kind: string, name: string, apiVersion = 'apps/v1'): string =>
  made(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'h',
    `spec: {scaleTargetRef: {apiVersion: ${apiVersion}, kind: ${kind}, name: ${name}}}`,
  )
const check = (text: string, result: string): void =>
  says(hpaTargetMissing, workload('web') + text, [`HorizontalPodAutoscaler h: ${result}`])

describe('hpa-target-missing', () => {
  test('by kind, name, group and namespace', () => {
    check(hpa('Deployment', 'web'), 'pass')
    check(hpa('Deployment', 'web', 'extensions/v1beta1'), 'pass')
    check(hpa('Deployment', 'api'), 'fail … Deployment api is not in namespace default')
    check(hpa('StatefulSet', 'web'), 'fail')
    says(hpaTargetMissing, workload('web', { namespace: 'other' }) + hpa('Deployment', 'web'), [
      'HorizontalPodAutoscaler h: fail',
    ])
  })

  test('custom kinds', () => {
    check(hpa('Rollout', 'web', 'argoproj.io/v1alpha1'), 'unknown … Rollout web is not in the input')
    check(hpa('Rollout', 'r', 'argoproj.io/v1alpha1') + workload('r', { kind: 'Rollout' }), 'pass')
  })

  test('a chart between', () => {
    check(hpa('Deployment', 'api') + made('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'r', 'spec: {}'), 'unknown')
  })
})
