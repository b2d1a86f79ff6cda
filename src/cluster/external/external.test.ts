import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../testing.ts'
import { type CredentialUse, type Dependencies, dependenciesOf } from './external.ts'

interface Given {
  readonly env?: Record<
    string,
    string | { readonly secret: string; readonly key?: string } | { readonly configMap: string; readonly key: string }
  >
  readonly args?: readonly string[]
  readonly envFrom?: readonly object[]
  readonly files?: string
  readonly spec?: object
}

/** A Deployment `app` in namespace `shop`, as JSON, which is YAML. */
function app({ env = {}, args = [], envFrom = [], files, spec = {} }: Given): string {
  const variables = Object.entries(env).map(([name, value]) => {
    if (typeof value === 'string') return { name, value }
    const valueFrom =
      'secret' in value
        ? { secretKeyRef: { name: value.secret, key: value.key ?? 'k' } }
        : { configMapKeyRef: { name: value.configMap, key: value.key } }
    return { name, valueFrom }
  })
  const mounts = files === undefined ? {} : { volumeMounts: [{ name: 'f', mountPath: '/etc/f' }] }
  const volumes = files === undefined ? {} : { volumes: [{ name: 'f', configMap: { name: files } }] }
  const container = { name: 'c', image: 'registry.vendor.com/x', env: variables, envFrom, args, ...mounts }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: 'shop' },
    spec: {
      template: { metadata: { labels: { app: 'app' } }, spec: { containers: [container], ...volumes, ...spec } },
    },
  })
}

const object = (kind: string, name: string, rest: object, namespace = 'shop', apiVersion = 'v1') =>
  JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, ...rest })
const service = (name: string, port: number, spec: object = {}, namespace = 'shop') =>
  object('Service', name, { spec: { selector: { app: name }, ports: [{ port }], ...spec } }, namespace)
const configMap = (name: string, data: Record<string, string>) => object('ConfigMap', name, { data })

const read = (...documents: readonly string[]): Dependencies => dependenciesOf(clusterOf(documents.join('\n---\n')))

function credential(use: CredentialUse | undefined): string {
  return use === undefined
    ? ''
    : ` [${use.how}${use.secret === undefined ? '' : ` ${use.secret}`}${use.key === undefined ? '' : ` ${use.key}`}]`
}

/** What `app` depends on: `service:port [credential]`, `host:port [credential]` and `? reason host`. */
function summary({ services, external, unknown }: Dependencies): readonly string[] {
  const port = (value: number | undefined) => (value === undefined ? '' : `:${value}`)
  return [
    ...services.map((each) => `${each.service}${port(each.port)}${credential(each.credential)}`),
    ...external.flatMap(({ host, uses }) => uses.map((use) => `${host}${port(use.port)}${credential(use.credential)}`)),
    ...unknown.map(({ reason, host, secret }) => `? ${reason} ${host ?? secret ?? ''}`.trim()),
  ]
}

test('a dependency leads to the workloads of the Service, with its reasons', () => {
  const db = app({}).replaceAll('"name":"app"', '"name":"db"').replace('{"app":"app"}', '{"app":"db"}')
  const { services } = read(
    app({ env: { DB_HOST: 'db', DB_PORT: '5432', DB_PASSWORD: { secret: 'login', key: 'pw' } } }),
    service('db', 5432),
    db,
  )
  assert.equal(services.length, 1)
  const [only] = services
  assert.deepEqual(
    [only?.from, only?.service, only?.port, only?.to],
    ['Deployment/shop/app', 'Service/shop/db', 5432, ['Deployment/shop/db']],
  )
  assert.deepEqual(
    only?.because.map(({ text, path }) => `${text} @ ${path?.join('.')}`),
    ['DB_HOST names db @ spec.template.spec.containers.0.env.0'],
  )
  assert.equal(only?.credential?.secret, 'Secret/shop/login')
  assert.equal(only?.credential?.key, 'pw')
})

test('names of Services, by the search domains of a pod', () => {
  const documents = [
    service('db', 5432),
    service('db', 5432, {}, 'other'),
    service('set', 80, { clusterIP: 'None' }),
    service('ip', 80, { clusterIP: '10.96.3.4' }),
  ]
  const of = (value: string) => summary(read(app({ env: { X_URL: value } }), ...documents))
  assert.deepEqual(of('postgres://db/x'), ['Service/shop/db:5432'])
  assert.deepEqual(of('postgres://db.other/x'), ['Service/other/db:5432'])
  assert.deepEqual(of('db.other.svc'), ['Service/other/db'])
  assert.deepEqual(of('db.other.svc.cluster.local:5432'), ['Service/other/db:5432'])
  assert.deepEqual(of('http://set-0.set:9000'), ['Service/shop/set:9000'])
  assert.deepEqual(of('http://set-0.set.shop.svc'), ['Service/shop/set:80'])
  assert.deepEqual(of('http://10.96.3.4'), ['Service/shop/ip:80'])
  assert.deepEqual(of('http://gone'), ['? unseen-service gone.shop'])
  assert.deepEqual(of('http://gone.other.svc.cluster.local'), ['? unseen-service gone.other'])
  assert.deepEqual(of('gone.other'), ['? unseen-service gone.other'])
})

test('a bare name is a host only where its key says so and a Service has it; a port only where the Service has that', () => {
  const of = (given: Given) => summary(read(app(given), service('redis', 6379)))
  assert.deepEqual(of({ env: { CACHE_MODE: 'redis' } }), [])
  assert.deepEqual(of({ env: { CACHE_BACKEND: 'redis' } }), ['Service/shop/redis'])
  assert.deepEqual(of({ env: { CACHE_BACKEND: 'local' } }), [])
  assert.deepEqual(of({ args: ['--image', 'redis:7'] }), [])
  assert.deepEqual(of({ args: ['redis:6379'] }), ['Service/shop/redis:6379'])
  assert.deepEqual(of({ args: ['--cache.host', 'redis'] }), ['Service/shop/redis'])
})

test('nothing that is no third party', () => {
  const values = [
    'main.py:10',
    'v1.2.3:80',
    'http://localhost:80',
    'https://127.0.0.1',
    '0.0.0.0:8080',
    'http://[::1]:80',
    'https://kubernetes.default.svc',
    'https://kubernetes.default',
    'kube-dns.kube-system.svc.cluster.local',
    'http://svc.test',
    'http://your-domain.com',
    '169.254.20.10',
    'me@example.com',
    'config.yaml',
    'com.example.Foo',
    'http://10.0.0.300',
    'networking.k8s.io/v1',
    'registry.k8s.io/pause:3.9',
  ]
  for (const value of values)
    assert.deepEqual(
      summary(read(app({ env: { X_URL: value } }))).filter((each) => !each.startsWith('?')),
      [],
      value,
    )
  for (const value of values) assert.deepEqual(read(app({ args: [value] })).external, [], value)
})

test('external hosts, by URL, by port and by key', () => {
  const of = (given: Given, ...documents: readonly string[]) => summary(read(app(given), ...documents))
  assert.deepEqual(of({ env: { A: 'https://API.Vendor.com./v1' } }), ['api.vendor.com:443'])
  assert.deepEqual(of({ env: { A: 'https://api.example.com' } }), ['api.example.com:443'])
  assert.deepEqual(of({ args: ['mail.vendor.net:587'] }), ['mail.vendor.net:587'])
  assert.deepEqual(of({ env: { SMTP_HOST: 'mail.vendor.net', SMTP_PORT: '587' } }), ['mail.vendor.net:587'])
  assert.deepEqual(of({ env: { MODE: 'mail.vendor.net' } }), [])
  assert.deepEqual(of({ env: { DB_HOST: '10.1.2.3' } }), ['10.1.2.3'])
  assert.deepEqual(of({ env: { VERSION: '10.1.2.3' } }), [])
  assert.deepEqual(
    of(
      { env: { A: { configMap: 'c', key: 'k' } } },
      configMap('c', { k: 'https://a.vendor.com', z: 'https://b.vendor.com' }),
    ),
    ['a.vendor.com:443'],
  )
  assert.deepEqual(of({ envFrom: [{ configMapRef: { name: 'c' } }] }, configMap('c', { A_URL: 'a.vendor.com' })), [
    'a.vendor.com',
  ])
  assert.deepEqual(
    of(
      { files: 'c' },
      configMap('c', { 'app.yaml': 'db:\n  host: a.vendor.com\n', 'index.html': '<a href="https://b.vendor.com">' }),
    ),
    ['a.vendor.com'],
  )
  assert.deepEqual(of({}, configMap('unused', { A_URL: 'https://a.vendor.com' })), [])
})

test('hosts that the cluster publishes itself lead back into it', () => {
  const ingress = object(
    'Ingress',
    'edge',
    { spec: { rules: [{ host: 'shop.vendor.com', http: { paths: [{ backend: { service: { name: 'web' } } }] } }] } },
    'shop',
    'networking.k8s.io/v1',
  )
  const of = (url: string) => summary(read(app({ env: { A: url } }), ingress, service('web', 80)))
  assert.deepEqual(of('https://shop.vendor.com/x'), ['Service/shop/web:443'])
  assert.deepEqual(of('https://other.vendor.com/x'), ['other.vendor.com:443'])
})

test('ExternalName Services and ServiceEntries', () => {
  const alias = object('Service', 'db', { spec: { type: 'ExternalName', externalName: 'db.rds.amazonaws.com' } })
  const inner = object('Service', 'near', {
    spec: { type: 'ExternalName', externalName: 'real.shop.svc.cluster.local' },
  })
  const entry = (name: string, spec: object) => object('ServiceEntry', name, { spec }, 'shop', 'networking.istio.io/v1')
  const found = read(
    app({ env: { DB_URL: 'postgres://db/x', NEAR_URL: 'http://near' } }),
    alias,
    inner,
    service('real', 80),
    entry('e', { hosts: ['*.maps.vendor.com', 'vm.corp'] }),
    entry('sidecar', { hosts: ['authz.local'], endpoints: [{ address: '127.0.0.1' }] }),
  )
  assert.deepEqual(summary(found), ['Service/shop/real:80', 'db.rds.amazonaws.com:5432'])
  assert.deepEqual(
    found.external.map(({ host, declared }) => `${host}: ${declared.map(({ text }) => text).join()}`),
    [
      '*.maps.vendor.com: ServiceEntry e names it',
      'db.rds.amazonaws.com: Service db is another name for it',
      'vm.corp: ServiceEntry e names it',
    ],
  )
})

test('the metadata service of a cloud is kept, and flagged', () => {
  const { external } = read(
    app({ args: ['curl http://169.254.169.254/latest', 'curl http://metadata.google.internal/x'] }),
  )
  assert.deepEqual(
    external.map(({ host, isMetadata }) => [host, isMetadata]),
    [
      ['169.254.169.254', true],
      ['metadata.google.internal', true],
    ],
  )
})

test('credentials: in the URL, of the same family, of the same brand', () => {
  const of = (env: Given['env'], ...more: readonly string[]) =>
    summary(read(app(env ? { env } : {}), service('db', 5432), ...more))
  const login = { secret: 'login', key: 'pw' }
  assert.deepEqual(of({ DB_URL: 'postgres://u:p@db/x' }), ['Service/shop/db:5432 [inline DB_URL]'])
  assert.deepEqual(of({ PW: login, DB_URL: 'postgres://u:$(PW)@db/x' }), [
    'Service/shop/db:5432 [secret Secret/shop/login pw]',
  ])
  assert.deepEqual(of({ DB_HOST: 'db', DB_PASSWORD: 'hunter2' }), ['Service/shop/db [inline DB_PASSWORD]'])
  assert.deepEqual(of({ DB_HOST: 'db', CACHE_PASSWORD: login }), ['Service/shop/db'])
  assert.deepEqual(of({ PGHOST: 'db', PGPASSWORD: login }), ['Service/shop/db [secret Secret/shop/login pw]'])
  assert.deepEqual(of({ PAY_URL: 'https://api.vendor.com', VENDOR_API_KEY: login }), [
    'api.vendor.com:443 [secret Secret/shop/login pw]',
  ])
  assert.deepEqual(of({ GIT: 'https://token@git.vendor.com/x' }), ['git.vendor.com:443 [inline GIT]'])
})

test('credentials: by a key, by the name of the host, and never by a certificate or the own name', () => {
  const of = (given: Given, host = 'orders-db') => summary(read(app(given), service(host, 5432)))[0]
  const env = { DB_HOST: 'orders-db' }
  const from = (name: string) => ({ env, envFrom: [{ secretRef: { name } }] })
  assert.equal(
    of({ env: { ...env, PW: { secret: 's', key: 'db-password' } } }),
    'Service/shop/orders-db [secret Secret/shop/s db-password]',
  )
  assert.equal(
    of(from('root.orders-db.credentials')),
    'Service/shop/orders-db [secret Secret/shop/root.orders-db.credentials]',
  )
  assert.equal(of(from('orders-credentials')), 'Service/shop/orders-db [secret Secret/shop/orders-credentials]')
  assert.equal(of(from('orders-tls')), 'Service/shop/orders-db')
  assert.equal(of(from('other-credentials')), 'Service/shop/orders-db')
  const own = app({ env: { DB_HOST: 'app-db' }, envFrom: [{ secretRef: { name: 'app-config' } }] })
  assert.equal(summary(read(own, service('app-db', 5432)))[0], 'Service/shop/app-db')
})

test('credentials that tell by their name what they open', () => {
  const of = (env: Given['env'], ...more: readonly string[]) => summary(read(app(env ? { env } : {}), ...more))
  const key = { secret: 'keys', key: 'k' }
  assert.deepEqual(of({ STRIPE_SECRET_KEY: key }), ['api.stripe.com [secret Secret/shop/keys k]'])
  assert.deepEqual(of({ STRIPE_API_KEY: key, STRIPE_URL: 'https://pay.vendor.com' }), [
    'pay.vendor.com:443 [secret Secret/shop/keys k]',
  ])
  assert.deepEqual(of({ SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/x' }), [
    'hooks.slack.com:443 [inline SLACK_WEBHOOK_URL]',
  ])
  assert.deepEqual(of({ SLACK_WEBHOOK_URL: key }), ['hooks.slack.com [secret Secret/shop/keys k]'])
  assert.deepEqual(of({ AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: key, AWS_REGION: 'eu-west-1' }), [
    'amazonaws.com [secret Secret/shop/keys k]',
  ])
  assert.deepEqual(of({ AWS_SECRET_ACCESS_KEY: key, AWS_ENDPOINT_URL: 'http://minio:9000' }, service('minio', 9000)), [
    'Service/shop/minio:9000 [secret Secret/shop/keys k]',
  ])
  assert.deepEqual(of({ GITHUB_TOKEN: 'false' }), [])
  assert.deepEqual(of({ GITHUB_TOKEN: '' }), [])
  const mounted = {
    volumes: [{ name: 's', secret: { secretName: 'gcp' } }],
    containers: [
      {
        name: 'c',
        image: 'x',
        env: [{ name: 'GOOGLE_APPLICATION_CREDENTIALS', value: '/var/gcp/key.json' }],
        volumeMounts: [{ name: 's', mountPath: '/var/gcp' }],
      },
    ],
  }
  assert.deepEqual(summary(read(app({ spec: mounted }))), ['googleapis.com [secret Secret/shop/gcp]'])
})

test('what the input does not tell is unknown, and counted', () => {
  const of = (given: Given, ...documents: readonly string[]) => summary(read(app(given), ...documents))
  assert.deepEqual(of({ env: { DATABASE_URL: { secret: 'login', key: 'url' } } }), ['? secret Secret/shop/login'])
  assert.deepEqual(
    of(
      { envFrom: [{ secretRef: { name: 'login' } }] },
      object('Secret', 'login', { data: { MONGO_URI: 'eA==', OTHER: 'eA==' } }),
    ),
    ['? secret Secret/shop/login'],
  )
  assert.deepEqual(of({ env: { A_URL: { configMap: 'gone', key: 'k' } } }), ['? missing-value'])
  assert.deepEqual(of({ args: [`--x=http://\${WHO}/`] }), ['? placeholder'])
  assert.deepEqual(of({ env: { WHO: 'a.vendor.com', B: '1' }, args: [`--x=http://\${WHO}/`] }), [])
  assert.deepEqual(of({ env: { A_URL: 'http://$(H)/', H: { secret: 'login' } } }), ['? secret Secret/shop/login'])
  assert.deepEqual(of({ files: 'c' }, configMap('c', { big: 'x '.repeat(200_000) })), ['? too-long'])
})

test('registry credentials are for the registries of the images', () => {
  const account = object('ServiceAccount', 'default', { imagePullSecrets: [{ name: 'pull' }] })
  const { registryCredentials } = read(app({}), account)
  assert.deepEqual(
    registryCredentials.map(({ secret, registry, workloads }) => [secret, registry, workloads]),
    [['Secret/shop/pull', 'registry.vendor.com', ['Deployment/shop/app']]],
  )
  const own = read(app({ spec: { imagePullSecrets: [{ name: 'own' }] } }), account)
  assert.deepEqual(
    own.registryCredentials.map(({ secret }) => secret),
    ['Secret/shop/own'],
  )
})

test('a release whose workloads are hidden still shows whom its values name', () => {
  const release = object(
    'HelmRelease',
    'web',
    {
      spec: {
        values: {
          env: {
            API_URL: 'https://api.vendor.com',
            KEY: { valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
            STRIPE_API_KEY: { valueFrom: { secretKeyRef: { name: 's', key: 'stripe' } } },
          },
          ingress: { hosts: ['https://shop.vendor.com'] },
          image: { repository: 'https://ghcr.io/x' },
        },
      },
    },
    'shop',
    'helm.toolkit.fluxcd.io/v2',
  )
  const { external } = read(release)
  assert.deepEqual(
    external.map(({ host, uses }) => [host, uses[0]?.hidden, uses[0]?.workload]),
    [
      ['api.stripe.com', true, 'HelmRelease.helm.toolkit.fluxcd.io/shop/web'],
      ['api.vendor.com', true, 'HelmRelease.helm.toolkit.fluxcd.io/shop/web'],
    ],
  )
})

test('no value of a credential is kept or said', () => {
  const secret = 'hUnTeR2'
  const found = read(
    app({
      env: {
        DB_PASSWORD: secret,
        DB_HOST: 'db',
        A_URL: `https://u:${secret}@api.vendor.com/${secret}?k=${secret}`,
        B_URL: `postgres://u:${secret}/${secret}@db/x`,
        STRIPE_API_KEY: secret,
        C_DSN: `host=db password=${secret}`,
      },
      args: [`--token=${secret}`, `--db-url=mysql://u:${secret}@db`],
    }),
    service('db', 5432),
  )
  const shown = JSON.stringify(found, (key, value) => (key === 'object' ? value?.id : value))
  assert.ok(!shown.toLowerCase().includes(secret.toLowerCase()), shown)
  assert.ok(summary(found).some((each) => each.includes('inline')))
})

test('hostile manifests: other types, names of Object.prototype, variables that grow without end', () => {
  const bad = [
    { env: 'x' },
    { env: [{ name: 1, value: {} }] },
    { env: [{ name: '__proto__', value: 'https://a.vendor.com' }] },
    { args: {} },
    { envFrom: [{ configMapRef: { name: '__proto__' } }] },
  ]
  for (const each of bad) read(app({ spec: { containers: [{ name: 'c', image: 'x', ...each }] } }))
  const grow = Array.from({ length: 60 }, (_, index) => [`V${index + 1}`, `$(V${index})$(V${index})`])
  const started = process.cpuUsage()
  read(app({ env: { V0: 'x'.repeat(1000), ...Object.fromEntries(grow) } }))
  const data = Object.fromEntries(
    [...Array(20).keys()].map((index) => [`f${index}`, 'http://a.vendor.com '.repeat(50_000)]),
  )
  read(app({ files: 'c' }), configMap('c', data))
  assert.ok(process.cpuUsage(started).user < 3e6)
})
