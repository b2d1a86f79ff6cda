import { describe, test } from 'node:test'
import { made, says } from '../../joins.testing.ts'
import { bindingCreatesPods } from './binding-creates-pods.ts'
import { bindingReadsSecrets } from './binding-reads-secrets.ts'
import { clusterRoleBindingAdmin } from './cluster-role-binding-admin.ts'
import { clusterRoleBindingPodExec } from './cluster-role-binding-pod-exec.ts'
import { roleBindingAdminClusterRole } from './role-binding-admin-cluster-role.ts'
import { roleBindingAdminRole } from './role-binding-admin-role.ts'
import { roleBindingPodExecClusterRole } from './role-binding-pod-exec-cluster-role.ts'
import { roleBindingPodExecRole } from './role-binding-pod-exec-role.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const ANN = '[{kind: User, name: ann, apiGroup: rbac.authorization.k8s.io}]'

const role = (name: string, rules: string, kind = 'ClusterRole', more = ''): string =>
  made(RBAC, kind, name, `rules: ${rules}\n${more}`)
const rule = (verbs: string, resources: string, more = '', groups = '""'): string =>
  `[{apiGroups: [${groups}], resources: [${resources}], verbs: [${verbs}]${more}}]`
const bound = (kind: string, roleKind: string, roleName: string, name = 'b', subjects = ANN): string =>
  made(RBAC, kind, name, `roleRef: {kind: ${roleKind}, name: "${roleName}"}\nsubjects: ${subjects}`)

const EVERYTHING = rule('"*"', '"*"', '', '"*"')

describe('bindings that give everything', () => {
  test('each kind of binding and role has its own check', () => {
    const text =
      role('all', EVERYTHING) +
      role('all', EVERYTHING, 'Role') +
      bound('ClusterRoleBinding', 'ClusterRole', 'all', 'a') +
      bound('RoleBinding', 'ClusterRole', 'all', 'b') +
      bound('RoleBinding', 'Role', 'all', 'c')
    says(clusterRoleBindingAdmin, text, ['ClusterRoleBinding a: fail … ClusterRole all lets User ann do everything'])
    says(roleBindingAdminClusterRole, text, ['RoleBinding b: fail … ClusterRole all'])
    says(roleBindingAdminRole, text, ['RoleBinding c: fail … Role all'])
  })

  test('cluster-admin is known without its role', () => {
    says(clusterRoleBindingAdmin, bound('ClusterRoleBinding', 'ClusterRole', 'cluster-admin'), [
      'ClusterRoleBinding b: fail',
    ])
    says(clusterRoleBindingAdmin, bound('ClusterRoleBinding', 'ClusterRole', 'view'), ['ClusterRoleBinding b: pass'])
    says(roleBindingAdminClusterRole, bound('RoleBinding', 'ClusterRole', 'admin'), ['RoleBinding b: pass'])
  })

  test('all usual verbs are as good as the star', () => {
    const text = (verbs: string): string =>
      role('r', rule(verbs, '"*"', '', '"*"')) + bound('ClusterRoleBinding', 'ClusterRole', 'r')
    says(clusterRoleBindingAdmin, text('get, list, watch, create, update, patch, delete'), [
      'ClusterRoleBinding b: fail',
    ])
    says(clusterRoleBindingAdmin, text('get, list, watch'), ['ClusterRoleBinding b: pass'])
  })

  test('a wildcard of one group, or of names, is not everything', () => {
    for (const rules of [
      rule('"*"', '"*"'),
      rule('"*"', 'pods', '', '"*"'),
      rule('"*"', '"*"', ', resourceNames: [a]', '"*"'),
    ])
      says(clusterRoleBindingAdmin, role('r', rules) + bound('ClusterRoleBinding', 'ClusterRole', 'r'), [
        'ClusterRoleBinding b: pass',
      ])
  })

  test('a name that begins with system: proves nothing', () => {
    says(clusterRoleBindingAdmin, bound('ClusterRoleBinding', 'ClusterRole', 'cluster-admin', 'system:evil'), [
      'ClusterRoleBinding system:evil: fail',
    ])
    const labelled = `metadata: {name: cluster-admin, labels: {kubernetes.io/bootstrapping: rbac-defaults}}`
    const own = (subjects: string): string => `
apiVersion: ${RBAC}
kind: ClusterRoleBinding
${labelled}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: ${subjects}`
    says(clusterRoleBindingAdmin, own('[{kind: Group, name: "system:masters"}]'), [
      'ClusterRoleBinding cluster-admin: pass',
    ])
    says(clusterRoleBindingAdmin, own('[{kind: Group, name: "system:masters"}, {kind: User, name: eve}]'), [
      'ClusterRoleBinding cluster-admin: fail … and 1 more',
    ])
  })

  test('nobody bound is nothing given', () => {
    const text = bound('ClusterRoleBinding', 'ClusterRole', 'cluster-admin', 'b', '[]')
    says(clusterRoleBindingAdmin, text, ['ClusterRoleBinding b: pass'])
  })

  test('a role that is not in the input is unknown, unless all were listed', () => {
    const text = bound('ClusterRoleBinding', 'ClusterRole', 'ops')
    says(clusterRoleBindingAdmin, text, ['ClusterRoleBinding b: unknown … ClusterRole ops is not in the input'])
    says(clusterRoleBindingAdmin, text, ['ClusterRoleBinding b: pass'], { listed: new Set(['ClusterRole']) })
    says(roleBindingAdminRole, bound('RoleBinding', 'Role', 'ops'), ['RoleBinding b: unknown'])
  })

  test('an aggregated role is its sum', () => {
    const sum = role('sum', '[]', 'ClusterRole', 'aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: sum}}]}')
    const part = `---
apiVersion: ${RBAC}
kind: ClusterRole
metadata: {name: part, labels: {to: sum}}
rules: ${EVERYTHING}
`
    const binding = bound('ClusterRoleBinding', 'ClusterRole', 'sum')
    says(clusterRoleBindingAdmin, sum + part + binding, ['ClusterRoleBinding b: fail'])
    says(clusterRoleBindingAdmin, sum + binding, ['ClusterRoleBinding b: unknown … sum of roles'])
  })
})

describe('bindings that let run commands', () => {
  const exec = (verbs: string, resources: string, more = '', groups = '""'): string =>
    role('r', rule(verbs, resources, more, groups)) + bound('ClusterRoleBinding', 'ClusterRole', 'r')

  for (const [verbs, resources, groups, result] of [
    ['create', 'pods/exec', '""', 'fail … run commands in pods'],
    ['get', 'pods/exec', '""', 'fail'],
    ['create', 'pods/attach', '""', 'fail … attach to pods'],
    ['create', '"*/exec"', '""', 'fail'],
    ['create', '"*"', '""', 'fail'],
    ['"*"', 'pods/exec', '"*"', 'fail'],
    // evaluation_helpers.go: only `*/subresource` has a meaning.
    ['create', '"pods/*"', '""', 'pass'],
    ['list', 'pods/exec', '""', 'pass'],
    ['create', 'pods', '""', 'pass'],
    ['create', 'pods/exec', 'apps', 'pass'],
    ['create', 'pods/portforward', '""', 'pass'],
  ] as const)
    test(`${verbs} ${resources} of ${groups}: ${result}`, () =>
      says(clusterRoleBindingPodExec, exec(verbs, resources, '', groups), [`ClusterRoleBinding b: ${result}`]))

  test('into pods of one name is still into pods', () => {
    says(clusterRoleBindingPodExec, exec('create', 'pods/exec', ', resourceNames: [web-0]'), [
      'ClusterRoleBinding b: fail … only web-0',
    ])
  })

  test('default roles are those of the version', () => {
    const text = bound('RoleBinding', 'ClusterRole', 'edit', 'e') + bound('RoleBinding', 'ClusterRole', 'view', 'v')
    says(roleBindingPodExecClusterRole, text, ['RoleBinding e: fail', 'RoleBinding v: pass'])
  })

  test('by a Role of the namespace', () => {
    const text = role('r', rule('create', 'pods/exec'), 'Role') + bound('RoleBinding', 'Role', 'r')
    says(roleBindingPodExecRole, text, ['RoleBinding b: fail'])
    says(clusterRoleBindingPodExec, text, [])
  })
})

describe('bindings that read Secrets, or make pods', () => {
  const both = (rules: string): string => role('r', rules) + bound('RoleBinding', 'ClusterRole', 'r')

  test('all Secrets, not those that are named', () => {
    says(bindingReadsSecrets, both(rule('list', 'secrets')), ['RoleBinding b: fail … read Secrets'])
    says(bindingReadsSecrets, both(rule('get', 'secrets', ', resourceNames: [one]')), ['RoleBinding b: pass'])
    says(bindingReadsSecrets, both(rule('create', 'secrets')), ['RoleBinding b: pass'])
  })

  test('every kind that makes pods', () => {
    says(bindingCreatesPods, both(rule('create', 'pods')), ['RoleBinding b: fail … create pods'])
    says(bindingCreatesPods, both(rule('patch', 'daemonsets', '', 'apps')), ['RoleBinding b: fail … patch daemonsets'])
    says(bindingCreatesPods, both(rule('create', 'cronjobs', '', 'batch')), ['RoleBinding b: fail'])
    says(bindingCreatesPods, both(rule('create', 'deployments')), ['RoleBinding b: pass'])
    says(bindingCreatesPods, both(rule('create', 'configmaps')), ['RoleBinding b: pass'])
  })
})
