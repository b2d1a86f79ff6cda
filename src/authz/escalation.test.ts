import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeBinding, decodeRole, isRole } from '../cluster/rbac.ts'
import { objectsOf } from '../cluster/testing.ts'
import { aggregates, checkBinding, checkRole, holderOf, isUnchanged } from './escalation.ts'
import { rbacPolicy } from './policy.ts'

const META = 'apiVersion: rbac.authorization.k8s.io/v1'
const POLICY = `
${META}
kind: Role
metadata: {name: reader, namespace: shop}
rules: [{verbs: [get, list], apiGroups: [""], resources: [pods]}]
---
${META}
kind: Role
metadata: {name: names, namespace: shop}
rules: [{verbs: [escalate, bind], apiGroups: [rbac.authorization.k8s.io], resources: [roles, clusterroles], resourceNames: [known]}]
---
${META}
kind: RoleBinding
metadata: {name: reader, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: ann}]
---
${META}
kind: RoleBinding
metadata: {name: names, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: names}
subjects: [{kind: User, name: bob}]`

function holder(user: string, groups: readonly string[] = []) {
  const objects = objectsOf(POLICY)
  const roles = objects.filter(isRole).map((object) => decodeRole(object))
  const bindings = objects.filter((object) => !isRole(object)).map((object) => decodeBinding(object))
  return holderOf(rbacPolicy({ roles, bindings, version: { minor: 36 }, bootstrap: false }), { user, groups })
}

const rule = (verb: string, resource = 'pods') => ({
  verbs: [verb],
  apiGroups: [''],
  resources: [resource],
  resourceNames: [],
  nonResourceURLs: [],
})
const ROLE = { kind: 'Role', namespace: 'shop', name: '', rules: [rule('get'), rule('delete')] } as const

describe('whoever writes a role', () => {
  test('hands on what it holds in that namespace, and nothing besides', () => {
    const checked = checkRole(holder('ann'), ROLE)
    assert.deepEqual(checked, { allowed: false, why: 'not-held', missing: [rule('delete')] })
    assert.deepEqual(checkRole(holder('ann'), { ...ROLE, rules: [rule('get')] }), { allowed: true, by: 'held' })
    assert.equal(checkRole(holder('ann'), { ...ROLE, namespace: 'bank', rules: [rule('get')] }).allowed, false)
    const clusterRole = { ...ROLE, kind: 'ClusterRole', namespace: '', rules: [rule('get')] } as const
    assert.equal(checkRole(holder('ann'), clusterRole).allowed, false)
  })

  test('escalates by name where the request has one, which a creation has not', () => {
    assert.deepEqual(checkRole(holder('bob'), { ...ROLE, name: 'known' }), { allowed: true, by: 'escalate' })
    assert.equal(checkRole(holder('bob'), ROLE).allowed, false)
    assert.equal(checkRole(holder('bob'), { ...ROLE, name: 'other' }).allowed, false)
  })

  test('holds everything, where the role takes the rules of others', () => {
    const empty = { ...ROLE, kind: 'ClusterRole', namespace: '', rules: [], aggregates: true } as const
    const checked = checkRole(holder('ann'), empty)
    assert.equal(!checked.allowed && checked.why, 'aggregation')
    assert.equal(!checked.allowed && checked.missing.length, 2)
    assert.equal(checkRole(holder('ann'), { ...empty, aggregates: false }).allowed, true)
  })

  test('is asked nothing in system:masters, or where only the garbage collector writes', () => {
    assert.deepEqual(checkRole(holder('root', ['system:masters']), ROLE), { allowed: true, by: 'system:masters' })
    assert.deepEqual(checkRole(holder('eve'), { ...ROLE, unchanged: true }), { allowed: true, by: 'unchanged' })
  })
})

describe('whoever writes a binding', () => {
  const TO_READER = { namespace: 'shop', roleKind: 'Role', roleName: 'reader', rules: [rule('get'), rule('list')] }

  test('holds what the role gives, or may bind it in the namespace of the binding', () => {
    assert.deepEqual(checkBinding(holder('ann'), TO_READER), { allowed: true, by: 'held' })
    assert.equal(checkBinding(holder('bob'), TO_READER).allowed, false)
    const known = { ...TO_READER, roleKind: 'ClusterRole', roleName: 'known' }
    assert.deepEqual(checkBinding(holder('bob'), known), { allowed: true, by: 'bind' })
    assert.equal(checkBinding(holder('bob'), { ...known, namespace: '' }).allowed, false)
  })

  test('cannot bind a role that does not exist, unless bind names it', () => {
    const gone = { ...TO_READER, roleName: 'gone', rules: undefined }
    assert.deepEqual(checkBinding(holder('ann'), gone), { allowed: false, why: 'no-role', missing: [] })
    assert.equal(checkBinding(holder('bob'), { ...gone, roleName: 'known' }).allowed, true)
    assert.equal(checkBinding(holder('root', ['system:masters']), gone).allowed, true)
    assert.equal(checkBinding(holder('bob'), { ...gone, roleKind: 'Robot', roleName: 'known' }).allowed, false)
  })
})

describe('an update', () => {
  const one = (text: string) => objectsOf(`${META}\nkind: ClusterRole\n${text}`)[0]!
  const before = one(
    'metadata: {name: x, uid: u, labels: {}}\nrules: [{verbs: [get], apiGroups: [""], resources: [pods]}]',
  )

  test('of owners, finalizers and bookkeeping changes nothing', () => {
    const after = one(
      'metadata: {name: x, uid: u, finalizers: [f], ownerReferences: [{name: o}], managedFields: [{manager: m}]}\n' +
        'rules: [{verbs: [get], apiGroups: [""], resources: [pods], resourceNames: []}]',
    )
    assert.equal(isUnchanged(before, after), true)
  })

  test('of anything else does', () => {
    for (const text of [
      'metadata: {name: x, labels: {}}\nrules: [{verbs: [get], apiGroups: [""], resources: [pods]}]',
      'metadata: {name: x, uid: u, labels: {a: b}}\nrules: [{verbs: [get], apiGroups: [""], resources: [pods]}]',
      'metadata: {name: x, uid: u}\nrules: [{verbs: [list], apiGroups: [""], resources: [pods]}]',
      'metadata: {name: x, uid: u}\nrules: []',
      'metadata: {name: x, uid: u}\nrules: [{verbs: [get], apiGroups: [""], resources: [pods]}]\naggregationRule: {}',
    ])
      assert.equal(isUnchanged(before, one(text)), false, text)
  })

  test('an aggregationRule without selectors is none', () => {
    assert.equal(aggregates(one('metadata: {name: x}\naggregationRule: {clusterRoleSelectors: []}')), false)
    assert.equal(aggregates(one('metadata: {name: x}\naggregationRule: {clusterRoleSelectors: [{}]}')), true)
    assert.equal(aggregates(undefined), false)
  })
})
