import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { grant, rule } from '../../engines/access/testing.ts'
import type { Fix, Proposer, Used } from '../fix.ts'
import { usage, worldOf } from '../network/testing.ts'
import { tokenOff } from '../pods/token-off.ts'
import { dropRule } from './drop-rule.ts'
import { narrowBinding } from './narrow-binding.ts'
import { revokeBinding } from './revoke-binding.ts'
import { revokeSubject } from './revoke-subject.ts'

const BASE = `
apiVersion: v1
kind: Namespace
metadata: {name: app}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: app}`

const account = (name: string, namespace = 'app', more = ''): string => `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: ${namespace}${more}}`

const runs = (name: string, as: string, namespace = 'app'): string => `${account(as, namespace)}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {serviceAccountName: ${as}, containers: [{name: c, image: c}]}`

const to = (name: string, namespace = 'app'): string => `{kind: ServiceAccount, name: ${name}, namespace: ${namespace}}`
const user = (name: string): string => `{kind: User, name: "${name}"}`
const group = (name: string): string => `{kind: Group, name: "${name}"}`

const fixesOf = (proposer: Proposer, text: string, used?: Used): readonly Fix[] =>
  worldOf(`${BASE}${text}`, proposer, used).fixes
const ids = (...args: Parameters<typeof fixesOf>): readonly string[] => fixesOf(...args).map(({ id }) => id)

const reads = rule('get, list', 'pods, secrets')
const all = rule('"*"', '"*"', '*')

describe('the account of a workload that runs', () => {
  const own = `${runs('web', 'web')}${grant([reads], { to: to('web') })}`

  test('keeps what it was given, its token too, unless history shows that it does without', () => {
    for (const proposer of [revokeBinding, tokenOff]) {
      assert.deepEqual(ids(proposer, own), [])
      assert.equal(ids(proposer, own, usage('ServiceAccount/app/web:')).length, 1)
    }
  })

  test('loses single steps of it, with a note first, but nothing whole', () => {
    const [fix, ...more] = fixesOf(dropRule, own) as [Fix]
    assert.deepEqual(more, [])
    assert.equal(fix.notes[0], 'app/web runs as ServiceAccount app/web, and will fail where it uses this')
    assert.deepEqual(ids(dropRule, `${runs('web', 'web')}${grant([rule('"*"', 'secrets')], { to: to('web') })}`), [])
    assert.deepEqual(ids(dropRule, `${runs('web', 'web')}${grant([rule('get', '"*"')], { to: to('web') })}`), [])
  })

  test('may lose everything, which nothing needs, with a note first', () => {
    const [fix] = fixesOf(revokeBinding, `${runs('web', 'web')}${grant([all], { to: to('web') })}`) as [Fix]
    assert.match(fix.notes[0] ?? '', /is the only binding .*; app\/web runs as .* and will fail if it uses the API$/)
  })

  test('what others have too, by another binding or by accident, may go', () => {
    const shared = `${runs('web', 'web')}${account('ci', 'ops')}${grant([reads], { to: `${to('web')}, ${to('ci', 'ops')}` })}`
    assert.deepEqual(ids(revokeBinding, shared), ['revoke-binding-granted'])
    const byDefault = `${runs('web', 'default')}${grant([reads], { to: to('default') })}`
    assert.deepEqual(ids(revokeBinding, byDefault), ['revoke-binding-granted'])
    assert.equal(ids(tokenOff, byDefault).length, 1)
  })

  test('the accounts that an operator gives to its pods are as their own', () => {
    const operator = `${runs('operator', 'ceph-csi-manager')}${grant([rule('create', 'pods')], { name: 'makes', to: to('ceph-csi-manager') })}`
    const driver = `${account('ceph-csi-driver')}${grant([reads], { to: to('ceph-csi-driver') })}`
    assert.deepEqual(ids(revokeBinding, driver), ['revoke-binding-granted'])
    assert.deepEqual(ids(revokeBinding, `${operator}${driver}`), [])
    const other = `${account('ci')}${grant([reads], { to: to('ci') })}`
    assert.deepEqual(ids(revokeBinding, `${operator}${other}`), ['revoke-binding-granted'])
  })
})

test('the credentials of the control plane are nobody to take rights from', () => {
  for (const name of [
    'kube-apiserver',
    'kube-apiserver-kubelet-client',
    'system:k3s-controller',
    'system:kube-scheduler',
  ]) {
    const bound = grant([reads, rule('create', 'nodes/proxy')], { to: user(name) })
    for (const proposer of [revokeBinding, dropRule]) assert.deepEqual(ids(proposer, bound), [], name)
  }
  assert.deepEqual(ids(revokeSubject, grant([reads], { to: `${group('system:nodes')}, ${user('alice')}` })), [
    'revoke-subject-granted-user-alice',
  ])
  for (const each of [user('system:anonymous'), group('system:authenticated'), group('system:serviceaccounts')])
    assert.equal(ids(revokeBinding, grant([reads], { to: each })).length, 1, each)
})

test('what an addon manager makes again is not taken', () => {
  const bound = grant([reads], { to: user('alice') })
  for (const label of ['objectset.rio.cattle.io/hash: x', 'addonmanager.kubernetes.io/mode: Reconcile']) {
    const made = bound.replaceAll('{name: granted}', `{name: granted, labels: {${label}}}`)
    for (const proposer of [revokeBinding, dropRule]) {
      assert.equal(ids(proposer, bound).length, 1)
      assert.deepEqual(ids(proposer, made), [])
    }
  }
})

describe('cluster-admin', () => {
  const admin = (name: string, ...subjects: readonly string[]): string => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${name}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [${subjects.join(', ')}]`

  test('stays with the last who has it', () => {
    assert.deepEqual(ids(revokeBinding, admin('ops', group('ops'))), [])
    assert.deepEqual(ids(revokeBinding, admin('ops', group('ops'), user('bob'))), [])
    assert.equal(ids(revokeSubject, admin('ops', group('ops'), user('bob'))).length, 2)
    assert.deepEqual(ids(revokeSubject, admin('ops', group('ops'), to('ci'))), [
      'revoke-subject-ops-serviceaccount-app-ci',
    ])
  })

  test('of two the note says who keeps it', () => {
    const [fix] = fixesOf(revokeBinding, admin('a', user('alice')) + admin('b', user('bob'))) as [Fix]
    assert.ok(fix.notes.includes('cluster-admin stays with User bob (b)'), fix.notes.join('; '))
  })
})

test('notes are never empty, and say what else gives the same', () => {
  const twice = `${account('ci')}${grant([reads], { to: to('ci') })}${grant([reads], { name: 'too', to: to('ci') }).replace('kind: ClusterRole, name: too', 'kind: ClusterRole, name: granted')}`
  for (const proposer of [revokeBinding, dropRule])
    for (const { notes } of fixesOf(proposer, twice)) assert.ok(notes.length > 0)
  const [fix] = fixesOf(revokeBinding, twice) as [Fix]
  assert.deepEqual(fix.notes, [
    'ServiceAccount app/ci keeps granted by too',
    'no workload of the input runs as ServiceAccount app/ci',
  ])
})

test('a title has the object first, whole, and its end is left out where it is long', () => {
  const name = 'ceph-csi-rbd-ctrlplugin-crb'
  const [fix] = fixesOf(revokeBinding, grant([reads], { name, to: to('ceph-csi-rbd-ctrlplugin-sa', 'rook-ceph') })) as [
    Fix,
  ]
  assert.equal(fix.title, `Revoke ${name} from rook-ceph/ceph-csi-rbd-ctrlplugin-sa`)
  const [short] = fixesOf(revokeBinding, grant([reads], { name: 'a', to: user('alice') })) as [Fix]
  assert.equal(short.title, 'Revoke ClusterRoleBinding a from User alice')
})

test('a RoleBinding beside an account that is placed by -n names no namespace', () => {
  const used = usage('ServiceAccount/app/ci: get secrets in app', 'ServiceAccount/default/ci: get secrets in default')
  const metadata = (text: string): unknown =>
    fixesOf(narrowBinding, text, used)[0]?.changes.find(({ action }) => action === 'add')?.object.body.metadata
  assert.deepEqual(metadata(`${account('ci')}${grant([reads], { to: to('ci') })}`), {
    name: 'granted',
    namespace: 'app',
  })
  const placed = account('ci', 'default').replace(', namespace: default', '')
  assert.deepEqual(metadata(`${placed}${grant([reads], { to: to('ci', 'default') })}`), { name: 'granted' })
})
