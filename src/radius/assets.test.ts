import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseText } from '../loop.testing.ts'
import type { Options } from '../loop.ts'
import type { Asset } from './assets.ts'
import { EQUAL, parseWeights, SHIPPED, type Weights } from './weights.ts'

interface Given {
  readonly app?: string
  readonly namespace?: string
  readonly kind?: string
  readonly image?: string
  readonly container?: string
  readonly volumes?: string
  readonly spec?: string
  readonly status?: string
}

function workload(name: string, given: Given = {}): string {
  const { app = name, namespace = 'shop', kind = 'Deployment', image = 'acme/app' } = given
  const { container = '', volumes = '', spec = '', status = '{}' } = given
  return `
---
apiVersion: ${kind === 'Job' ? 'batch/v1' : 'apps/v1'}
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}, labels: {app.kubernetes.io/part-of: ${app}}}
spec:
  template:
    metadata: {labels: {pod: ${name}}}
    spec:
      containers: [{name: main, image: "${image}"${container}}]
      volumes: [${volumes}]
${spec}
status: ${status}`
}

const object = (kind: string, name: string, namespace = 'shop', more = ''): string =>
  `\n---\napiVersion: v1\nkind: ${kind}\nmetadata: {name: "${name}", namespace: ${namespace}${more}}\n`
const node = (name: string, labels = ''): string =>
  `\n---\napiVersion: v1\nkind: Node\nmetadata: {name: ${name}, labels: {${labels}}}\n`

const claimed = (claim: string): Given => ({
  container: ', volumeMounts: [{name: v, mountPath: /data}]',
  volumes: `{name: v, persistentVolumeClaim: {claimName: ${claim}}}`,
})
const secretEnv = (...names: readonly string[]): Given => ({
  container: `, envFrom: [${names.map((name) => `{secretRef: {name: ${name}}}`).join(', ')}]`,
})
const env = (...variables: readonly string[]): Given => ({ container: `, env: [${variables.join(', ')}]` })

const assetsIn = (yaml: string, options?: Options): readonly Asset[] => analyseText(yaml, options).analysis.assets

/** `id value: nodes` of the assets of some kinds. */
function assets(yaml: string, ...kinds: readonly Asset['kind'][]): readonly string[] {
  return assetsIn(yaml)
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ id, value, nodes }) => `${id} ${value}: ${nodes.toSorted().join(' ')}`)
}

const total = (yaml: string, options?: Options): number =>
  assetsIn(yaml, options).reduce((sum, { value }) => sum + value, 0)

test('the control plane is an asset of every input, and of an empty one the only one', () => {
  const [only, ...others] = assetsIn(object('Namespace', 'shop'))
  assert.deepEqual([only?.id, only?.kind, only?.value], ['controlPlane//control-plane', 'controlPlane', 20])
  assert.deepEqual(others, [])
})

test('an application is worth control of it and its availability, whatever the number of its workloads', () => {
  const yaml = workload('web', { app: 'shop' }) + workload('worker', { app: 'shop' })
  assert.deepEqual(assets(yaml, 'control', 'availability', 'data', 'secrets'), [
    'availability/shop/shop 3: Application/shop/shop',
    'control/shop/shop 3: Deployment/shop/web Deployment/shop/worker',
  ])
})

test('the Secrets of an application are one asset, by environment, volume, projection and pull secret', () => {
  const mounted: Given = {
    container: ', volumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /b}]',
    volumes: '{name: a, secret: {secretName: three}}, {name: b, projected: {sources: [{secret: {name: four}}]}}',
  }
  const yaml =
    workload('web', { app: 'shop', ...secretEnv('one', 'two') }) + workload('worker', { app: 'shop', ...mounted })
  assert.deepEqual(assets(yaml, 'secrets'), [
    'secrets/shop/shop 5: Secret/shop/four Secret/shop/one Secret/shop/three Secret/shop/two',
  ])
})

test('a Secret that only the labels of an application claim is its; one that nobody uses is of its namespace', () => {
  const label = ', labels: {app.kubernetes.io/part-of: web}'
  const yaml = workload('web') + object('Secret', 'labelled', 'shop', label)
  assert.deepEqual(
    assets(yaml + object('Secret', 'a') + object('Secret', 'b') + object('Secret', 'c', 'ops'), 'secrets'),
    [
      'secrets/ops/ 5: Secret/ops/c',
      'secrets/shop/ 5: Secret/shop/a Secret/shop/b',
      'secrets/shop/web 5: Secret/shop/labelled',
    ],
  )
})

test('the claims of an application are one asset of data, seen or not', () => {
  const set = workload('db', {
    app: 'shop',
    kind: 'StatefulSet',
    spec: '  volumeClaimTemplates: [{metadata: {name: disk}}]',
  })
  const yaml =
    set + workload('files', { app: 'shop', ...claimed('uploads') }) + object('PersistentVolumeClaim', 'uploads')
  assert.deepEqual(assets(yaml, 'data'), [
    'data/shop/shop 10: PersistentVolumeClaim/shop/disk-db-0 PersistentVolumeClaim/shop/uploads',
  ])
  const seen = object('PersistentVolumeClaim', 'disk-db-0') + object('PersistentVolumeClaim', 'disk-db-1')
  assert.deepEqual(assets(set + seen + object('PersistentVolumeClaim', 'lost'), 'data'), [
    'data/shop/ 10: PersistentVolumeClaim/shop/lost',
    'data/shop/shop 10: PersistentVolumeClaim/shop/disk-db-0 PersistentVolumeClaim/shop/disk-db-1',
  ])
})

test('a store without a claim keeps its data itself; with one, the claim does; what is no store keeps none', () => {
  assert.deepEqual(assets(workload('db', { image: 'postgres:16' }), 'data'), ['data/shop/db 10: Deployment/shop/db'])
  assert.deepEqual(assets(workload('db', { image: 'postgres:16', ...claimed('disk') }), 'data'), [
    'data/shop/db 10: PersistentVolumeClaim/shop/disk',
  ])
  assert.deepEqual(assets(workload('web'), 'data'), [])
})

test('applications of one name in two namespaces have assets of their own', () => {
  const yaml = workload('web', { app: 'shop' }) + workload('web', { app: 'shop', namespace: 'stage' })
  assert.deepEqual(assets(yaml, 'control'), [
    'control/shop/shop 3: Deployment/shop/web',
    'control/stage/shop 3: Deployment/stage/web',
  ])
})

test('a Job that has ended can be neither controlled nor stopped; its Secrets are still worth something', () => {
  const ended = workload('migrate', {
    kind: 'Job',
    ...secretEnv('login'),
    status: '{completionTime: "2026-01-01T00:00:00Z"}',
  })
  assert.deepEqual(assets(ended + object('Secret', 'login'), 'control', 'availability', 'secrets'), [
    'secrets/shop/migrate 5: Secret/shop/login',
  ])
})

test('nodes of one pool are one asset', () => {
  const pool = (name: string): string => `cloud.google.com/gke-nodepool: ${name}`
  const nodes = node('a-1', pool('a')) + node('a-2', pool('a')) + node('b-1', pool('b')) + node('bare')
  assert.deepEqual(assets(nodes, 'nodePool'), [
    'nodePool//a 10: Node//a-1 Node//a-2',
    'nodePool//b 10: Node//b-1',
    'nodePool//default 10: Node//bare',
  ])
  assert.deepEqual(assets(node('master-1', 'node-role.kubernetes.io/control-plane: ""'), 'nodePool'), [
    'nodePool//control-plane 10: Node//master-1',
  ])
})

test('without nodes in the input, one pool stands for each way to choose a node', () => {
  const on = (name: string, disk: string): string =>
    workload(name).replace('      volumes:', `      nodeSelector: {disk: ${disk}}\n      volumes:`)
  const pools = assetsIn(on('a', 'ssd') + on('b', 'ssd') + on('c', 'hdd') + workload('d')).filter(
    ({ kind }) => kind === 'nodePool',
  )
  assert.equal(pools.length, 3)
  assert.ok(pools.every(({ value }) => value === 10))
})

test('a service outside is an asset only where somebody holds its credential, and once for all who do', () => {
  const url = '{name: PAY_URL, value: "https://api.pay.io"}'
  const secret = '{name: PAY_TOKEN, valueFrom: {secretKeyRef: {name: pay, key: token}}}'
  const inline = '{name: PAY_URL, value: "https://user:hunter2@api.pay.io"}'
  assert.deepEqual(assets(workload('a', env(url)), 'external'), [])
  const expected = ['external//api.pay.io 5: External//api.pay.io']
  assert.deepEqual(assets(workload('a', env(url, secret)), 'external'), expected)
  assert.deepEqual(assets(workload('a', env(inline)), 'external'), expected)
  const all = workload('a', env(url, secret)) + workload('b', env(inline)) + workload('c', env(url))
  assert.deepEqual(assets(all, 'external'), expected)
  const other = '{name: OTHER_TOKEN, valueFrom: {secretKeyRef: {name: other, key: token}}}'
  assert.deepEqual(assets(workload('a', env(url, other)), 'external'), [])
})

test('the metadata service and the credentials of a finished Job are no assets', () => {
  const metadata = env('{name: METADATA_URL, value: "http://user:pass@169.254.169.254"}')
  assert.deepEqual(assets(workload('a', metadata), 'external'), [])
  const inline = env('{name: PAY_URL, value: "https://user:hunter2@api.pay.io"}')
  const ended = workload('once', { kind: 'Job', ...inline, status: '{completionTime: "2026-01-01T00:00:00Z"}' })
  assert.deepEqual(assets(ended, 'external'), [])
})

test('a registry is a service outside to whoever has its pull secret', () => {
  const pull = workload('a', { image: 'registry.acme.io/app' }).replace(
    '      volumes:',
    '      imagePullSecrets: [{name: pull}]\n      volumes:',
  )
  assert.deepEqual(assets(pull, 'external'), ['external//registry.acme.io 5: External//registry.acme.io'])
  assert.deepEqual(assets(pull, 'secrets'), ['secrets/shop/a 5: Secret/shop/pull'])
})

test('no value is counted twice', () => {
  const shop =
    workload('web', { app: 'shop', ...secretEnv('login', 'login') }) +
    workload('worker', { app: 'shop', ...secretEnv('login') }) +
    workload('db', { app: 'shop', image: 'postgres:16', ...claimed('disk') }) +
    workload('backup', { app: 'shop', ...claimed('disk') }) +
    object('Secret', 'login') +
    object('PersistentVolumeClaim', 'disk') +
    node('n-1') +
    node('n-2')
  // The control plane, a pool, and of the one application its data, its Secrets, control and availability.
  assert.equal(total(shop), 20 + 10 + 10 + 5 + 3 + 3)
  const ids = assetsIn(shop).map(({ id }) => id)
  assert.deepEqual(ids, [...new Set(ids)].sort())
})

test('the loss of a breach is the value that it controls over all value', () => {
  const yaml = workload('web', secretEnv('login')) + object('Secret', 'lost') + node('worker-1')
  const { entries, assets: all } = analyseText(yaml).analysis
  const share = entries.find(({ id }) => id === 'Deployment/shop/web')?.reach.share
  // Its control, availability and Secrets, of these and the control plane, a pool and the Secrets of nobody.
  assert.equal(share, (3 + 3 + 5) / (20 + 10 + 5 + 3 + 3 + 5))
  assert.equal(all.length, 6)
})

test('titles say whose it is, once', () => {
  const yaml = workload('web', secretEnv('login')) + object('Secret', 'lost') + node('worker-1')
  const titles = Object.fromEntries(assetsIn(yaml).map(({ id, title }) => [id, title]))
  assert.equal(titles['secrets/shop/web'], 'secrets of shop/web')
  assert.equal(titles['secrets/shop/'], 'other secrets in shop')
  assert.equal(titles['nodePool//default'], 'node pool default')
})

test('values of a user: by kind, and of single assets by their ids', () => {
  const yaml = workload('orders', claimed('disk')) + workload('blog', claimed('pages'))
  const weights = parseWeights({ assets: { data: 20 }, overrides: { 'data/shop/orders': 100 } }) as Weights
  const values = (given: Weights) =>
    Object.fromEntries(assetsIn(yaml, { weights: given }).map(({ id, value }) => [id, value]))
  const changed = values(weights)
  assert.deepEqual([changed['data/shop/orders'], changed['data/shop/blog'], changed['control/shop/blog']], [100, 20, 3])
  assert.equal(values(SHIPPED)['data/shop/orders'], 10)
  assert.deepEqual([...new Set(Object.values(values(EQUAL)))], [1])
})

test('an override of 0 makes an asset worth nothing, and the risk of losing it nothing', () => {
  const risk = (overrides: Record<string, number>): number =>
    analyseText(workload('web'), { weights: parseWeights({ overrides }) as Weights }).analysis.risk.total
  const none = risk({ 'control/shop/web': 0, 'availability/shop/web': 0 })
  assert.equal(none, 0)
  assert.ok(risk({ 'control/shop/web': 100 }) > risk({}))
})

test('weights that cannot be meant are refused, in words', () => {
  assert.match(parseWeights({ assets: { data: -1 } }) as string, /assets\.data must be a number from 0/)
  assert.match(parseWeights({ chances: { served: 1 } }) as string, /chances\.served must be a number from 0 to 0\.999/)
  assert.match(parseWeights({ entries: { anybody: 1 } }) as string, /entries\.anybody is not one of/)
  assert.match(
    parseWeights({ overrides: { 'data/a/b': 'much' } }) as string,
    /overrides\["data\/a\/b"\] must be a number/,
  )
  assert.match(parseWeights({ weights: {} }) as string, /"weights" is not one of/)
})

test('what an operator will make a store of is data, and the control plane controls it', () => {
  const store = `
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: pg, namespace: shop}`
  assert.deepEqual(assets(store, 'data'), ['data/shop/pg 10: Cluster.postgresql.cnpg.io/shop/pg'])
  const { controls } = analyseText(store)
  assert.ok(controls('ControlPlane//control-plane', 'Cluster.postgresql.cnpg.io/shop/pg'))
})
