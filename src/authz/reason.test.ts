import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bindingOfReason } from './reason.ts'

const to = 'to User "alice"'

describe('the reason of an allowed request', () => {
  test('names a binding, its role and the subject', () => {
    const account = 'RBAC: allowed by RoleBinding "read/shop" of Role "reader" to ServiceAccount "web/shop"'
    assert.deepEqual(bindingOfReason(account), {
      kind: 'RoleBinding',
      namespace: 'shop',
      name: 'read',
      roleKind: 'Role',
      roleName: 'reader',
      subject: { kind: 'ServiceAccount', name: 'web', namespace: 'shop' },
    })
    const group = 'RBAC: allowed by ClusterRoleBinding "ops" of ClusterRole "cluster-admin" to Group "oidc:ops/eu"'
    assert.deepEqual(bindingOfReason(group), {
      kind: 'ClusterRoleBinding',
      namespace: '',
      name: 'ops',
      roleKind: 'ClusterRole',
      roleName: 'cluster-admin',
      subject: { kind: 'Group', name: 'oidc:ops/eu', namespace: '' },
    })
  })

  test('has names with quotes, backslashes, slashes, spaces and control characters, as Go quotes them', () => {
    const name = (quoted: string) =>
      bindingOfReason(`RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User ${quoted}`)?.subject.name
    assert.equal(name('"a \\"b\\" to Group \\"c\\""'), 'a "b" to Group "c"')
    assert.equal(name('"CORP\\\\alice"'), 'CORP\\alice')
    assert.equal(name('"https://issuer/x#alice"'), 'https://issuer/x#alice')
    assert.equal(name('"\\x7f\\u00ad\\u200b\\U000e0001\\n\\t\\a\\v"'), '\x7f\u00ad\u200b\u{e0001}\n\t\x07\v')
    assert.equal(name('"\\xff"'), '\uFFFD')
    assert.equal(name('"zoë"'), 'zoë')
  })

  test('that is not one, or is cut, or goes on, is none', () => {
    const whole = `RBAC: allowed by RoleBinding "b/n" of Role "r" ${to}`
    assert.ok(bindingOfReason(whole))
    for (let length = 0; length < whole.length; length++)
      assert.equal(bindingOfReason(whole.slice(0, length)), undefined)
    for (const text of [
      `${whole} `,
      `RBAC: allowed by Binding "b" of Role "r" ${to}`,
      `RBAC: allowed by RoleBinding b of Role "r" ${to}`,
      'RBAC: allowed by RoleBinding "b/n" of Role "r" to Robot "x"',
      'RBAC: allowed by RoleBinding "b/n" of Role "r" to User "\\q"',
      'RBAC: allowed by RoleBinding "b/n" of Role "r" to User "\\U00ffffff"',
      'RBAC: allowed by ClusterRoleBinding system:public-info-viewer',
      'RBAC: role.rbac.authorization.k8s.io "x" not found',
      'access granted by IAM permissions.',
    ])
      assert.equal(bindingOfReason(text), undefined, text)
  })
})
