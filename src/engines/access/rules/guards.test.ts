import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, NODE, rule } from '../testing.ts'

const GROUP = 'admissionregistration.k8s.io'
const WEBHOOK = `
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks:
- name: guard.example.com
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  clientConfig: {service: {name: guard, namespace: ops}}`
const POD = rule('create', 'pods')
const REMOVE = (names?: string) => rule('delete', 'validatingwebhookconfigurations', GROUP, names)

/** How certain the best step to the nodes is, of one kind. */
function truth(kind: string, yaml: string): string {
  const found = cluster(yaml).analysis.edges.filter((edge) => edge.kind === kind && edge.from === ATTACKER)
  return found.some((edge) => edge.truth === 'yes') ? 'yes' : (found[0]?.truth ?? 'none')
}

describe('remove-guard', () => {
  const pods = grant([POD], { at: 'app', name: 'pods' })
  const leads = (more: string): string => truth('remove-guard', WEBHOOK + more)
  test('whoever may take away the guard is sure of the node', () => {
    assert.equal(leads(pods + grant([REMOVE()])), 'yes')
    assert.equal(leads(pods + grant([REMOVE('guard')])), 'yes')
    assert.ok(cluster(WEBHOOK + pods + grant([REMOVE()])).controls(ATTACKER, NODE))
  })
  test('not another guard, not by a RoleBinding, not without a pod', () => {
    assert.equal(leads(pods + grant([REMOVE('other')])), 'none')
    assert.equal(leads(pods + grant([REMOVE()], { at: 'app' })), 'none')
    assert.equal(leads(grant([REMOVE()])), 'none')
    assert.equal(leads(pods + grant([rule('get', 'validatingwebhookconfigurations', GROUP)])), 'none')
  })
  test('all guards must go', () => {
    const second = WEBHOOK.replace('name: guard}', 'name: second}')
    assert.equal(leads(second + pods + grant([REMOVE('guard')])), 'none')
    assert.equal(leads(second + pods + grant([REMOVE('guard, second')])), 'yes')
  })
  test('a namespace that its label guards as well', () => {
    assert.equal(leads(grant([POD], { at: 'locked', name: 'pods' }) + grant([REMOVE()])), 'none')
  })
})

test('unguarded-pod: behind the label there may be another guard', () => {
  const rights = grant([POD, rule('patch', 'namespaces')], { at: 'locked' })
  assert.equal(truth('unguarded-pod', rights), 'yes')
  assert.equal(truth('unguarded-pod', WEBHOOK + rights), 'unknown')
})

describe('new-namespace', () => {
  const label = (name: string) => `
---
apiVersion: v1
kind: Namespace
metadata: {name: ${name}, labels: {pod-security.kubernetes.io/enforce: baseline}}`
  const guarded = ['app', 'ops', 'kube-system', 'default'].map(label).join('')
  const CREATE = rule('create', 'namespaces')
  test('where every one that is there is guarded', () => {
    assert.equal(truth('new-namespace', guarded + grant([POD, CREATE])), 'yes')
    assert.equal(truth('new-namespace', guarded + WEBHOOK + grant([POD, CREATE])), 'unknown')
    assert.equal(truth('new-namespace', grant([POD, CREATE])), 'none')
  })
  test('needs pods in it, and to be created without a name', () => {
    assert.equal(truth('new-namespace', guarded + grant([CREATE])), 'none')
    assert.equal(truth('new-namespace', guarded + grant([POD], { at: 'app', name: 'pods' }) + grant([CREATE])), 'none')
    assert.equal(truth('new-namespace', guarded + grant([POD, rule('create', 'namespaces', '', 'mine')])), 'none')
    assert.equal(truth('new-namespace', guarded + grant([rule('patch', 'deployments', 'apps'), CREATE])), 'none')
  })
})
