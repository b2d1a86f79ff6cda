import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fix } from '../fix.ts'
import { type Case, caseOf } from '../pods/testing.ts'
import { podSecurityLabel } from './pod-security-label.ts'

const MAKER = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: makes, namespace: shop}
rules: [{apiGroups: [''], resources: [pods], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: makes, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: makes}
subjects: [{kind: User, name: alice, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: v1
kind: Namespace
metadata: {name: other}
`
const namespace = (labels = ''): string => `
---
apiVersion: v1
kind: Namespace
metadata: {name: shop${labels}}
`
const pod = (spec: string, more = ''): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop${more}}
spec: {${spec}}
`
const PLAIN = pod('containers: [{name: c, image: c}]')
const RESTRICTED = pod(
  'securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: c, image: c, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]',
)

const openings = (each: Case): readonly string[] =>
  each.context.edges.filter(({ kind }) => /^(new-)?privileged-(pod|container)$/.test(kind)).map(({ from }) => from)

const titles = (text: string): readonly string[] =>
  caseOf(text)
    .propose(podSecurityLabel)
    .map(({ title }) => title)

test('the strongest level that every pod keeps, where somebody may make pods', () => {
  const before = caseOf(MAKER + namespace() + PLAIN)
  const [fix, ...others] = before.propose(podSecurityLabel) as [Fix]
  assert.deepEqual(others, [])
  assert.equal(fix.id, 'pod-security-label-namespace-shop')
  assert.equal(fix.title, 'Enforce the baseline Pod Security level in namespace shop')
  assert.equal(fix.witness, 'admission')
  assert.deepEqual(openings(before), ['Scope/shop/new-pods'])
  assert.deepEqual(fix.around, openings(before))
  const after = before.after(fix)
  assert.deepEqual(openings(after), [])
  assert.deepEqual(after.propose(podSecurityLabel), [])
  assert.deepEqual(titles(MAKER + namespace() + RESTRICTED), [
    'Enforce the restricted Pod Security level in namespace shop',
  ])
})

test('a namespace that is not in the input is added, but not one of Kubernetes itself', () => {
  const before = caseOf(MAKER + PLAIN)
  const [fix] = before.propose(podSecurityLabel) as [Fix]
  assert.equal(fix.changes[0]?.action, 'add')
  assert.ok(fix.notes.some((note) => note.includes('not in the input')))
  assert.deepEqual(openings(before.after(fix)), [])
  assert.deepEqual(before.after(fix).propose(podSecurityLabel), [])
  const system = titles((MAKER + PLAIN).replaceAll('namespace: shop', 'namespace: kube-system'))
  assert.ok(!system.some((title) => title.includes('kube-')))
})

test('nothing is enforced that a pod breaks', () => {
  assert.deepEqual(titles(MAKER + namespace() + pod('hostPID: true, containers: [{name: c, image: c}]')), [])
  const sysctl = 'securityContext: {sysctls: [{name: kernel.msgmax, value: "1"}]}, containers: [{name: c, image: c}]'
  assert.deepEqual(titles(MAKER + namespace() + pod(sysctl)), [])
  const mirror = ', annotations: {kubernetes.io/config.mirror: x}'
  assert.equal(titles(MAKER + namespace() + pod('hostPID: true, containers: [{name: c, image: c}]', mirror)).length, 1)
})

test('a level that is enforced is only made stronger, and only where that closes something', () => {
  const labelled = (level: string): string => namespace(`, labels: {pod-security.kubernetes.io/enforce: ${level}}`)
  assert.equal(titles(MAKER + labelled('privileged') + PLAIN).length, 1)
  assert.deepEqual(titles(MAKER + labelled('baseline') + PLAIN), [])
  assert.deepEqual(titles(MAKER + labelled('baseline') + RESTRICTED), [])
  assert.deepEqual(titles(namespace() + PLAIN), [])
  assert.deepEqual(titles(MAKER + namespace()), [], 'no pod was seen, so that every level would seem kept')
})

test('a right to one pod by name counts', () => {
  const named = MAKER.replace(
    'resources: [pods], verbs: [create]',
    'resources: [pods/ephemeralcontainers], verbs: [patch], resourceNames: [web]',
  )
  const before = caseOf(named + namespace() + PLAIN)
  const [fix] = before.propose(podSecurityLabel) as [Fix]
  assert.deepEqual(fix.around, ['User//alice'])
  assert.deepEqual(openings(before.after(fix)), [])
})
