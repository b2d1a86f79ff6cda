import { describe, test } from 'node:test'
import { made, says, workload } from '../../joins.testing.ts'
import { workloadTakeover } from './workload-takeover.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const APP = '[{kind: ServiceAccount, name: app, namespace: default}]'
const pod = (field = ''): string => workload('web', { pod: `, serviceAccountName: app${field}` })
const grant = (verb: string, resource: string, group = '', names = ''): string =>
  made(
    RBAC,
    'ClusterRole',
    'r',
    `rules: [{apiGroups: ["${group}"], resources: ["${resource}"], verbs: [${verb}]${names}}]`,
  )
const everywhere = (subjects = APP, role = 'r'): string =>
  made(RBAC, 'ClusterRoleBinding', 'b', `roleRef: {kind: ClusterRole, name: ${role}}\nsubjects: ${subjects}`)
const inside = (namespace: string): string =>
  made(RBAC, 'RoleBinding', 'b', `roleRef: {kind: ClusterRole, name: r}\nsubjects: ${APP}`, namespace)

describe('workload-takeover', () => {
  for (const [verb, resource, group] of [
    ['list', 'secrets', ''],
    ['create', 'pods', ''],
    ['create', 'pods/exec', ''],
    ['escalate', 'clusterroles', 'rbac.authorization.k8s.io'],
    ['impersonate', 'users', ''],
    ['get', 'nodes/proxy', ''],
    ['create', 'serviceaccounts/token', ''],
    ['create', 'mutatingwebhookconfigurations', 'admissionregistration.k8s.io'],
  ] as const)
    test(`${verb} ${resource} everywhere`, () =>
      says(workloadTakeover, pod() + grant(verb, resource, group) + everywhere(), [
        'Deployment web: fail … its ServiceAccount app may … everywhere',
      ]))

  test('what does not lead on', () => {
    says(workloadTakeover, pod() + grant('list', 'pods') + everywhere(), ['Deployment web: pass'])
    says(workloadTakeover, pod() + grant('get', 'secrets', '', ', resourceNames: [a]') + everywhere(), [
      'Deployment web: pass',
    ])
  })

  test('in one namespace, unless that is the control plane’s', () => {
    says(workloadTakeover, pod() + grant('list', 'secrets') + inside('default'), ['Deployment web: pass'])
    says(workloadTakeover, pod() + grant('list', 'secrets') + inside('kube-system'), [
      'Deployment web: fail … in kube-system',
    ])
  })

  test('by a group that every account is in', () => {
    const all = '[{kind: Group, name: "system:serviceaccounts"}]'
    says(workloadTakeover, pod() + everywhere(all, 'cluster-admin'), ['Deployment web: fail … do everything'])
  })

  test('without its token it is nobody', () => {
    const text = grant('list', 'secrets') + everywhere()
    says(workloadTakeover, pod(', automountServiceAccountToken: false') + text, ['Deployment web: pass'])
  })

  test('a manifest that names no namespace, of an account that is bound in one', () => {
    const unplaced = pod().replace(', namespace: default', '')
    const other = '[{kind: ServiceAccount, name: app, namespace: ops}]'
    const text = grant('list', 'secrets') + everywhere(other) + inside('default')
    says(workloadTakeover, unplaced + text, ['Deployment web: unknown … of another namespace'])
    says(workloadTakeover, pod() + text.replaceAll('name: b,', 'name: c,'), ['Deployment web: pass'])
  })

  test('what the input does not tell is unknown', () => {
    says(workloadTakeover, pod(), ['Deployment web: unknown … no binding of its ServiceAccount'])
    says(workloadTakeover, pod(), ['Deployment web: pass'], { listed: new Set(['ClusterRoleBinding', 'RoleBinding']) })
    says(workloadTakeover, pod() + everywhere(), ['Deployment web: unknown … ClusterRole r is not in the input'])
  })
})
