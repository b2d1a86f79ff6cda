import { describe, test } from 'node:test'
import { made, says } from '../../joins.testing.ts'
import { serviceMonitorSelectsNothing } from './service-monitor-selects-nothing.ts'

const service = (name: string, namespace = 'default'): string => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec: {}
`
const check = (spec: string, result: string): void =>
  says(
    serviceMonitorSelectsNothing,
    service('web') + service('db', 'data') + made('monitoring.coreos.com/v1', 'ServiceMonitor', 'm', `spec: {${spec}}`),
    [`ServiceMonitor m: ${result}`],
  )

describe('service-monitor-selects-nothing', () => {
  test('in its own namespace', () => {
    check('selector: {matchLabels: {app: web}}', 'pass')
    check('selector: {}', 'pass')
    check('selector: {matchExpressions: [{key: app, operator: Exists}]}', 'pass')
    check('selector: {matchLabels: {app: db}}', 'fail … no Service of namespace default has the labels app=db')
  })

  test('in named namespaces, or any', () => {
    check('selector: {matchLabels: {app: db}}, namespaceSelector: {matchNames: [data]}', 'pass')
    check('selector: {matchLabels: {app: db}}, namespaceSelector: {any: true}', 'pass')
    check('selector: {matchLabels: {app: gone}}, namespaceSelector: {any: true}', 'fail')
    check('selector: {matchLabels: {app: db}}, namespaceSelector: {matchNames: [elsewhere]}', 'unknown')
  })

  test('without a selector', () => check('endpoints: []', 'fail … no selector'))
})
