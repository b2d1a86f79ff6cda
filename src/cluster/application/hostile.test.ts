import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { buildCluster } from '../cluster.ts'
import type { JsonObject } from '../json.ts'
import { type KubeObject, toObject } from '../object.ts'
import { resolveApplications } from './resolve.ts'

function objectOf(body: JsonObject): KubeObject {
  const object = toObject(
    body,
    { source: 0, start: 0, end: 0, inner: [] },
    { namespace: 'default', clusterScoped: new Set() },
  )
  if (typeof object === 'string') throw new Error(object)
  return object
}

function resolve(bodies: readonly unknown[]) {
  return resolveApplications(buildCluster({ objects: bodies.map((body) => objectOf(body as JsonObject)) }))
}

const workload = (name: string, metadata: object = {}, pods: object = {}, namespace = 'default') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, ...metadata },
  spec: { template: { metadata: pods, spec: { containers: [{ name: 'c', image: 'x' }] } } },
})

test('labels and annotations of other types name nothing', () => {
  const shapes = [[], 'app', 7, null, { app: {} }, { app: ['x'] }, { app: 3 }, { app: '' }, { app: '  ' }]
  for (const labels of shapes) {
    const { all } = resolve([workload('a', { labels, annotations: labels, ownerReferences: labels }, { labels })])
    assert.deepEqual(
      all.map(({ name }) => name),
      ['Deployment/a'],
    )
  }
})

test('members of Object.prototype are names and keys like any other', () => {
  const labels = JSON.parse('{"__proto__": "x", "constructor": "y", "toString": "z"}')
  const { all } = resolve([
    workload('__proto__', { labels }),
    workload('constructor', { labels: { app: '__proto__' } }),
    workload('b', { labels: { app: 'constructor', team: '__proto__' } }),
  ])
  assert.deepEqual(
    all.map(({ name, owner }) => `${name} ${owner?.name ?? ''}`),
    ['Deployment/__proto__ ', '__proto__ ', 'constructor __proto__'],
  )
})

test('a whole document, or a placeholder, is no name', () => {
  const huge = 'x'.repeat(1 << 20)
  for (const value of [huge, `\${APP}`, '{{ .Release.Name }}', '$(APP)', '<< inputs.app >>']) {
    const annotations = { 'argocd.argoproj.io/tracking-id': `${value}:apps/Deployment:default/a`, 'a8r.io/owner': huge }
    const { all } = resolve([
      workload('a', { labels: { app: value, 'app.kubernetes.io/part-of': value }, annotations }),
    ])
    assert.deepEqual(
      all.map(({ name, owner }) => `${name} ${owner}`),
      ['Deployment/a undefined'],
    )
  }
})

test('an application whose name looks like the id of another does not become it', () => {
  const { all } = resolve([
    workload('a'),
    workload('b', { annotations: { 'bulkhead.dev/application': 'Deployment/a' } }),
    workload('c', { annotations: { 'bulkhead.dev/application': '../../etc/passwd' } }),
  ])
  assert.equal(new Set(all.map(({ id }) => id)).size, 3)
})

test('owners in a circle, and long chains of references, end', () => {
  const owner = (name: string) => ({
    ownerReferences: [{ apiVersion: 'x.io/v1', kind: 'Thing', name, controller: true }],
  })
  const thing = (name: string, spec: object, metadata: object = {}) => ({
    apiVersion: 'x.io/v1',
    kind: 'Thing',
    metadata: { name, namespace: 'default', ...metadata },
    spec,
  })
  const circle = [thing('a', {}, owner('b')), thing('b', {}, owner('a')), workload('w', owner('a'))]
  const target = (index: number) => ({ targetRef: { group: 'x.io', kind: 'Thing', name: `chain-${index}` } })
  const chain = Array.from({ length: 20_000 }, (_, index) => thing(`chain-${index}`, target(index + 1)))
  const { all, applicationsOf } = resolve([...circle, ...chain, thing('self', target(0))])
  assert.equal(all.length, 1)
  assert.deepEqual(applicationsOf('Thing.x.io/default/chain-0'), [])
})

test('policies for a whole namespace do not multiply with its applications', () => {
  const policy = (index: number) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `p-${index}`, namespace: 'default' },
    spec: { podSelector: {} },
  })
  const many = Array.from({ length: 1500 }, (_, index) => index)
  const started = process.cpuUsage()
  const { all, applicationsOf } = resolve([...many.map((index) => workload(`w-${index}`)), ...many.map(policy)])
  const { user } = process.cpuUsage(started)
  assert.equal(applicationsOf('NetworkPolicy/default/p-7').length, 1500)
  assert.equal(
    all.some(({ members }) => members.length > 1),
    false,
  )
  assert.ok(user < 3e6, `${user / 1e6} s`)
})

const word = fc.constantFrom('shop', 'cart', 'Shop', 'rel', 'web', 'a/b', '', '__proto__')
const namespaces = fc.constantFrom('one', 'two')
const marks = fc.dictionary(
  fc.constantFrom(
    'app',
    'app.kubernetes.io/part-of',
    'app.kubernetes.io/instance',
    'bulkhead.dev/application',
    'kustomize.toolkit.fluxcd.io/name',
    'kustomize.toolkit.fluxcd.io/namespace',
    'meta.helm.sh/release-name',
    'team',
  ),
  word,
)
const bodies = fc.uniqueArray(
  fc.oneof(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'd'), namespaces, marks, marks, marks)
      .map(([name, namespace, labels, annotations, pods]) =>
        workload(name, { labels, annotations }, { labels: pods }, namespace),
      ),
    fc.tuple(fc.constantFrom('a', 'b', 'c'), namespaces, marks, marks).map(([name, namespace, labels, app]) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels },
      spec: { selector: app },
    })),
  ),
  { selector: ({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`, maxLength: 14 },
)

test('every workload has one application, ids are unique, and the order of objects does not matter', () => {
  fc.assert(
    fc.property(bodies, fc.infiniteStream(fc.nat()), (given, keys) => {
      const applications = resolve(given)
      const ids = applications.all.map(({ id }) => id)
      assert.equal(new Set(ids).size, ids.length)
      const workloads = applications.all.flatMap((each) => each.workloads)
      assert.equal(new Set(workloads).size, workloads.length)
      assert.equal(workloads.length, given.filter(({ kind }) => kind === 'Deployment').length)
      for (const { id, members, workloads: own, step, resolved, evidence } of applications.all) {
        for (const each of own) assert.equal(applications.applicationOf(each)?.id, id)
        for (const each of members) assert.ok(applications.applicationsOf(each).some((one) => one.id === id))
        assert.equal(resolved, step <= 6)
        assert.ok(evidence.length > 0)
      }
      const shuffled = given
        .map((body) => [keys.next().value as number, body] as const)
        .sort(([a], [b]) => a - b)
        .map(([, body]) => body)
      const shape = (all: readonly (typeof applications.all)[number][]) =>
        all.map(({ id, workloads, members, step, owner }) => ({ id, workloads, members, step, owner: owner?.name }))
      assert.deepEqual(shape(resolve(shuffled).all), shape(applications.all))
    }),
    { numRuns: 300 },
  )
})
