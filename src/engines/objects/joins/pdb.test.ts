import { describe, test } from 'node:test'
import { made, says, workload } from '../../joins.testing.ts'
import { pdbAllowsNoEviction } from './pdb-allows-no-eviction.ts'
import { pdbMissing } from './pdb-missing.ts'
import { pdbOverHpaMinimum } from './pdb-over-hpa-minimum.ts'
import { pdbOverlapping } from './pdb-overlapping.ts'
import { pdbSelectsNothing } from './pdb-selects-nothing.ts'

const pdb = (spec: string, { name = 'p', namespace = 'default', version = 'v1' } = {}): string =>
  made(`policy/${version}`, 'PodDisruptionBudget', name, `spec: {${spec}}`, namespace)
const hpa = (spec: string, name = 'web'): string =>
  made(
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'h',
    `spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${name}}, maxReplicas: 9${spec}}`,
  )
const WEB = 'selector: {matchLabels: {app: web}}'
const web = (replicas?: number): string =>
  workload('web', { labels: 'app: web, tier: front', spec: replicas === undefined ? '' : `, replicas: ${replicas}` })

describe('pdb-missing', () => {
  const check = (budget: string, result: string): void =>
    says(pdbMissing, web() + budget, [`Deployment web: ${result}`])

  test('by labels, by expressions, by everything', () => {
    check('', 'fail … no PodDisruptionBudget selects its pods')
    check(pdb(WEB), 'pass')
    check(pdb('selector: {matchExpressions: [{key: app, operator: In, values: [web]}]}'), 'pass')
    check(pdb('selector: {}'), 'pass')
  })

  test('one label of two is not enough', () => check(pdb('selector: {matchLabels: {app: web, tier: back}}'), 'fail'))

  test('an absent selector, and an empty one of v1beta1, select nothing', () => {
    check(pdb('minAvailable: 1'), 'fail')
    check(pdb('selector: {}', { version: 'v1beta1' }), 'fail')
  })

  test('one of another namespace does not count', () => check(pdb(WEB, { namespace: 'other' }), 'fail'))

  test('of what is evicted and made anew', () => {
    const kinds = ['DaemonSet', 'Pod', 'Rollout', 'StatefulSet'].map((kind) => workload(kind.toLowerCase(), { kind }))
    says(pdbMissing, kinds.join(''), ['Rollout rollout: fail', 'StatefulSet statefulset: fail'])
  })

  test('labels that a custom controller may add', () => {
    const text = workload('web', { kind: 'Rollout' }) + pdb('selector: {matchLabels: {app: web, track: a}}')
    says(pdbMissing, text, ['Rollout web: unknown … PodDisruptionBudget p'])
  })
})

describe('pdb-overlapping', () => {
  test('two budgets for one pod', () => {
    const other = pdb('selector: {matchLabels: {tier: front}}', { name: 'q' })
    says(pdbOverlapping, web() + pdb(WEB) + other, [
      'Deployment web: fail … PodDisruptionBudgets p and q select its pods',
    ])
    says(pdbOverlapping, web() + pdb(WEB), ['Deployment web: pass'])
    says(pdbOverlapping, web() + pdb(WEB) + pdb(WEB, { name: 'q', namespace: 'other' }), ['Deployment web: pass'])
  })
})

describe('pdb-selects-nothing', () => {
  test('right, dangling, without a selector', () => {
    says(pdbSelectsNothing, web() + pdb(WEB), ['PodDisruptionBudget p: pass'])
    says(pdbSelectsNothing, web() + pdb('selector: {matchLabels: {app: gone}}'), [
      'PodDisruptionBudget p: fail … app=gone',
    ])
    says(pdbSelectsNothing, web() + pdb('minAvailable: 1'), ['PodDisruptionBudget p: fail … no selector'])
    says(pdbSelectsNothing, pdb(WEB), ['PodDisruptionBudget p: unknown'])
  })
})

describe('pdb-over-hpa-minimum', () => {
  const check = (budget: string, minimum: string, result: string): void =>
    says(pdbOverHpaMinimum, web() + pdb(`${WEB}, ${budget}`) + hpa(minimum), [`Deployment web: ${result}`])

  test('more than the autoscaler may leave', () => {
    check('minAvailable: 3', ', minReplicas: 2', 'fail … wants 3 pods available … may leave 2')
    check('minAvailable: 2', ', minReplicas: 2', 'pass')
    check('minAvailable: 1', ', minReplicas: 2', 'pass')
    check('maxUnavailable: 1', ', minReplicas: 2', 'pass')
  })

  test('without minReplicas one pod is left', () => {
    check('minAvailable: 2', '', 'fail … may leave 1')
    check('minAvailable: 1', '', 'pass')
  })

  test('percents of the minimum, rounded up', () => {
    check('minAvailable: "101%"', ', minReplicas: 2', 'fail')
    check('minAvailable: "100%"', ', minReplicas: 3', 'pass')
    check('minAvailable: "50%"', ', minReplicas: 3', 'pass')
  })

  test('only of the same workload', () => {
    const budget = pdb(`${WEB}, minAvailable: 3`)
    says(pdbOverHpaMinimum, web() + budget, ['Deployment web: pass'])
    says(pdbOverHpaMinimum, web() + budget + hpa(', minReplicas: 1', 'api'), ['Deployment web: pass'])
    says(pdbOverHpaMinimum, web() + hpa(', minReplicas: 1'), ['Deployment web: pass'])
  })
})

describe('pdb-allows-no-eviction', () => {
  const check = (budget: string, workloads: string, result: string): void =>
    says(pdbAllowsNoEviction, workloads + pdb(`${WEB}, ${budget}`), [`PodDisruptionBudget p: ${result}`])

  test('as many as there are', () => {
    check('minAvailable: 2', web(2), 'fail … minAvailable 2 of 2 pods leaves none')
    check('minAvailable: 1', web(2), 'pass')
    check('minAvailable: 1', web(), 'fail … of 1 pod leaves')
    check('maxUnavailable: 1', web(1), 'pass')
  })

  test('percents are rounded up', () => {
    check('minAvailable: "60%"', web(2), 'fail … 60% of 2 pods')
    check('minAvailable: "50%"', web(2), 'pass')
    check('maxUnavailable: "10%"', web(2), 'pass')
  })

  test('an autoscaler’s minimum is what there may be', () => {
    check('minAvailable: 2', web(5) + hpa(', minReplicas: 2'), 'fail')
    check('minAvailable: 2', web(2) + hpa(', minReplicas: 3'), 'pass')
  })

  test('the budget is over all that it selects', () => {
    const two =
      workload('a', { labels: 'app: web', spec: ', replicas: 1' }) +
      workload('b', { labels: 'app: web', spec: ', replicas: 1' })
    check('minAvailable: 1', two, 'pass')
    check('minAvailable: 2', two, 'fail … of 2 pods')
  })

  test('nothing to evict, or nobody knows how much', () => {
    check('minAvailable: 1', web(0), 'pass')
    check('minAvailable: 1', '', 'pass')
    check('minAvailable: 1', workload('web', { kind: 'DaemonSet' }), 'unknown')
  })

  test('what the budget alone decides is another check’s', () => {
    says(pdbAllowsNoEviction, web(2) + pdb(`${WEB}, maxUnavailable: 0`), [])
    says(pdbAllowsNoEviction, web(2) + pdb(`${WEB}, minAvailable: "100%"`), [])
  })
})
