import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { clusterOf } from '../cluster/testing.ts'
import type { Verdict } from './check.ts'
import { aliasFor } from './check.ts'
import { made, workload } from './joins.testing.ts'
import { JOINS } from './joins.ts'

const docs = fileURLToPath(new URL('../../docs/reference/checks', import.meta.url))

/** The checks of Polaris that need several objects, with the kind that each is about. */
const POLARIS: readonly (readonly [kind: string, id: string, binding?: string])[] = [
  ['ClusterRoleBinding', 'clusterrolebindingClusterAdmin'],
  ['RoleBinding', 'rolebindingClusterAdminClusterRole'],
  ['RoleBinding', 'rolebindingClusterAdminRole'],
  ['ClusterRoleBinding', 'clusterrolebindingPodExecAttach'],
  ['RoleBinding', 'rolebindingClusterRolePodExecAttach'],
  ['RoleBinding', 'rolebindingRolePodExecAttach'],
  ['Deployment', 'missingNetworkPolicy'],
  ['Deployment', 'missingPodDisruptionBudget'],
  ['Deployment', 'pdbMinAvailableGreaterThanHPAMinReplicas'],
  ['Deployment', 'automountServiceAccountToken'],
]

describe('the joins', () => {
  test('each id is one check, with its page', () => {
    const ids = JOINS.map(({ check }) => check.id)
    assert.equal(new Set(ids).size, ids.length)
    const index = readFileSync(join(docs, 'README.md'), 'utf8')
    for (const { check } of JOINS) {
      assert.match(check.id, /^[a-z]+(-[a-z]+)+$/)
      assert.ok(check.references.length > 0, check.id)
      const page = readFileSync(join(docs, `${check.id}.md`), 'utf8')
      assert.ok(
        page.startsWith(`# ${check.id}\n\n**${check.title.replaceAll("'", '’')}.** Severity: ${check.severity}`),
        check.id,
      )
      assert.ok(index.includes(`(${check.id}.md)`), check.id)
    }
  })

  test('each check of Polaris that needs several objects is answered by one', () => {
    for (const [kind, id] of POLARIS)
      assert.equal(JOINS.filter(({ check }) => aliasFor(check, 'polaris', kind) === id && check.polaris).length, 1, id)
    assert.equal(JOINS.filter(({ check }) => check.polaris !== undefined).length, POLARIS.length)
  })

  const INPUT = [
    workload('web', { pod: ', serviceAccountName: app', spec: ', replicas: 2' }),
    workload('db', { kind: 'StatefulSet', namespace: 'data' }),
    made('v1', 'Service', 'web', 'spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}'),
    made('policy/v1', 'PodDisruptionBudget', 'a', 'spec: {selector: {}, minAvailable: 2}'),
    made('policy/v1', 'PodDisruptionBudget', 'b', 'spec: {selector: {matchLabels: {app: web}}, minAvailable: 1}'),
    made('networking.k8s.io/v1', 'NetworkPolicy', 'p', 'spec: {podSelector: {matchLabels: {app: gone}}}'),
    made('networking.k8s.io/v1', 'Ingress', 'i', 'spec: {defaultBackend: {service: {name: gone, port: {number: 1}}}}'),
    made(
      'rbac.authorization.k8s.io/v1',
      'RoleBinding',
      'r',
      'roleRef: {kind: ClusterRole, name: edit}\nsubjects: [{kind: User, name: u}]',
    ),
  ]
  const told = (text: string): readonly string[] =>
    judged(text).map(({ check, object, result, message }) => `${check.id} ${object.id} ${result} ${message}`)

  test('say the same whatever the order of the input', () => {
    const [here, there] = [told(INPUT.join('')), told([...INPUT].reverse().join(''))]
    assert.ok(here.some((line) => line.includes(' fail ')) && here.some((line) => line.includes(' pass ')))
    assert.deepEqual(here, there)
  })

  test('read whatever stands in a field', () => {
    const kinds = [
      ['apps/v1', 'Deployment'],
      ['v1', 'Pod'],
      ['v1', 'Service'],
      ['v1', 'Secret'],
      ['v1', 'Namespace'],
      ['policy/v1', 'PodDisruptionBudget'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler'],
      ['networking.k8s.io/v1', 'NetworkPolicy'],
      ['networking.k8s.io/v1', 'Ingress'],
      ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
      ['monitoring.coreos.com/v1', 'ServiceMonitor'],
      ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
      ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
      ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
    ] as const
    const odd = [
      'null',
      '7',
      'text',
      '[]',
      '[null, 7, {}]',
      '{}',
      '{__proto__: {a: b}, constructor: [1]}',
      '{spec: {spec: {}}}',
    ]
    const fields = ['spec', 'rules', 'webhooks', 'subjects', 'roleRef', 'data', 'aggregationRule']
    const inner = [
      'selector',
      'template',
      'podSelector',
      'ingress',
      'rules',
      'scaleTargetRef',
      'minAvailable',
      'parentRefs',
      'ports',
    ]
    let count = 0
    for (const value of odd) {
      const bodies = [
        ...fields.map((field) => `${field}: ${value}`),
        ...inner.map((field) => `spec: {${field}: ${value}}`),
        `webhooks: [${value}, {rules: ${value}, clientConfig: ${value}, clientConfig2: {service: ${value}}}]`,
      ]
      const text = bodies.flatMap((body, index) =>
        kinds.map(([version, kind]) => made(version, kind, `x${index}`, body)),
      )
      count += judged(workload('web') + text.join('')).length
    }
    assert.ok(count > 3_000, `${count}`)
  })

  test('look nowhere object by object: many in one namespace that all dangle', () => {
    const many = Array.from({ length: 1_500 }, (_, index) =>
      [
        workload(`w${index}`),
        made('v1', 'Service', `s${index}`, `spec: {selector: {app: gone${index}}, ports: [{port: 80}]}`),
        made(
          'policy/v1',
          'PodDisruptionBudget',
          `p${index}`,
          `spec: {selector: {matchLabels: {app: gone${index}}}, minAvailable: 1}`,
        ),
        made(
          'networking.k8s.io/v1',
          'NetworkPolicy',
          `n${index}`,
          `spec: {podSelector: {matchLabels: {app: gone${index}}}}`,
        ),
      ].join(''),
    )
    const cluster = clusterOf(many.join(''))
    const before = process.cpuUsage()
    const count = JOINS.reduce((sum, each) => sum + [...each.verdicts(cluster)].length, 0)
    const { user, system } = process.cpuUsage(before)
    assert.ok(count > 1_500 * 12)
    // A scan for each object takes ten times this.
    assert.ok(user + system < 3e6, `${(user + system) / 1e6} s`)
  })
})

function judged(text: string): readonly Verdict[] {
  const cluster = clusterOf(text)
  return JOINS.flatMap((each) => [...each.verdicts(cluster)])
}
