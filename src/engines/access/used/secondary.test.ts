import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rbacPolicy } from '../../../authz/policy.ts'
import type { ResourceRequest } from '../../../authz/rules.ts'
import { subjectIdsOf } from '../../../authz/subjects.ts'
import { decodeBinding, decodeRole, isRole } from '../../../cluster/rbac.ts'
import { objectsOf } from '../../../cluster/testing.ts'
import { type AccessBehaviour, formatRequest, type Who } from './behaviour.ts'
import { sideUses } from './secondary.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** A policy that gives `ann` these rules everywhere, and holds these objects besides. */
function policyOf(rules: string, more = '') {
  const objects = objectsOf(`
apiVersion: ${RBAC}/v1
kind: ClusterRole
metadata: {name: own}
rules: ${rules}
---
apiVersion: ${RBAC}/v1
kind: ClusterRoleBinding
metadata: {name: own}
roleRef: {apiGroup: ${RBAC}, kind: ClusterRole, name: own}
subjects: [{kind: User, name: ann}]${more}`)
  return rbacPolicy({
    roles: objects.filter(isRole).map((object) => decodeRole(object)),
    bindings: objects.filter((object) => !isRole(object)).map((object) => decodeBinding(object)),
    version: { minor: 36 },
    bootstrap: false,
  })
}

const ROLE = `
---
apiVersion: ${RBAC}/v1
kind: Role
metadata: {name: r, namespace: shop}
rules: [{verbs: [get, list], apiGroups: [""], resources: [pods/log], resourceNames: [x]}]
---
apiVersion: ${RBAC}/v1
kind: RoleBinding
metadata: {name: b, namespace: shop}
roleRef: {apiGroup: ${RBAC}, kind: Role, name: r}
subjects: []`

function whoDid(done: Partial<ResourceRequest>, object = '', as?: { user: string; groups: readonly string[] }): Who {
  const request = { verb: 'create', group: RBAC, resource: '', subresource: '', namespace: '', name: '', ...done }
  const base = { workload: '', namesPod: false, behaviours: [], impersonations: [], dropped: undefined }
  const ann = { ...base, user: 'ann', groups: [], subject: 'User//ann', ids: subjectIdsOf({ user: 'ann', groups: [] }) }
  const behaviour = { outcome: 'used', request, object, created: false, delegated: false }
  const made = { ...behaviour, who: as ? { ...base, ...as, subject: '', ids: [] } : ann } as unknown as AccessBehaviour
  return (as ? { ...ann, impersonations: [made] } : { ...ann, behaviours: [made] }) as unknown as Who
}

const used = (who: Who, policy: ReturnType<typeof policyOf>) =>
  sideUses(who, policy).map(({ request }) => formatRequest(request))
const rule = (verbs: string, resources: string, rest = `apiGroups: [${RBAC}]`) =>
  `{verbs: [${verbs}], resources: [${resources}], ${rest}}`

describe('rights that were used without a record of their own', () => {
  test('a role: escalate, else what it hands on', () => {
    const who = whoDid({ resource: 'roles', namespace: 'shop' }, 'r')
    assert.deepEqual(used(who, policyOf(`[${rule('escalate', 'roles')}]`, ROLE)), [`escalate roles.${RBAC} in shop`])
    const held = policyOf(`[${rule('get, list, watch', 'pods/log', 'apiGroups: [""]')}]`, ROLE)
    assert.deepEqual(used(who, held), ['get pods/log x in shop', 'list pods/log x in shop'])
    // A creation has no name, so that this right does not help it.
    const named = policyOf(`[${rule('escalate', 'roles', `apiGroups: [${RBAC}], resourceNames: [r]`)}]`, ROLE)
    assert.deepEqual(used(who, named), [])
    const update = whoDid({ resource: 'roles', namespace: 'shop', verb: 'update', name: 'r' }, 'r')
    assert.deepEqual(used(update, named), [`escalate roles.${RBAC} r in shop`])
  })

  test('a binding: bind, else what it hands on; where it is gone, every bind that is held', () => {
    const binds = policyOf(
      `[${rule('bind', 'roles, clusterroles', `apiGroups: [${RBAC}], resourceNames: [r, s]`)}]`,
      ROLE,
    )
    const known = whoDid({ resource: 'rolebindings', namespace: 'shop' }, 'b')
    assert.deepEqual(used(known, binds), [`bind roles.${RBAC} r in shop`])
    const held = policyOf(`[${rule('"*"', 'pods/log', 'apiGroups: [""]')}]`, ROLE)
    assert.deepEqual(used(known, held), ['get pods/log x in shop', 'list pods/log x in shop'])
    const gone = whoDid({ resource: 'rolebindings', namespace: 'shop' }, 'gone')
    assert.deepEqual(
      used(gone, binds).sort(),
      ['clusterroles', 'roles'].flatMap((each) => ['r', 's'].map((name) => `bind ${each}.${RBAC} ${name} in shop`)),
    )
    const all = policyOf(`[${rule('"*"', '"*"')}]`, ROLE)
    assert.deepEqual(used(gone, all).sort(), [`bind clusterroles.${RBAC} in shop`, `bind roles.${RBAC} in shop`])
  })

  test('an approval: every signer for which it is held, since the log does not tell which', () => {
    const group = 'certificates.k8s.io'
    const who = whoDid({
      group,
      verb: 'update',
      resource: 'certificatesigningrequests',
      subresource: 'approval',
    })
    const policy = policyOf(`[${rule('approve', 'signers', `apiGroups: [${group}], resourceNames: [example.com/*]`)}]`)
    assert.deepEqual(used(who, policy), [`approve signers.${group} example.com/*`])
  })

  test('an impersonation: all rights of the mode that lets it through', () => {
    const list = { group: '', verb: 'list', resource: 'pods', namespace: 'shop' }
    const who = whoDid(list, '', { user: 'bob', groups: ['dev', 'system:authenticated'] })
    const old = rule('impersonate', 'users, groups', 'apiGroups: [""]')
    assert.deepEqual(used(who, policyOf(`[${old}]`)), ['impersonate users bob', 'impersonate groups dev'])
    const be = rule('impersonate:user-info', 'users, groups', 'apiGroups: [authentication.k8s.io]')
    const on = rule('impersonate-on:user-info:list', 'pods', 'apiGroups: [""]')
    assert.deepEqual(used(who, policyOf(`[${be}, ${on}]`)), [
      'impersonate-on:user-info:list pods in shop',
      'impersonate:user-info users.authentication.k8s.io bob',
      'impersonate:user-info groups.authentication.k8s.io dev',
    ])
    assert.deepEqual(used(who, policyOf(`[${be}]`)), [])
  })
})
