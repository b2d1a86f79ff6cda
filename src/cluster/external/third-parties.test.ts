import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseText } from '../../loop.testing.ts'
import type { CredentialUse, Dependencies } from './external.ts'

/** Third parties by where they are written and how, as a whole scan sees them. */

const pod = (containers: string, more = ''): string =>
  `{metadata: {labels: {app: app}}, spec: {containers: [${containers}]${more}}}`
const container = (fields: string): string => `{name: c, image: acme/app, ${fields}}`
const workload = (template: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: shop}
spec: {template: ${template}}
`
const app = (fields: string): string => workload(pod(container(fields)))
const env = (...values: readonly string[]): string =>
  app(`env: [${values.map((value, index) => `{name: X${index}_URL, value: ${JSON.stringify(value)}}`).join(', ')}]`)

const service = (name: string, spec: string): string => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{port: 80}], ${spec}}
`
const configMap = (name: string, key: string, value: string): string => `---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: shop}
data: {${JSON.stringify(key)}: ${JSON.stringify(value)}}
`

const read = (yaml: string): Dependencies => analyseText(yaml).analysis.dependencies
const hosts = (yaml: string): readonly string[] => read(yaml).external.map(({ host }) => host)
const how = (credential: CredentialUse | undefined): string => (credential === undefined ? '' : ` ${credential.how}`)
const uses = (yaml: string): readonly string[] =>
  read(yaml).external.flatMap((each) =>
    each.uses.map((use) => `${each.host}${use.port === undefined ? '' : `:${use.port}`}${how(use.credential)}`),
  )

test('a host counts wherever a container is told of it', () => {
  const url = 'https://api.vendor.com'
  const variables = `env: [{name: A, value: "${url}"}]`
  const mounted = `${container('volumeMounts: [{name: v, mountPath: /etc/app}]')}`
  const volume = (sources: string): string => workload(pod(mounted, `, volumes: [{name: v, ${sources}}]`))
  const places: Record<string, string> = {
    env: app(variables),
    args: app(`args: ["--endpoint=${url}"]`),
    'args in two words': app('args: [--endpoint, api.vendor.com]'),
    command: app(`command: [sh, -c, "curl ${url}/x"]`),
    'an init container': workload(pod(container('args: [x]'), `, initContainers: [${container(variables)}]`)),
    'a key of a ConfigMap':
      app('env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: k}}}]') + configMap('c', 'k', url),
    'all of a ConfigMap': app('envFrom: [{configMapRef: {name: c}}]') + configMap('c', 'API_URL', url),
    'a file': volume('configMap: {name: c}') + configMap('c', 'app.properties', `api.url=${url}\n`),
    'a projected file':
      volume('projected: {sources: [{configMap: {name: c}}]}') + configMap('c', 'app.properties', `api.url=${url}\n`),
    'what another variable holds': app('env: [{name: H, value: api.vendor.com}, {name: A, value: "https://$(H)/x"}]'),
  }
  for (const [place, yaml] of Object.entries(places)) assert.deepEqual(hosts(yaml), ['api.vendor.com'], place)
})

test('a host does not count where nobody is told of it', () => {
  const url = 'https://api.vendor.com'
  const unmounted = workload(pod(container('args: [x]'), ', volumes: [{name: v, configMap: {name: c}}]'))
  assert.deepEqual(hosts(unmounted + configMap('c', 'app.properties', `api.url=${url}\n`)), [])
  const elsewhere = configMap('c', 'API_URL', url).replace('namespace: shop', 'namespace: other')
  assert.deepEqual(hosts(app('envFrom: [{configMapRef: {name: c}}]') + elsewhere), [])
  const annotated = app('args: [x]').replace('namespace: shop', `namespace: shop, annotations: {docs: "${url}"}`)
  assert.deepEqual(hosts(annotated), [])
})

test('one host is one third party, whoever calls it and however it is spelled', () => {
  const other = env('https://API.vendor.com./v2').replace('{name: app,', '{name: other,')
  const found = read(env('https://api.vendor.com/v1', 'https://Api.Vendor.Com') + other).external
  assert.deepEqual(
    found.map(({ id, host, uses: all }) => [id, host, all.map(({ workload: by }) => by)]),
    [['External//api.vendor.com', 'api.vendor.com', ['Deployment/shop/app', 'Deployment/shop/other']]],
  )
})

test('a use says in which field it stands', () => {
  const [found] = read(app('args: ["--endpoint=https://api.vendor.com"]')).external
  const [why] = found?.uses[0]?.because ?? []
  assert.equal(why?.object?.id, 'Deployment/shop/app')
  assert.deepEqual(why?.path, ['spec', 'template', 'spec', 'containers', 0, 'args', 0])
})

const SECRET = 'hUnTeR2'
const DSNS: Record<string, string> = {
  [`postgres://shop:${SECRET}@db.vendor.com:5432/shop`]: 'db.vendor.com:5432 inline',
  [`mongodb+srv://shop:${SECRET}@cluster0.vendor.com/shop`]: 'cluster0.vendor.com inline',
  [`amqps://shop:${SECRET}@mq.vendor.com/x`]: 'mq.vendor.com:5671 inline',
  [`redis://:${SECRET}@cache.vendor.com:6380/0`]: 'cache.vendor.com:6380 inline',
  [`smtp://shop:${SECRET}@mail.vendor.net:587`]: 'mail.vendor.net:587 inline',
  [`https://${SECRET}@errors.vendor.io/42`]: 'errors.vendor.io:443 inline',
  [`host=db.vendor.com user=shop password=${SECRET}`]: 'db.vendor.com inline',
  [`Server=sql.vendor.com;User ID=shop;Password=${SECRET}`]: 'sql.vendor.com inline',
  [`jdbc:sqlserver://sql.vendor.com:1433;user=sa;password=${SECRET}`]: 'sql.vendor.com:1433 inline',
  [`mysql://shop:ab/${SECRET}@db.vendor.com/shop`]: 'db.vendor.com:3306 inline',
}

test('a DSN tells its host and that it holds a credential', () => {
  for (const [dsn, expected] of Object.entries(DSNS)) assert.deepEqual(uses(env(dsn)), [expected], dsn)
  assert.deepEqual(uses(env('postgres://shop@db.vendor.com/shop')), ['db.vendor.com:5432'])
  assert.deepEqual(uses(env('redis://:@cache.vendor.com/0')), ['cache.vendor.com:6379'])
})

test('no credential of a DSN is kept in anything that a scan says', () => {
  const hidden = [
    ...Object.keys(DSNS),
    `mysql://shop:${SECRET}@tcp(db.vendor.com:3306)/x`,
    `ftp://${SECRET}:x@f.vendor.com`,
  ]
  const more = [
    `Server=tcp:sql.vendor.com,1433;User ID=shop;Password=${SECRET}`,
    `jdbc:postgresql://db.vendor.com/x?user=shop&password=${SECRET}`,

    `https://api.vendor.com/${SECRET}?token=${SECRET}#${SECRET}`,
    `shop:${SECRET}@tcp(db.vendor.com:3306)/x`,
  ]
  for (const value of [...hidden, ...more]) {
    const file = configMap('c', 'app.properties', `a.url=${value}\nb.password=${SECRET}\n`)
    const mounted = workload(
      pod(
        container(`args: [${JSON.stringify(value)}], volumeMounts: [{name: v, mountPath: /v}]`),
        ', volumes: [{name: v, configMap: {name: c}}]',
      ),
    )
    for (const yaml of [env(value), mounted + file]) {
      const { dependencies, edges, nodes, assets, findings, unknowns } = analyseText(yaml).analysis
      const said = JSON.stringify({ dependencies, edges, nodes, assets, findings, unknowns }, (key, each) =>
        key === 'object' ? each?.id : each,
      )
      assert.ok(!said.toLowerCase().includes(SECRET.toLowerCase()), value)
    }
  }
})

test('what is written in a Secret is read by nobody', () => {
  const secret = `---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: shop}
stringData: {DATABASE_URL: "postgres://shop:hunter2@db.vendor.com/shop"}
data: {API_URL: aHR0cHM6Ly9hcGkudmVuZG9yLmNvbQ==}
`
  const { external, unknown } = read(app('envFrom: [{secretRef: {name: s}}]') + secret)
  assert.deepEqual(external, [])
  assert.deepEqual(
    unknown.map(({ reason, secret: id }) => `${reason} ${id}`),
    ['secret Secret/shop/s', 'secret Secret/shop/s'],
  )
})

test('names of the cluster are never outside, whether or not their Service is in the input', () => {
  for (const host of [
    'db',
    'db.shop',
    'db.shop.svc',
    'db.shop.svc.cluster.local',
    'db-0.db.shop.svc.cluster.local',
    'db.shop.svc.corp.internal',
  ]) {
    const without = read(env(`http://${host}:80/x`))
    assert.deepEqual(without.external, [], host)
    assert.deepEqual(
      without.unknown.map(({ reason }) => reason),
      ['unseen-service'],
      host,
    )
    const seen = read(env(`http://${host}:80/x`) + service('db', 'clusterIP: None'))
    assert.deepEqual([seen.external, seen.unknown], [[], []], host)
    assert.deepEqual(
      seen.services.map((each) => each.service),
      ['Service/shop/db'],
      host,
    )
  }
})

test('the API server, the DNS of the cluster and its nodes are no third parties', () => {
  const node = `---
apiVersion: v1
kind: Node
metadata: {name: worker-1}
status: {addresses: [{type: InternalIP, address: 192.0.2.17}]}
`
  for (const url of [
    'https://kubernetes.default.svc.cluster.local',
    'https://kubernetes.default.svc',
    'http://kube-dns.kube-system.svc.cluster.local:53',
    'http://192.0.2.17:9100/metrics',
  ]) {
    const { external, services, unknown } = read(env(url) + node)
    assert.deepEqual([external, services, unknown], [[], [], []], url)
  }
  assert.deepEqual(hosts(env('http://192.0.2.17:9100')), ['192.0.2.17'])
})

test('addresses: outside unless they are a Service, this machine or the link', () => {
  assert.deepEqual(uses(env('http://203.0.113.9:8080/x')), ['203.0.113.9:8080'])
  assert.deepEqual(uses(env('http://10.1.2.3')), ['10.1.2.3:80'])
  for (const own of ['127.0.0.1', '127.8.8.8', '0.0.0.0', 'localhost', 'app.localhost', '169.254.20.10'])
    assert.deepEqual(hosts(env(`http://${own}:8080`)), [], own)
  for (const none of ['http://300.1.1.1', 'http://1.2.3', 'http://1.2.3.4.5'])
    assert.deepEqual(hosts(env(none)), [], none)
  const found = read(env('http://10.96.0.7') + service('db', 'clusterIP: 10.96.0.7'))
  assert.deepEqual(found.external, [])
  assert.equal(found.services[0]?.service, 'Service/shop/db')
})

test('hosts of examples: a setting may mean one, a comment, a template or an unfilled form does not', () => {
  assert.deepEqual(hosts(env('https://api.example.com')), ['api.example.com'])
  assert.deepEqual(hosts(env('https://pay.vendor.example')), ['pay.vendor.example'])
  for (const nobody of [
    'https://api.test',
    'https://x.invalid',
    'https://api.your-domain.com',
    'https://mycompany.com',
  ])
    assert.deepEqual([read(env(nobody)).external, read(env(nobody)).unknown], [[], []], nobody)
  const volume = ', volumes: [{name: v, configMap: {name: c}}]'
  const file = (text: string): string =>
    workload(pod(container('volumeMounts: [{name: v, mountPath: /v}]'), volume)) + configMap('c', 'app.conf', text)
  assert.deepEqual(hosts(file('url = https://api.example.com\n')), [])
  assert.deepEqual(hosts(file('# url = https://api.vendor.com\n')), [])
  assert.deepEqual(hosts(file('url = https://api.vendor.com\n')), ['api.vendor.com'])
})

test('the names and addresses of the cluster itself are never outside', () => {
  const inside = [
    'http://10-0-3-7.shop.pod.cluster.local:80',
    'http://10.0.3.7:8080',
    'http://cluster.local',
    'http://gone.shop.svc.cluster.local.:80',
    'http://203.0.113.9/api',
  ]
  const live =
    '---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec: {containers: []}\nstatus: {podIP: 10.0.3.7}\n'
  const found = read(env(...inside) + live + service('edge', 'externalIPs: [203.0.113.9]'))
  assert.deepEqual(found.external, [])
  assert.deepEqual(found.unknown.map(({ because }) => because.text.replace(/^\S+ names /, '')).sort(), [
    '10-0-3-7.shop.pod.cluster.local:80',
    '10.0.3.7:8080',
    'gone.shop.svc.cluster.local:80',
  ])
})

test('a prefix of envFrom stands before every key', () => {
  const secret = '---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\nstringData: {API_KEY: x}\n'
  const from = (prefix: string): string => app(`envFrom: [{${prefix}secretRef: {name: s}}]`) + secret
  assert.deepEqual(hosts(from('prefix: STRIPE_, ')), ['api.stripe.com'])
  assert.deepEqual(hosts(from('')), [])
})
