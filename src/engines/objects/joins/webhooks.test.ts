import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { made, says, verdictsOf } from '../../joins.testing.ts'
import { webhookFailsOpen } from './webhook-fails-open.ts'
import { webhookRegistered } from './webhook-registered.ts'
import { webhookSeesEverything } from './webhook-sees-everything.ts'
import { webhookServiceMissing } from './webhook-service-missing.ts'

const PODS = 'rules: [{apiGroups: [""], resources: [pods], operations: [CREATE]}]'
const hook = (fields: string, { kind = 'Validating', version = 'v1' } = {}): string => `---
apiVersion: admissionregistration.k8s.io/${version}
kind: ${kind}WebhookConfiguration
metadata: {name: w}
webhooks: [{name: a.example.com, ${fields}}]
`
const rules = (groups: string, resources: string, operations = 'CREATE'): string =>
  `rules: [{apiGroups: [${groups}], resources: [${resources}], operations: [${operations}]}]`

describe('webhook-fails-open', () => {
  const check = (text: string, result: string): void =>
    says(webhookFailsOpen, text, [`ValidatingWebhookConfiguration w: ${result}`])

  test('what guards pods, rights or Secrets', () => {
    check(hook(`failurePolicy: Ignore, ${PODS}`), 'fail … a.example.com has failurePolicy Ignore')
    check(hook(`failurePolicy: Ignore, ${rules('"*"', '"*"', '"*"')}`), 'fail')
    check(hook(`failurePolicy: Ignore, ${rules('rbac.authorization.k8s.io', 'clusterrolebindings')}`), 'fail')
    check(hook(`failurePolicy: Ignore, ${rules('""', 'pods/exec', 'CONNECT')}`), 'fail')
    check(hook(`failurePolicy: Fail, ${PODS}`), 'pass')
    check(hook(`failurePolicy: Ignore, ${rules('example.com', 'things')}`), 'pass')
    check(hook(`failurePolicy: Ignore, ${rules('""', 'pods', 'DELETE')}`), 'pass')
  })

  test('the default of each version', () => {
    check(hook(PODS), 'pass')
    check(hook(PODS, { version: 'v1beta1' }), 'fail')
  })

  test('one that changes objects guards nothing', () => {
    says(webhookFailsOpen, hook(`failurePolicy: Ignore, ${PODS}`, { kind: 'Mutating' }), [
      'MutatingWebhookConfiguration w: pass',
    ])
  })
})

describe('webhook-service-missing', () => {
  const called = (more = '', policy = ''): string =>
    hook(`clientConfig: {service: {namespace: sec, name: s${more}}}${policy}`)
  const service = (name: string, ports = '[{port: 443}]'): string =>
    made('v1', 'Service', name, `spec: {ports: ${ports}}`, 'sec')
  const check = (text: string, result: string): void =>
    says(webhookServiceMissing, text, [`ValidatingWebhookConfiguration w: ${result}`])

  test('there, not there, not known', () => {
    check(called() + service('s'), 'pass')
    check(called() + service('other'), 'fail … calls Service sec/s … what it matches is refused')
    check(called('', ', failurePolicy: Ignore') + service('other'), 'fail … it guards nothing')
    check(called(), 'unknown … sec/s')
  })

  test('the port', () => {
    check(called(', port: 8443') + service('s'), 'fail … port 8443')
    check(called(', port: 8443') + service('s', '[{port: 8443}]'), 'pass')
  })

  test('by URL nobody is there to be missed', () => check(hook('clientConfig: {url: "https://a.example.com"}'), 'pass'))

  test('the place is the webhook’s', () => {
    const [verdict] = verdictsOf(webhookServiceMissing, called() + service('other'))
    assert.deepEqual(verdict?.at, [{ path: ['webhooks', 0, 'clientConfig', 'service'] }])
  })
})

describe('webhook-sees-everything, webhook-registered', () => {
  const check = (text: string, result: string): void =>
    says(webhookSeesEverything, text, [`ValidatingWebhookConfiguration w: ${result}`])

  test('every resource of every group, unless something holds back', () => {
    check(hook(rules('"*"', '"*"')), 'fail')
    check(hook(rules('"*"', '"*/*"')), 'fail')
    check(hook(rules('""', '"*"')), 'pass')
    check(hook(`${rules('"*"', '"*"')}, namespaceSelector: {matchLabels: {a: b}}`), 'pass')
    check(hook(`${rules('"*"', '"*"')}, namespaceSelector: {}`), 'fail')
    check(hook(`${rules('"*"', '"*"')}, matchConditions: [{name: a, expression: "true"}]`), 'pass')
  })

  test('each is listed with what it is asked of', () => {
    says(webhookRegistered, hook(`${PODS}, clientConfig: {service: {namespace: ns, name: s}}`, { kind: 'Mutating' }), [
      'MutatingWebhookConfiguration w: fail … a.example.com is asked of pods and answered by Service ns/s',
    ])
    says(webhookRegistered, hook(PODS), ['ValidatingWebhookConfiguration w: fail … a URL'])
  })
})
