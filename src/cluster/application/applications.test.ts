import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseText } from '../../loop.testing.ts'
import type { Application } from './application.ts'
import type { ApplicationConfig } from './config.ts'

interface Given {
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
  readonly pods?: Record<string, string>
  readonly podAnnotations?: Record<string, string>
}

/** A Deployment as JSON, which is YAML. */
function deployment(name: string, { labels, annotations, pods, podAnnotations }: Given = {}): string {
  const spec = { containers: [{ name: 'c', image: 'acme/app' }] }
  return `---\n${JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop', labels: labels ?? {}, annotations: annotations ?? {} },
    spec: { template: { metadata: { labels: pods ?? {}, annotations: podAnnotations ?? {} }, spec } },
  })}\n`
}

const resolve = (yaml: string, applications: ApplicationConfig = {}) =>
  analyseText(yaml, { applications }).analysis.applications
const applicationOf = (yaml: string, config?: ApplicationConfig): Application | undefined =>
  resolve(yaml, config).applicationOf('Deployment/shop/web')
const conflictsIn = (yaml: string, config: ApplicationConfig = {}) =>
  analyseText(yaml, { applications: config })
    .analysis.findings()
    .filter(({ check }) => check === 'application-conflict')

const ARGO = 'argocd.argoproj.io/tracking-id'
const HELM = 'meta.helm.sh/release-name'
const tracking = (application: string, name = 'web') => ({ [ARGO]: `${application}:apps/Deployment:shop/${name}` })

/** Everything that may name the application of one Deployment, strongest first, each by a name of its own. */
const LADDER: readonly (readonly [from: 'labels' | 'annotations', key: string, value: string, step: number])[] = [
  ['annotations', 'bulkhead.dev/application', 'by-mark', 2],
  ['labels', 'backstage.io/kubernetes-id', 'by-backstage', 2],
  ['annotations', ARGO, 'by-argo:apps/Deployment:shop/web', 3],
  ['labels', 'helm.toolkit.fluxcd.io/name', 'by-flux-release', 3],
  ['labels', 'kustomize.toolkit.fluxcd.io/name', 'by-kustomization', 3],
  ['labels', 'app.kubernetes.io/part-of', 'by-part-of', 4],
  ['labels', 'app.kubernetes.io/instance', 'by-instance', 4],
  ['annotations', HELM, 'by-release', 5],
  ['labels', 'service.istio.io/canonical-name', 'by-canonical-name', 6],
  ['labels', 'app.kubernetes.io/name', 'by-name', 6],
  ['labels', 'app', 'by-app', 6],
  ['labels', 'k8s-app', 'by-k8s-app', 6],
]

/** With the namespaces that Flux writes beside its names. */
function rung(from: number): Given {
  const labels: Record<string, string> = {
    'helm.toolkit.fluxcd.io/namespace': 'flux-system',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  }
  const annotations: Record<string, string> = {}
  for (const [place, key, value] of LADDER.slice(from)) (place === 'labels' ? labels : annotations)[key] = value
  return { labels, annotations }
}

for (const [index, [from, key, value, step]] of LADDER.entries()) {
  const name = value.split(':')[0] as string
  test(`step ${step}: ${key} wins over all that is weaker, and is the first evidence`, () => {
    const application = applicationOf(deployment('web', rung(index)))
    assert.deepEqual([application?.name, application?.step, application?.resolved], [name, step, true])
    const [first] = application?.evidence ?? []
    assert.equal(first?.text, `${from === 'labels' ? 'label' : 'annotation'} ${key} is "${value}"`)
    assert.deepEqual([first?.object?.id, first?.path], ['Deployment/shop/web', ['metadata', from, key]])
  })
}

test('step 1: a rule of the configuration wins over all of them, and says which rule', () => {
  const rules = [
    { application: 'other', name: 'nothing-*' },
    { application: 'mine', name: 'w*' },
  ]
  const application = applicationOf(deployment('web', rung(0)), { rules })
  assert.deepEqual([application?.id, application?.step], ['Application//mine', 1])
  assert.equal(application?.evidence[0]?.text, 'the configuration puts it there (rule 2)')
})

test('step 2: an Application object wins over Backstage, and gives way to our own mark', () => {
  const selecting = `---
apiVersion: app.k8s.io/v1beta1
kind: Application
metadata: {name: by-object, namespace: shop}
spec: {selector: {matchLabels: {app: by-app}}}
`
  assert.equal(applicationOf(deployment('web', rung(0)) + selecting)?.name, 'by-mark')
  const second = applicationOf(deployment('web', rung(1)) + selecting)
  assert.deepEqual([second?.name, second?.step], ['by-object', 2])
  assert.equal(second?.evidence[0]?.text, 'the Application by-object selects it')
})

test('step 8: nothing names it, so it stands alone and says so', () => {
  const application = applicationOf(deployment('web', rung(LADDER.length)))
  assert.deepEqual(
    [application?.id, application?.step, application?.resolved],
    ['Application/shop/Deployment/web', 8, false],
  )
  assert.deepEqual(
    application?.evidence.map(({ text }) => text),
    ['nothing names an application for Deployment/shop/web'],
  )
})

test('step 3: a tracking id that was copied, or stands on the pods, names nothing', () => {
  assert.equal(applicationOf(deployment('web', { annotations: tracking('shop', 'other') }))?.step, 8)
  assert.equal(applicationOf(deployment('web', { podAnnotations: tracking('shop') }))?.step, 8)
  for (const other of ['/Service:shop/web', 'apps/StatefulSet:shop/web', 'apps/Deployment:stage/web'])
    assert.equal(applicationOf(deployment('web', { annotations: { [ARGO]: `shop:${other}` } }))?.step, 8, other)
  assert.equal(applicationOf(deployment('web', { annotations: tracking('shop') }))?.step, 3)
})

test('step 0: the Job of a CronJob and its pod belong where the top of the chain does', () => {
  const pod = 'containers: [{name: c, image: x}]'
  const yaml = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop, labels: {app.kubernetes.io/part-of: reports}}
spec: {jobTemplate: {spec: {template: {spec: {${pod}}}}}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: nightly-1
  namespace: shop
  labels: {app.kubernetes.io/part-of: other}
  ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: nightly, controller: true}]
spec: {template: {spec: {${pod}}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: nightly-1-x
  namespace: shop
  labels: {app: another}
  ownerReferences: [{apiVersion: batch/v1, kind: Job, name: nightly-1, controller: true}]
spec: {${pod}}
status: {phase: Running}
`
  const applications = resolve(yaml)
  assert.deepEqual(
    applications.all.map(({ id, workloads }) => [id, workloads]),
    [['Application/shop/reports', ['CronJob/shop/nightly']]],
  )
  for (const id of ['Job/shop/nightly-1', 'Pod/shop/nightly-1-x'])
    assert.deepEqual(
      applications.applicationsOf(id).map(({ name }) => name),
      ['reports'],
    )
})

test('name alone does not join two applications that part-of tells apart', () => {
  const redis = (name: string, partOf: string): string =>
    deployment(name, { labels: { 'app.kubernetes.io/name': 'redis', 'app.kubernetes.io/part-of': partOf } })
  assert.deepEqual(
    resolve(redis('a', 'shop') + redis('b', 'blog')).all.map(({ name }) => name),
    ['blog', 'shop'],
  )
})

test('sources that disagree are a finding of low severity on the workload, with what each said', () => {
  const yaml = deployment('web', { annotations: tracking('shop'), labels: { 'app.kubernetes.io/part-of': 'cart' } })
  const [finding, ...others] = conflictsIn(yaml)
  assert.deepEqual(others, [])
  assert.equal(finding?.severity, 'low')
  assert.equal(finding?.object.id, 'Deployment/shop/web')
  assert.equal(finding?.message, 'Argo CD says "shop", part-of says "cart"')
  assert.deepEqual(
    finding?.because.map(({ path }) => path?.join('.')),
    [`metadata.annotations.${ARGO}`, 'metadata.labels.app.kubernetes.io/part-of'],
  )
})

test('each pair of sources that disagree is told, whichever they are', () => {
  const pairs: readonly (readonly [Given, string])[] = [
    [
      { annotations: { 'bulkhead.dev/application': 'shop', ...tracking('cart') } },
      'its own mark says "shop", Argo CD says "cart"',
    ],
    [
      { labels: { 'backstage.io/kubernetes-id': 'shop', 'app.kubernetes.io/instance': 'cart' } },
      'Backstage says "shop", instance says "cart"',
    ],
    [
      {
        labels: { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'f' },
        annotations: { [HELM]: 'cart' },
      },
      'the Flux HelmRelease says "shop", Helm says "cart"',
    ],
    [
      { labels: { 'app.kubernetes.io/part-of': 'shop' }, annotations: { [HELM]: 'cart' } },
      'part-of says "shop", Helm says "cart"',
    ],
  ]
  for (const [given, message] of pairs)
    assert.deepEqual(
      conflictsIn(deployment('web', given)).map((finding) => finding.message),
      [message],
    )
})

test('no finding where sources agree, where only names of parts differ, or where the user has decided', () => {
  const partOf = { 'app.kubernetes.io/part-of': 'shop' }
  assert.deepEqual(conflictsIn(deployment('web', { annotations: tracking('shop'), labels: partOf })), [])
  assert.deepEqual(
    conflictsIn(deployment('web', { labels: { ...partOf, 'app.kubernetes.io/name': 'redis', app: 'cache' } })),
    [],
  )
  const torn = deployment('web', { annotations: tracking('cart'), labels: partOf })
  assert.equal(conflictsIn(torn).length, 1)
  assert.deepEqual(conflictsIn(torn, { rules: [{ application: 'mine', name: 'web' }] }), [])
  assert.equal(conflictsIn(torn, { rules: [{ team: 'crew', name: 'web' }] }).length, 1)
})

test('an owner is read by the configured keys alone, labels and annotations, in their order', () => {
  const given = { labels: { team: 'a', 'acme.io/squad': 'b' }, annotations: { 'acme.io/crew': 'c' } }
  const ownerBy = (...ownerKeys: readonly string[]) => applicationOf(deployment('web', given), { ownerKeys })?.owner
  assert.equal(applicationOf(deployment('web', given))?.owner?.name, 'a')
  assert.equal(ownerBy('acme.io/squad')?.name, 'b')
  assert.equal(ownerBy('acme.io/crew', 'acme.io/squad')?.name, 'c')
  assert.equal(ownerBy('acme.io/lost', 'acme.io/squad')?.name, 'b')
  assert.equal(ownerBy('acme.io/lost'), undefined)
  const [why] = ownerBy('acme.io/crew')?.because ?? []
  assert.equal(why?.text, 'annotation acme.io/crew is "c"')
  assert.deepEqual(why?.path, ['metadata', 'annotations', 'acme.io/crew'])
})

test('a team of the configuration wins over what the object says of itself', () => {
  const yaml = deployment('web', { labels: { team: 'a' }, annotations: { 'a8r.io/owner': 'b' } })
  const rules = [
    { application: 'mine', name: 'web' },
    { team: 'crew', name: 'w*' },
  ]
  const application = applicationOf(yaml, { rules })
  assert.equal(application?.name, 'mine')
  assert.equal(application?.owner?.name, 'crew')
  assert.equal(application?.owner?.because[0]?.text, 'the configuration says so (rule 2)')
})

test('of the owners of one application the most frequent answers for it, and the others are told', () => {
  const of = (name: string, team: string): string =>
    deployment(name, { labels: { 'app.kubernetes.io/part-of': 'shop', team } })
  const { all } = resolve(of('a', 'alpha') + of('b', 'beta') + of('web', 'beta'))
  assert.equal(all[0]?.owner?.name, 'beta')
  assert.deepEqual(
    all[0]?.owner?.because.map(({ text }) => text),
    ['label team is "beta"', 'label team is "alpha"'],
  )
})

test('the share of workloads that somebody named, and the list of the others', () => {
  const named = deployment('a', { labels: { app: 'a' } }) + deployment('b', { annotations: { [HELM]: 'b' } })
  assert.equal(resolve(named).coverage.workloads.share, 1)
  const { workloads } = resolve(named + deployment('web') + deployment('c')).coverage
  assert.deepEqual(workloads, {
    resources: 4,
    resolved: 2,
    unresolved: ['Deployment/shop/c', 'Deployment/shop/web'],
    share: 0.5,
  })
  assert.equal(resolve('{apiVersion: v1, kind: Namespace, metadata: {name: shop}}').coverage.workloads.share, 1)
  const mine = { rules: [{ application: 'mine', name: '*' }] }
  assert.equal(resolve(deployment('web'), mine).coverage.workloads.share, 1)
})
