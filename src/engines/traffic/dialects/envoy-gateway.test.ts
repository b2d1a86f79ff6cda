import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { found, lines, type Said } from './dialects.testing.ts'

const policy = (spec: unknown, kind = 'BackendTrafficPolicy'): string =>
  JSON.stringify({ apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind, metadata: { name: 'p' }, spec })
const NEW: Said = { version: '1.9.0' }
const local = (rules: readonly unknown[], said: Said = NEW): readonly string[] =>
  lines('envoy-gateway', policy({ rateLimit: { local: { rules } } }), said)
const configured = (text: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'envoy-gateway-config' },
    data: { 'envoy-gateway.yaml': text },
  })
const SERVICE = configured('rateLimit: {backend: {type: Redis, redis: {url: "redis:6379"}}}')
const global = (rules: readonly unknown[], said: Said = NEW, service = SERVICE): readonly string[] =>
  lines('envoy-gateway', `${policy({ rateLimit: { global: { rules } } })}\n---\n${service}`, said)

const TEN = { requests: 10, unit: 'Second' }
const from = (value: string, rest: object = {}): unknown => ({
  clientSelectors: [{ sourceCIDR: { type: 'Distinct', value, ...rest } }],
  limit: TEN,
})

describe('Envoy Gateway: rate limits', () => {
  test('a local rule is a bucket of its requests, for all clients together', () => {
    assert.deepEqual(local([{ limit: { requests: 100, unit: 'Minute' } }]), [
      'requests token-bucket 100/60s +99 by all clients -> 429',
    ])
  })

  test('a global rule is a counter of all proxies', () => {
    assert.deepEqual(global([{ limit: { requests: 100, unit: 'Month' } }]), [
      'requests fixed-window 100/2592000s by all clients -> 429 global',
    ])
  })

  test('global rules need a rate limit service', () => {
    const rules = [{ limit: TEN }]
    assert.match(global(rules, NEW, configured('gateway: {}'))[0] ?? '', /INERT refused-object$/)
    assert.match(global(rules, NEW, '')[0] ?? '', /UNKNOWN whether Envoy Gateway has a rate limit service/)
    assert.match(global(rules, NEW, configured('{'))[0] ?? '', /UNKNOWN whether Envoy Gateway has a rate limit service/)
  })

  test('Distinct counts by client, of one family of addresses or, by two rules, of both', () => {
    assert.deepEqual(local([from('0.0.0.0/0')]), [
      'requests token-bucket 10/1s +9 by client address -> 429 only IPv4 clients',
    ])
    assert.deepEqual(local([from('0.0.0.0/0'), from('::/0')]), [
      'requests token-bucket 10/1s +9 by client address -> 429',
    ])
    assert.deepEqual(local([from('::/0'), { limit: { requests: 5, unit: 'Second' } }, from('0.0.0.0/0')]), [
      'requests token-bucket 10/1s +9 by client address -> 429',
      'requests token-bucket 5/1s +4 by all clients -> 429',
    ])
    const other = {
      clientSelectors: [{ sourceCIDR: { type: 'Distinct', value: '::/0' } }],
      limit: { requests: 11, unit: 'Second' },
    }
    assert.equal(local([from('0.0.0.0/0'), other]).length, 2)
    assert.deepEqual(local([from('10.0.0.0/8')]), [
      'requests token-bucket 10/1s +9 by client address -> 429 only source 10.0.0.0/8',
    ])
  })

  test('both rules of a pair are its reasons', () => {
    const [limit] = found(
      'envoy-gateway',
      policy({ rateLimit: { local: { rules: [from('0.0.0.0/0'), from('::/0')] } } }),
      NEW,
    )
    assert.deepEqual(
      limit?.because.map(({ path }) => path?.at(-1)),
      [0, 1],
    )
  })

  test('local Distinct is refused before 1.4.0, and unknown where the version is', () => {
    assert.match(local([from('0.0.0.0/0')], { version: '1.3.2' })[0] ?? '', /INERT refused-object$/)
    assert.match(local([from('0.0.0.0/0')], {})[0] ?? '', /UNKNOWN the version of Envoy Gateway/)
    assert.match(global([from('0.0.0.0/0')], { version: '1.3.2' })[0] ?? '', /only IPv4 clients$/)
  })

  test('an inverted network is exempt', () => {
    assert.deepEqual(
      global([{ clientSelectors: [{ sourceCIDR: { value: '10.0.0.0/8', invert: true } }], limit: TEN }]),
      ['requests fixed-window 10/1s by all clients -> 429 global not 10.0.0.0/8'],
    )
  })

  test('headers, methods and paths are conditions, and keys where they are Distinct', () => {
    const clientSelectors = [
      {
        headers: [
          { name: 'x-key', type: 'Distinct' },
          { name: 'x-plan', value: 'free' },
        ],
        methods: [{ value: 'POST' }, { value: 'PUT' }],
        path: { value: '/api' },
      },
    ]
    assert.deepEqual(global([{ clientSelectors, limit: TEN }]), [
      'requests fixed-window 10/1s by header x-key -> 429 global only header x-plan is free, method POST or PUT, path /api',
    ])
    const two = [
      { sourceCIDR: { type: 'Distinct', value: '0.0.0.0/0' }, headers: [{ name: 'x-key', type: 'Distinct' }] },
    ]
    assert.deepEqual(global([{ clientSelectors: two, limit: TEN }]), [
      'requests fixed-window 10/1s by client address and header x-key -> 429 global only IPv4 clients',
    ])
  })

  test('shadowMode: global rules, local ones with selectors since 1.8, never the rule for all others', () => {
    assert.match(global([{ limit: TEN, shadowMode: true }])[0] ?? '', /shadow$/)
    const picked = { clientSelectors: [{ methods: [{ value: 'GET' }] }], limit: TEN, shadowMode: true }
    assert.match(local([picked])[0] ?? '', /shadow only method GET$/)
    assert.match(local([picked], { version: '1.8.0' })[0] ?? '', /shadow/)
    assert.doesNotMatch(global([{ limit: TEN, shadowMode: true }], { version: '1.6.0' })[0] ?? '', /shadow/)
    assert.doesNotMatch(local([picked], { version: '1.7.0' })[0] ?? '', /shadow/)
    assert.match(local([picked], {})[0] ?? '', /UNKNOWN/)
    assert.doesNotMatch(local([{ limit: TEN, shadowMode: true }])[0] ?? '', /shadow/)
  })

  test('what costs more than one takes more, what costs nothing is no limit, what metadata say is unknown', () => {
    const cost = (request: unknown, rest: object = {}) => global([{ limit: TEN, cost: { request, ...rest } }])[0] ?? ''
    assert.match(cost({ from: 'Number', number: 2 }), /^requests fixed-window 5\/1s/)
    assert.match(cost({ from: 'Number', number: 0 }), /INERT unlimited$/)
    assert.match(cost({ from: 'Metadata', metadata: {} }), /UNKNOWN what each request costs$/)
    assert.match(cost(undefined, { response: { from: 'Number', number: 1 } }), /UNKNOWN what each response costs$/)
    assert.match(global([{ limit: { ...TEN, fromMetadata: {} } }])[0] ?? '', /UNKNOWN what filters write/)
  })

  test('a policy with an error is refused whole', () => {
    const refused = (rules: readonly unknown[]): void => {
      for (const each of local(rules)) assert.match(each, /INERT refused-object$/)
    }
    refused([{ limit: TEN }, { limit: TEN }])
    refused([{ limit: { requests: 10, unit: 'Hour' } }, { clientSelectors: [{ path: { value: '/' } }], limit: TEN }])
    refused([{ clientSelectors: [{}], limit: TEN }])
    refused([from('10.0.0.1')])
    refused([{ limit: { requests: 10, unit: 'second' } }])
    refused([{ limit: { requests: -1, unit: 'Second' } }])
    assert.match(local([{ limit: { requests: 0, unit: 'Second' } }])[0] ?? '', /INERT breaks-configuration$/)
    assert.match(global([{ limit: { requests: 0, unit: 'Second' } }])[0] ?? '', /^requests fixed-window 0\/1s/)
  })

  test('type picks one of local and global', () => {
    const rateLimit = { type: 'Global', local: { rules: [{ limit: TEN }] }, global: { rules: [{ limit: TEN }] } }
    assert.deepEqual(
      lines('envoy-gateway', `${policy({ rateLimit })}\n---\n${SERVICE}`, NEW).map((each) =>
        each.includes('INERT ignored-value'),
      ),
      [true, false],
    )
  })
})

describe('Envoy Gateway: sizes, connections, times', () => {
  test('BackendTrafficPolicy', () => {
    const spec = {
      requestBuffer: { limit: '1Mi' },
      circuitBreaker: { maxConnections: 100, maxParallelRequests: 50, maxPendingRequests: 5 },
      timeout: { http: { requestTimeout: '10s' } },
      bandwidthLimit: { response: { limit: { value: '60Mi', unit: 'Minute' } } },
    }
    assert.match(lines('envoy-gateway', policy(spec), { version: '1.7.0' })[3] ?? '', /INERT removed-feature$/)
    assert.match(lines('envoy-gateway', policy(spec))[3] ?? '', /UNKNOWN the version/)
    assert.deepEqual(lines('envoy-gateway', policy(spec), NEW), [
      'connections 100 by all clients -> 503',
      'connections 50 by all clients -> 503',
      'body 1048576 -> 413',
      'bandwidth 1048576 by all clients only responses',
      'timeout backend 10 -> 504',
    ])
    const wrong = {
      requestBuffer: { limit: 'much' },
      circuitBreaker: { maxConnections: 2 ** 40 },
      timeout: { http: { requestTimeout: '0s' } },
    }
    assert.deepEqual(lines('envoy-gateway', policy(wrong)), [
      'connections 1099511627776 by all clients -> 503 INERT refused-object',
      'body -> 413 INERT refused-object',
      'timeout backend 0 -> 504 INERT unlimited',
    ])
  })

  test('ClientTrafficPolicy: connections of a listener, times of clients', () => {
    const spec = {
      connection: { connectionLimit: { value: 1000 } },
      timeout: {
        http: {
          requestReceivedTimeout: '30s',
          requestHeadersReceivedTimeout: '5s',
          idleTimeout: '10m',
          streamIdleTimeout: '1m',
        },
      },
    }
    assert.deepEqual(lines('envoy-gateway', policy(spec, 'ClientTrafficPolicy')), [
      'connections 1000 by all clients',
      'timeout request 30 -> 408',
      'timeout headers 5 -> 408',
      'timeout body 60 -> 408',
      'timeout idle 600',
    ])
    const none = { connection: { connectionLimit: { value: 0 } }, timeout: { http: { idleTimeout: 'long' } } }
    for (const each of lines('envoy-gateway', policy(none, 'ClientTrafficPolicy')))
      assert.match(each, /INERT refused-object$/)
  })

  test('an HTTPRoute’s timeouts, at the path of their rule', () => {
    const route = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'r' },
      spec: { rules: [{}, { timeouts: { request: '15s' } }, { timeouts: { request: '0s' } }] },
    }
    const limits = found('envoy-gateway', JSON.stringify(route))
    assert.deepEqual(
      limits.map(({ because }) => because[0]?.path?.[2]),
      [1, 2],
    )
    assert.deepEqual(
      limits.map(({ limit, inert }) => inert?.rule ?? limit.seconds),
      [15, 'unlimited'],
    )
  })

  test('a SecurityPolicy is no limit', () => {
    assert.deepEqual(lines('envoy-gateway', policy({ authorization: { defaultAction: 'Deny' } }, 'SecurityPolicy')), [])
  })
})
