import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../testing.ts'
import type { ApplicationConfig } from './config.ts'
import { resolveApplications } from './resolve.ts'

interface Given {
  readonly namespace?: string
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
  /** Labels of the pods, besides `pod: <name>`. */
  readonly pods?: Record<string, string>
}

/** A Deployment as JSON, which is YAML. */
function deployment(
  name: string,
  { namespace = 'default', labels = {}, annotations = {}, pods = {} }: Given = {},
): string {
  const template = {
    metadata: { labels: { pod: name, ...pods } },
    spec: { containers: [{ name: 'c', image: 'example/app' }] },
  }
  const metadata = { name, namespace, labels, annotations }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template } })
}

function resolve(documents: readonly string[], config?: ApplicationConfig) {
  return resolveApplications(clusterOf(documents.join('\n---\n')), config)
}

/** `name (step): workloads`, sorted. */
function summary(documents: readonly string[], config?: ApplicationConfig): readonly string[] {
  return resolve(documents, config).all.map(
    ({ id, step, workloads }) =>
      `${id} (${step}): ${workloads.map((each) => each.split('/').slice(2).join('/')).join(' ')}`,
  )
}

const tracking = (app: string, name: string, namespace = 'default') => ({
  'argocd.argoproj.io/tracking-id': `${app}:apps/Deployment:${namespace}/${name}`,
})
const partOf = (name: string) => ({ 'app.kubernetes.io/part-of': name })
const instance = (name: string) => ({ 'app.kubernetes.io/instance': name })
const helm = (name: string, namespace = 'default') => ({
  'meta.helm.sh/release-name': name,
  'meta.helm.sh/release-namespace': namespace,
})

test('step 1: the configuration wins over everything, and may span namespaces', () => {
  const config = {
    rules: [
      { application: 'pay', team: 'payments', namespaces: ['pay-*'] },
      { team: 'platform', kinds: ['Deployment'] },
    ],
  }
  const documents = [
    deployment('a', { namespace: 'pay-a', labels: { 'bulkhead.dev/application': 'other' } }),
    deployment('b', { namespace: 'pay-b' }),
    deployment('c'),
  ]
  assert.deepEqual(summary(documents, config), ['Application//pay (1): a b', 'Application/default/Deployment/c (8): c'])
  const applications = resolve(documents, config)
  assert.equal(applications.get('Application//pay')?.owner?.name, 'payments')
  assert.equal(applications.applicationOf('Deployment/default/c')?.owner?.name, 'platform')
  assert.deepEqual(applications.conflicts, [])
})

test('step 2: our own mark, Backstage and an Application object', () => {
  const crd = `{apiVersion: app.k8s.io/v1beta1, kind: Application, metadata: {name: blog, namespace: default},
    spec: {selector: {matchLabels: {site: blog}}, componentKinds: [{group: apps, kind: Deployment}]}}`
  const everything = '{apiVersion: app.k8s.io/v1beta1, kind: Application, metadata: {name: all}, spec: {}}'
  const documents = [
    deployment('a', { annotations: { 'bulkhead.dev/application': 'shop' }, labels: partOf('x-shop') }),
    deployment('b', { labels: { 'backstage.io/kubernetes-id': 'shop' } }),
    deployment('c', { labels: { site: 'blog', app: 'c' } }),
    deployment('d', { labels: { 'acme.io/app': 'shop' } }),
    crd,
    everything,
  ]
  const expected = ['Application/default/blog (2): c', 'Application/default/shop (2): a b d']
  assert.deepEqual(summary(documents, { applicationKeys: ['acme.io/app'] }), expected)
})

test('step 3: one GitOps application is one application, whatever namespaces it spans', () => {
  const documents = [
    deployment('a', { namespace: 'one', annotations: tracking('shop', 'a', 'one') }),
    deployment('b', { namespace: 'two', annotations: tracking('shop', 'b', 'two') }),
    deployment('c', {
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'blog', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
    }),
    deployment('d', {
      labels: { 'helm.toolkit.fluxcd.io/name': 'wiki', 'helm.toolkit.fluxcd.io/namespace': 'default' },
    }),
  ]
  assert.deepEqual(summary(documents), [
    'Application//shop (3): a b',
    'Application/default/blog (3): c',
    'Application/default/wiki (3): d',
  ])
})

test('step 3: a tracking id that is not about its own object was copied, and says nothing', () => {
  const documents = [
    deployment('a', { annotations: tracking('shop', 'other') }),
    deployment('b', { annotations: tracking('shop', 'b', 'elsewhere') }),
    deployment('c', { annotations: { 'argocd.argoproj.io/tracking-id': 'team-a_shop:apps/Deployment:default/c' } }),
    deployment('d', { annotations: { 'argocd.argoproj.io/tracking-id': 'shop' } }),
  ]
  const applications = resolve(documents)
  assert.deepEqual(
    applications.all.map(({ name, step }) => `${name} ${step}`),
    ['Deployment/a 8', 'Deployment/b 8', 'Deployment/d 8', 'shop 3'],
  )
})

test('step 3: two owners of one name that both span namespaces stay two', () => {
  const documents = ['one', 'two', 'three', 'four'].map((namespace, index) =>
    deployment('a', { namespace, annotations: tracking(`${index < 2 ? 'team-a' : 'team-b'}_shop`, 'a', namespace) }),
  )
  const names = resolve(documents).all.map(({ name, namespaces }) => `${name}: ${namespaces.join(' ')}`)
  assert.deepEqual(names, ['shop (argocd/team-a): one two', 'shop (argocd/team-b): four three'])
})

test('the guard: an umbrella is a unit of deployment, and labels split it', () => {
  const documents = [
    deployment('a', { annotations: tracking('platform', 'a'), labels: partOf('shop') }),
    deployment('b', { annotations: tracking('platform', 'b'), labels: partOf('blog') }),
    deployment('c', { annotations: tracking('platform', 'c') }),
    deployment('d', { annotations: tracking('platform', 'd'), labels: { app: 'd' } }),
  ]
  assert.deepEqual(summary(documents), [
    'Application/default/blog (4): b',
    'Application/default/d (6): d',
    'Application/default/platform (3): c',
    'Application/default/shop (4): a',
  ])
  assert.deepEqual(resolve(documents).conflicts, [])
})

test('the guard leaves a release with a subchart whole', () => {
  const documents = [
    deployment('web', { annotations: tracking('rel', 'web'), labels: { ...partOf('shop'), ...instance('rel') } }),
    deployment('redis', { annotations: tracking('rel', 'redis'), labels: instance('rel') }),
  ]
  assert.deepEqual(summary(documents), ['Application/default/rel (3): redis web'])
})

test('step 4: part-of, else instance; never the name alone; components are kept', () => {
  const documents = [
    deployment('a', { labels: { ...partOf('shop'), 'app.kubernetes.io/name': 'redis' } }),
    deployment('b', { labels: { ...partOf('blog'), 'app.kubernetes.io/name': 'redis' } }),
    deployment('c', { pods: { ...instance('shop'), 'app.kubernetes.io/name': 'web' } }),
  ]
  assert.deepEqual(summary(documents), ['Application/default/blog (4): b', 'Application/default/shop (4): a c'])
  const shop = resolve(documents).get('Application/default/shop')
  assert.deepEqual(
    shop?.components.map(({ name }) => name),
    ['redis', 'web'],
  )
})

test('a label holds in its namespace: one name in two namespaces is two applications', () => {
  const documents = ['one', 'two'].map((namespace) => deployment('a', { namespace, labels: { app: 'a' } }))
  assert.deepEqual(summary(documents), ['Application/one/a (6): a', 'Application/two/a (6): a'])
  const releases = ['one', 'two'].map((namespace) =>
    deployment('a', { namespace, annotations: helm('rel', namespace) }),
  )
  assert.deepEqual(summary(releases), ['Application/one/rel (5): a', 'Application/two/rel (5): a'])
})

test('step 5: a release by annotation may span namespaces; a release label counts only as a chart sets it', () => {
  const documents = [
    deployment('a', { namespace: 'one', annotations: helm('rel') }),
    deployment('b', { namespace: 'two', annotations: helm('rel') }),
    deployment('c', { labels: { release: 'old', heritage: 'Tiller', app: 'c' } }),
    deployment('d', { labels: { release: 'prometheus', app: 'd' } }),
  ]
  assert.deepEqual(summary(documents), [
    'Application//rel (5): a b',
    'Application/default/d (6): d',
    'Application/default/old (5): c',
  ])
})

test('step 6: the order of name labels, each on the object before its pods', () => {
  const documents = [
    deployment('a', { labels: { app: 'x' }, pods: { 'service.istio.io/canonical-name': 'a' } }),
    deployment('b', { labels: { app: 'b' }, pods: { app: 'x', 'k8s-app': 'y' } }),
    deployment('c', { pods: { run: 'c', component: 'x' } }),
    deployment('d', { pods: { component: 'web' } }),
    deployment('e', { pods: { component: 'kube-apiserver' } }),
  ]
  assert.deepEqual(summary(documents), [
    'Application/default/Deployment/d (8): d',
    'Application/default/a (6): a',
    'Application/default/b (6): b',
    'Application/default/c (6): c',
    'Application/default/kube-apiserver (6): e',
  ])
})

test('equal names in one namespace meet across steps, whatever their case and space', () => {
  const documents = [
    deployment('a', { annotations: tracking('shop', 'a') }),
    deployment('b', { labels: partOf(' Shop ') }),
    deployment('c', { labels: { app: 'shop' } }),
    deployment('d', { namespace: 'other', labels: { app: 'shop' } }),
  ]
  assert.deepEqual(summary(documents), ['Application/default/shop (3): a b c', 'Application/other/shop (6): d'])
})

test('both the object and its pods are evidence, and evidence names object and field', () => {
  const [application] = resolve([deployment('a', { labels: { app: 'shop' }, pods: { app: 'shop' } })]).all
  assert.deepEqual(
    application?.evidence.map(({ text, path }) => `${text} @ ${path?.join('.')}`),
    [
      'label app is "shop" @ metadata.labels.app',
      'label app of its pods is "shop" @ spec.template.metadata.labels.app',
    ],
  )
})

test('a conflict is a finding, said once for all workloads it is about', () => {
  const documents = ['a', 'b'].map((name) =>
    deployment(name, { annotations: tracking('shop', name), labels: partOf('cart') }),
  )
  const { conflicts, all } = resolve(documents)
  assert.equal(all.length, 1)
  assert.equal(conflicts.length, 1)
  assert.equal(conflicts[0]?.message, 'Argo CD says "shop", part-of says "cart"')
  assert.equal(conflicts[0]?.workloads, 2)
  assert.deepEqual(
    conflicts[0]?.because.map(({ path }) => path?.at(-1)),
    ['argocd.argoproj.io/tracking-id', 'app.kubernetes.io/part-of'],
  )
})

test('no conflict: one name is the other with words around it, or the instance agrees', () => {
  const documents = [
    deployment('a', { annotations: tracking('shop-prod', 'a'), labels: partOf('shop') }),
    deployment('b', { annotations: helm('kps'), labels: { ...partOf('kube-prometheus-stack'), ...instance('kps') } }),
  ]
  assert.deepEqual(resolve(documents).conflicts, [])
  assert.equal(resolve([deployment('a', { annotations: helm('cart'), labels: partOf('shop') })]).conflicts.length, 1)
})

test('owners: the strongest source, then the object before its pods before its namespace', () => {
  const namespace = '{apiVersion: v1, kind: Namespace, metadata: {name: default, labels: {team: everyone}}}'
  const project =
    '{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: shop, namespace: argocd}, spec: {project: retail}}'
  const entity = `{apiVersion: backstage.io/v1alpha1, kind: Component, spec: {owner: group:wiki-team},
    metadata: {name: w, annotations: {backstage.io/kubernetes-id: wiki}}}`
  const ownerOf = (documents: readonly string[]) =>
    resolve(documents).applicationOf('Deployment/default/a')?.owner?.name
  assert.equal(ownerOf([deployment('a', { labels: { team: 'x' }, annotations: { 'a8r.io/owner': 'y' } })]), 'y')
  assert.equal(ownerOf([deployment('a', { labels: { team: 'x' }, pods: { owner: 'z' } }), namespace]), 'x')
  assert.equal(ownerOf([deployment('a', { pods: { owner: 'z' } }), namespace]), 'z')
  assert.equal(ownerOf([deployment('a'), namespace]), 'everyone')
  assert.equal(ownerOf([deployment('a', { annotations: tracking('shop', 'a') }), project]), 'retail')
  assert.equal(
    ownerOf([deployment('a', { labels: { 'backstage.io/kubernetes-id': 'wiki' } }), entity]),
    'group:wiki-team',
  )
  assert.equal(ownerOf([deployment('a')]), undefined)
  const custom = resolve([deployment('a', { labels: { squad: 's', team: 'x' } })], { ownerKeys: ['squad'] })
  assert.equal(custom.all[0]?.owner?.name, 's')
})
