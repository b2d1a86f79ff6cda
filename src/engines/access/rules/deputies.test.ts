import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ADMIN, ATTACKER, CONTROL_PLANE, cluster, grant, rule, workload } from '../testing.ts'

/** A controller that may do everything, in `ops`; it mounts no token here, so that nothing but obedience leads to it. */
const controller = (name: string, spec = ''): string =>
  workload('Deployment', name, { spec: `, serviceAccountName: admin${spec}` })
const image = (name: string, args = ''): string => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: anything, namespace: ops}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      serviceAccountName: admin
      automountServiceAccountToken: false
      containers: [{name: main, image: "${name}", args: [${args}]}]`

const FLUX = 'kustomize.toolkit.fluxcd.io'
const kustomization = (verbs: string, names?: string): string => rule(verbs, 'kustomizations', FLUX, names)
const sources = rule('create', 'gitrepositories', 'source.toolkit.fluxcd.io')

const edges = (text: string, rules: readonly string[], at?: string): readonly string[] => [
  ...new Set(
    cluster(text + grant(rules, at === undefined ? {} : { at }))
      .analysis.edges.filter(({ from, kind }) => from === ATTACKER && kind === 'deputy')
      .map(({ to, truth }) => `${to} ${truth}`),
  ),
]

describe('what a controller does as it is told', () => {
  const KUSTOMIZE = controller('kustomize-controller')
  test('leads to its account', () => {
    assert.deepEqual(edges(KUSTOMIZE, [kustomization('create'), sources], 'app'), [`${ADMIN} yes`])
    assert.deepEqual(edges(controller('flux-kustomize-controller'), [kustomization('create'), sources]), [
      `${ADMIN} yes`,
    ])
    const digest = 'ghcr.io:443/fluxcd/kustomize-controller:v1@sha256:abc'
    assert.deepEqual(edges(image(digest), [kustomization('create'), sources]), [`${ADMIN} yes`])
    assert.ok(cluster(KUSTOMIZE + grant([kustomization('create')])).controls(ATTACKER, CONTROL_PLANE))
  })
  test('unknown where a source is needed that the subject may not write', () => {
    assert.deepEqual(edges(KUSTOMIZE, [kustomization('create')], 'app'), [`${ADMIN} unknown`])
  })
  test('not without the controller, nor with one that is confined', () => {
    assert.deepEqual(edges('', [kustomization('create'), sources]), [])
    assert.deepEqual(edges(controller('my-controller'), [kustomization('create'), sources]), [])
    const confined = image('fluxcd/kustomize-controller', '"--default-service-account=default"')
    assert.deepEqual(edges(confined, [kustomization('create'), sources]), [])
  })
  const K = `
---
apiVersion: ${FLUX}/v1
kind: Kustomization
metadata: {name: apps, namespace: app}`
  test('by changing an object that is there', () => {
    assert.deepEqual(edges(KUSTOMIZE + K, [kustomization('patch', 'apps')], 'app'), [`${ADMIN} unknown`])
    assert.deepEqual(edges(KUSTOMIZE + K, [kustomization('patch', 'other')], 'app'), [])
    assert.deepEqual(edges(KUSTOMIZE + K, [kustomization('patch')], 'ops'), [])
    assert.deepEqual(edges(KUSTOMIZE, [kustomization('patch')], 'app'), [])
    assert.deepEqual(edges(KUSTOMIZE + K, [kustomization('create', 'apps')], 'app'), [])
    assert.deepEqual(edges(KUSTOMIZE + K, [kustomization('get, list, delete')]), [])
    assert.deepEqual(
      edges(KUSTOMIZE + K, [rule('create', 'kustomizations'), rule('create', 'Kustomizations', FLUX)]),
      [],
    )
  })
  test('an object of its own namespace only', () => {
    const ARGO = controller('argocd-application-controller')
    const all = [rule('create', 'applications, appprojects', 'argoproj.io')]
    assert.deepEqual(edges(ARGO, all, 'ops'), [`${ADMIN} yes`])
    assert.deepEqual(edges(ARGO, all, 'app'), [])
    assert.deepEqual(edges(ARGO, all), [`${ADMIN} yes`])
  })
  test('of resources of the cluster only with a ClusterRoleBinding', () => {
    const KYVERNO = controller('kyverno-admission-controller')
    const policies = rule('create', 'clusterpolicies', 'kyverno.io')
    assert.deepEqual(edges(KYVERNO, [policies]), ['Scope//admitted-pods yes'])
    assert.deepEqual(edges(KYVERNO, [policies], 'ops'), [])
    assert.deepEqual(edges(KYVERNO, [rule('create', 'policies', 'kyverno.io')], 'ops'), ['Scope/ops/admitted-pods yes'])
  })
  test('a store is sent the tokens and Secrets of its namespace', () => {
    const store = rule('create', 'secretstores', 'external-secrets.io')
    assert.deepEqual(edges(controller('external-secrets'), [store], 'ops'), [
      'Scope/ops/serviceaccounts yes',
      'Scope/ops/secrets yes',
    ])
  })
  test('hooks of a backup run in every pod', () => {
    const judged = cluster(controller('velero') + grant([rule('create', 'backups', 'velero.io')], { at: 'ops' }))
    assert.ok(judged.controls(ATTACKER, 'Deployment/ops/velero'))
  })
  test('charts of k3s are installed by the server itself', () => {
    const charts = rule('create', 'helmcharts', 'helm.cattle.io')
    const definition = `
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: helmcharts.helm.cattle.io}
spec: {group: helm.cattle.io, names: {kind: HelmChart, plural: helmcharts}}`
    assert.deepEqual(edges(definition, [charts], 'app'), [`${CONTROL_PLANE} yes`])
    assert.deepEqual(edges('', [charts], 'app'), [])
  })
  test('by the conversion of its definition', () => {
    const define = (names?: string): string => rule('patch', 'customresourcedefinitions', 'apiextensions.k8s.io', names)
    const converting = (text: string, rules: readonly string[]): readonly string[] =>
      cluster(text + grant(rules))
        .analysis.edges.filter(({ kind }) => kind === 'write-converted')
        .map(({ to, truth }) => `${to} ${truth}`)
    assert.deepEqual(converting(KUSTOMIZE + K, [define()]), [`${ADMIN} unknown`])
    assert.deepEqual(converting(KUSTOMIZE + K, [define(`kustomizations.${FLUX}`)]), [`${ADMIN} unknown`])
    assert.deepEqual(converting(KUSTOMIZE + K, [define('others.example.com')]), [])
    assert.deepEqual(converting(KUSTOMIZE, [define()]), [])
  })
  test('the edge names the binding, the rule and the controller', () => {
    const { analysis } = cluster(KUSTOMIZE + grant([kustomization('create'), sources]))
    const ids = analysis.edges
      .find(({ kind }) => kind === 'deputy')
      ?.because.flatMap(({ object, path }) => (object ? [`${object.id} ${path?.join('.') ?? ''}`] : []))
    for (const id of [
      'ClusterRoleBinding//granted subjects.0',
      'ClusterRole//granted rules.0',
      'ClusterRole//granted rules.1',
      'Deployment/ops/kustomize-controller ',
    ])
      assert.ok(ids?.includes(id), `${id} in ${ids?.join(', ')}`)
  })
  test('unknown, and said, where the controller was not seen', () => {
    const unseen = (text: string): readonly string[] =>
      cluster(text)
        .analysis.unknowns()
        .flatMap(({ id, message }) => (id === 'deputies-unseen' ? [message.split(':')[0] ?? ''] : []))
    assert.deepEqual(unseen(K), ['Flux'])
    assert.deepEqual(unseen(K + KUSTOMIZE), [])
    assert.deepEqual(unseen(''), [])
  })
})
