import { describe, test } from 'node:test'
import { made, says, workload } from '../../joins.testing.ts'
import { serviceSelectsNothing } from './service-selects-nothing.ts'

const service = (spec: string): string => made('v1', 'Service', 's', `spec: {ports: [{port: 80}], ${spec}}`)
const check = (spec: string, result: string, more = workload('web')): void =>
  says(serviceSelectsNothing, more + service(spec), [`Service s: ${result}`])

describe('service-selects-nothing', () => {
  test('labels of a workload of its namespace', () => {
    check('selector: {app: web}', 'pass')
    check('selector: {app: api}', 'fail … no workload of namespace default has the labels app=api')
    check('selector: {app: web, tier: x}', 'fail')
    check('selector: {app: web}', 'fail', workload('web', { namespace: 'other' }))
    check('selector: {app: web}', 'fail', '')
  })

  test('pods on their node’s network serve too', () =>
    check('selector: {app: web}', 'pass', workload('web', { pod: ', hostNetwork: true' })))

  test('a label that the controller gives to each pod', () => {
    const set = workload('web', { kind: 'StatefulSet' })
    check('selector: {statefulset.kubernetes.io/pod-name: web-0}', 'pass', set)
    check('selector: {statefulset.kubernetes.io/pod-name: web-0}', 'fail')
  })

  test('without a selector the endpoints are somebody else’s', () => {
    check('type: ExternalName, externalName: example.com, selector: {app: gone}', 'pass')
    check('type: ClusterIP', 'pass')
  })

  test('a controller that may add labels, or a chart between', () => {
    check('selector: {app: web, version: v1}', 'unknown', workload('web', { kind: 'Rollout' }))
    check(
      'selector: {app: gone}',
      'unknown … HelmRelease r',
      made('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'r', 'spec: {}'),
    )
  })
})
