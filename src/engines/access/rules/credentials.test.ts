import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analyseText } from '../../../loop.testing.ts'
import type { Options } from '../../../loop.ts'

interface Database {
  readonly image?: string
  readonly claim?: boolean
  readonly selector?: string
}

/** A store with its Service, and `app`, which knows where it is. */
function shop(
  variables: string,
  { image = 'postgres:16', claim = false, selector = 'app: db' }: Database = {},
): string {
  const templates = claim ? '\n  volumeClaimTemplates: [{metadata: {name: disk}}]' : ''
  return `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:${templates}
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "${image}", ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {${selector}}, ports: [{port: 5432}]}
---
${app('app', variables)}`
}

const app = (name: string, variables: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c, image: acme/app, env: [${variables}]}]}
`

const HOST = '{name: DB_HOST, value: db}, {name: DB_PORT, value: "5432"}'
const PASSWORD = '{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}'
const BOTH = `${HOST}, ${PASSWORD}`

const policy = (spec: string): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wall, namespace: shop}
spec: {${spec}}
`
const DENY_DB = policy('podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]')
const admit = (name: string): string =>
  policy(
    `podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: ${name}}}}], ports: [{port: 5432}]}]`,
  )

/** `kind from to truth` of the edges of some kinds, sorted. */
function edges(yaml: string, kinds: readonly string[], options?: Options): readonly string[] {
  return analyseText(yaml, options)
    .analysis.edges.filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, from, to, truth }) => `${kind} ${from} ${to} ${truth}`)
    .sort()
}
const logins = (yaml: string, options?: Options) => edges(yaml, ['store-login'], options)
const outside = (yaml: string) => edges(yaml, ['opens', 'inline-credential', 'calls'])

const LOGIN = 'store-login Deployment/shop/app StatefulSet/shop/db yes'

test('password and route together open a store', () => {
  assert.deepEqual(logins(shop(BOTH)), [LOGIN])
  assert.ok(analyseText(shop(BOTH)).controls('Deployment/shop/app', 'StatefulSet/shop/db'))
})

test('a password alone opens nothing, nor does a route', () => {
  assert.deepEqual(logins(shop(HOST)), [])
  assert.deepEqual(logins(shop(BOTH) + DENY_DB), [])
  assert.ok(!analyseText(shop(BOTH) + DENY_DB).controls('Deployment/shop/app', 'StatefulSet/shop/db'))
  // The password here, the route there: no single node has both.
  const other = `---\n${app('other', HOST)}`
  assert.deepEqual(logins(shop(BOTH) + other + admit('other')), [])
})

test('a policy that admits the caller leaves the route; one for its other ports does not', () => {
  assert.deepEqual(logins(shop(BOTH) + admit('app')), [LOGIN])
  assert.deepEqual(logins(shop(BOTH) + admit('app').replace('5432', '9187')), [])
})

test('an egress policy of the caller cuts the route, too', () => {
  const closed = policy('podSelector: {matchLabels: {app: app}}, policyTypes: [Egress]')
  assert.deepEqual(logins(shop(BOTH) + closed), [])
})

test('where policies are known not to be enforced, none cuts the route', () => {
  assert.deepEqual(logins(shop(BOTH) + DENY_DB, { enforced: 'no' }), [LOGIN])
  assert.deepEqual(logins(shop(BOTH) + DENY_DB, { enforced: 'yes' }), [])
})

test('the route that counts is the one behind the Service', () => {
  const metrics = shop(BOTH).replace('[{containerPort: 5432}]', '[{containerPort: 5432}, {containerPort: 9187}]')
  assert.deepEqual(logins(metrics + admit('app').replace('5432', '9187')), [])
  const undeclared = shop(BOTH).replace('[{containerPort: 5432}]', '[{containerPort: 9187}]')
  assert.deepEqual(logins(undeclared + admit('app')), [LOGIN])
  const moved = shop(BOTH).replace('{port: 5432}', '{port: 5432, targetPort: 6000}')
  assert.deepEqual(logins(moved + admit('app').replace('5432', '6000')), [LOGIN])
  assert.deepEqual(logins(moved + admit('app')), [])
})

test('a login leads to the claims of the store, where it has any', () => {
  assert.deepEqual(logins(shop(BOTH, { claim: true })), [
    'store-login Deployment/shop/app PersistentVolumeClaim/shop/disk-db-0 yes',
  ])
})

test('only what keeps data is logged in to, and only what the Service selects', () => {
  assert.deepEqual(logins(shop(BOTH, { image: 'acme/api' }).replaceAll('5432', '8080')), [])
  assert.deepEqual(logins(shop(BOTH, { selector: 'app: nobody' })), [])
})

test('a password of another family is not that of the store', () => {
  const other = '{name: MAIL_PASSWORD, valueFrom: {secretKeyRef: {name: mail, key: password}}}'
  assert.deepEqual(logins(shop(`${HOST}, ${other}`)), [])
})

test('a DSN with its password in a manifest opens the store as well', () => {
  const dsn = '{name: DATABASE_URL, value: "postgres://app:hunter2@db:5432/shop"}'
  assert.deepEqual(logins(shop(dsn)), [LOGIN])
  assert.deepEqual(logins(shop(dsn.replace(':hunter2', ''))), [])
})

test('a login says where the address, the password and the data are', () => {
  const edge = analyseText(shop(BOTH)).analysis.edges.find(({ kind }) => kind === 'store-login')
  const texts = edge?.because.map(({ text }) => text) ?? []
  for (const text of ['DB_HOST names db', 'DB_PASSWORD comes from Secret login', 'db keeps data'])
    assert.ok(texts.includes(text), `${text} in ${texts.join('; ')}`)
  assert.equal(edge?.rule, 'Service/shop/db')
})

test('a service outside: opened by its Secret, by a workload with a literal, or only called', () => {
  const url = '{name: PAY_URL, value: "https://api.pay.io"}'
  const secret = '{name: PAY_TOKEN, valueFrom: {secretKeyRef: {name: pay, key: token}}}'
  assert.deepEqual(outside(app('app', url)), ['calls Deployment/shop/app External//api.pay.io yes'])
  assert.deepEqual(outside(app('app', `${url}, ${secret}`)), ['opens Secret/shop/pay External//api.pay.io yes'])
  assert.deepEqual(outside(app('app', '{name: PAY_URL, value: "https://u:hunter2@api.pay.io"}')), [
    'inline-credential Deployment/shop/app External//api.pay.io yes',
  ])
})

test('who reads the Secret of a service outside controls it; who only calls it does not', () => {
  const url = '{name: PAY_URL, value: "https://api.pay.io"}'
  const secret = '{name: PAY_TOKEN, valueFrom: {secretKeyRef: {name: pay, key: token}}}'
  const judged = analyseText(`${app('holder', `${url}, ${secret}`)}---\n${app('caller', url)}`)
  assert.ok(judged.controls('Deployment/shop/holder', 'External//api.pay.io'))
  assert.equal(judged.chance('Deployment/shop/caller', 'External//api.pay.io'), 0.1)
})

test('the metadata service is no third party', () => {
  assert.deepEqual(outside(app('app', '{name: META_URL, value: "http://169.254.169.254/latest"}')), [])
})

test('a finished Job logs in to nothing and calls nobody', () => {
  const ended = `---
apiVersion: batch/v1
kind: Job
metadata: {name: once, namespace: shop}
spec:
  template:
    metadata: {labels: {app: once}}
    spec: {containers: [{name: c, image: acme/app, env: [${BOTH}, {name: PAY_URL, value: "https://api.pay.io"}]}]}
status: `
  const all = (status: string) => {
    const yaml = `${shop('')}${ended}${status}\n`
    return [...logins(yaml), ...outside(yaml)]
  }
  assert.deepEqual(all('{active: 1}'), [
    'store-login Job/shop/once StatefulSet/shop/db yes',
    'calls Job/shop/once External//api.pay.io yes',
  ])
  assert.deepEqual(all('{completionTime: "2026-01-01T00:00:00Z"}'), [])
})
