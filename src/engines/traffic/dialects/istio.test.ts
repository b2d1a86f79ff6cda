import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { lines, type Said } from './dialects.testing.ts'

const object = (kind: string, spec: unknown): string =>
  JSON.stringify({ apiVersion: 'networking.istio.io/v1', kind, metadata: { name: 'x' }, spec })
const NEW: Said = { version: '1.28.0' }
const ALL = { default_value: { numerator: 100, denominator: 'HUNDRED' } }
const BUCKET = { max_tokens: 100, tokens_per_fill: 10, fill_interval: '60s' }
const WHOLE = { stat_prefix: 'a', token_bucket: BUCKET, filter_enabled: ALL, filter_enforced: ALL }

function filter(config: unknown, rest: object = {}, said = NEW): readonly string[] {
  const value = {
    name: 'envoy.filters.http.local_ratelimit',
    typed_config: { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct', value: config },
    ...rest,
  }
  return lines('istio', object('EnvoyFilter', { configPatches: [{ applyTo: 'HTTP_FILTER', patch: { value } }] }), said)
}

describe('Istio: EnvoyFilter', () => {
  test('a bucket is for all clients, in each proxy', () => {
    assert.deepEqual(filter(WHOLE), ['requests token-bucket 10/60s +99 by all clients -> 429'])
    assert.deepEqual(
      filter({ ...WHOLE, token_bucket: { max_tokens: 5, fill_interval: { seconds: '1', nanos: 500000000 } } }),
      ['requests token-bucket 1/1.5s +4 by all clients -> 429'],
    )
    assert.deepEqual(filter({ ...WHOLE, status: { code: 503 }, local_rate_limit_per_downstream_connection: true }), [
      'requests token-bucket 10/60s +99 by connection -> 503',
    ])
  })

  test('protobuf’s other spelling, and the configuration of a route', () => {
    const camel = {
      statPrefix: 'a',
      tokenBucket: { maxTokens: 100, tokensPerFill: 10, fillInterval: '60s' },
      filterEnabled: { defaultValue: { numerator: 100 } },
      filterEnforced: { defaultValue: { numerator: 100 } },
    }
    const patch = { value: { typed_per_filter_config: { 'envoy.filters.http.local_ratelimit': camel } } }
    assert.deepEqual(
      lines('istio', object('EnvoyFilter', { configPatches: [{ applyTo: 'HTTP_ROUTE', patch }] }), NEW),
      ['requests token-bucket 10/60s +99 by all clients -> 429'],
    )
  })

  test('both fractions are 0 where they are not set', () => {
    assert.match(filter({ stat_prefix: 'a', token_bucket: BUCKET })[0] ?? '', /INERT ignored-value$/)
    assert.match(filter({ stat_prefix: 'a', token_bucket: BUCKET, filter_enabled: ALL })[0] ?? '', /shadow$/)
    const half = { default_value: { numerator: 500_000, denominator: 'MILLION' } }
    assert.match(filter({ ...WHOLE, filter_enabled: half })[0] ?? '', /only 50 % of requests$/)
    assert.match(filter({ ...WHOLE, filter_enforced: half })[0] ?? '', /only 50 % of refusals$/)
  })

  test('descriptors need rate_limits, and values of them count since Envoy 1.34', () => {
    const config = {
      ...WHOLE,
      descriptors: [
        { entries: [{ key: 'remote_address' }], token_bucket: BUCKET },
        { entries: [{ key: 'header_match', value: 'productpage' }], token_bucket: BUCKET },
      ],
    }
    const actions = { route: { rate_limits: [{ actions: [{ remote_address: {} }] }] } }
    assert.deepEqual(filter(config, actions).slice(1), [
      'requests token-bucket 10/60s +99 by client address -> 429',
      'requests token-bucket 10/60s +99 by all clients -> 429 only header_match is productpage',
    ])
    assert.match(filter(config)[1] ?? '', /UNKNOWN the rate_limits/)
    assert.match(filter(config, actions, { version: '1.24.0' })[1] ?? '', /INERT removed-feature$/)
    assert.doesNotMatch(filter(config, actions, { version: '1.24.0' })[2] ?? '', /INERT/)
    assert.match(filter(config, actions, {})[1] ?? '', /UNKNOWN the version/)
  })

  test('buckets that Envoy refuses', () => {
    for (const wrong of [
      { max_tokens: 'x' },
      { fill_interval: '0s' },
      { fill_interval: '1m' },
      { fill_interval: '10ms' },
      { tokens_per_fill: 0 },
    ])
      assert.match(
        filter({ ...WHOLE, token_bucket: { ...BUCKET, ...wrong } })[0] ?? '',
        /INERT breaks-configuration$/,
        JSON.stringify(wrong),
      )
  })

  test('buffer, connection limit, the rate limit service', () => {
    const read = (config: unknown) =>
      lines('istio', object('EnvoyFilter', { configPatches: [{ patch: { value: { typed_config: config } } }] }))
    assert.deepEqual(
      read({ '@type': 'type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer', max_request_bytes: 1024 }),
      ['body 1024 -> 413'],
    )
    assert.match(read({ max_request_bytes: 0 })[0] ?? '', /INERT breaks-configuration$/)
    const type = 'type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit'
    assert.deepEqual(read({ '@type': type, max_connections: 10 }), ['connections 10 by all clients'])
    assert.deepEqual(read({ '@type': type, maxConnections: '12' }), ['connections 12 by all clients'])
    assert.match(read({ '@type': type, max_connections: 'few' })[0] ?? '', /INERT breaks-configuration$/)
    assert.match(
      read({ domain: 'shop', rate_limit_service: {} })[0] ?? '',
      /global UNKNOWN the limits of the rate limit service$/,
    )
  })

  test('what is too deep or too much is unknown', () => {
    const patch = (value: unknown) => lines('istio', object('EnvoyFilter', { configPatches: [{ patch: { value } }] }))
    let deep: unknown = { max_request_bytes: 1 }
    for (let depth = 0; depth < 30; depth++) deep = { inner: deep }
    assert.deepEqual(patch(deep), ['body 1 -> 413'])
    for (let depth = 0; depth < 30; depth++) deep = { inner: deep }
    assert.match(patch(deep)[0] ?? '', /UNKNOWN what it says too deep inside$/)
    const descriptors = Array.from({ length: 300_000 }, () => ({}))
    assert.equal(patch({ descriptors }).length, 1001)
    const many = Array.from({ length: 30_000 }, () => ({}))
    assert.match(patch([...many, { max_request_bytes: 1 }]).at(-1) ?? '', /UNKNOWN what it says too deep inside$/)
  })

  test('a filter of other things says nothing', () => {
    assert.deepEqual(
      lines('istio', object('EnvoyFilter', { configPatches: [{ patch: { value: { name: 'lua' } } }] })),
      [],
    )
  })
})

describe('Istio: DestinationRule and VirtualService', () => {
  test('connection pools of the host, its ports and its subsets', () => {
    const pool = (maxConnections: unknown) => ({ connectionPool: { tcp: { maxConnections } } })
    const spec = {
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 100 },
          http: { http1MaxPendingRequests: 10, http2MaxRequests: 20, maxRequestsPerConnection: 5, idleTimeout: '30s' },
        },
        portLevelSettings: [{ port: { number: 80 }, ...pool(7) }],
      },
      subsets: [{ name: 'v1', trafficPolicy: pool(-1) }],
    }
    assert.deepEqual(lines('istio', object('DestinationRule', spec)), [
      'connections 100 by all clients -> 503',
      'connections 10 by all clients -> 503',
      'connections 20 by all clients -> 503',
      'timeout idle 30',
      'connections 7 by all clients -> 503',
      'connections -1 by all clients -> 503 INERT refused-object',
    ])
  })

  test('timeouts', () => {
    assert.deepEqual(
      lines('istio', object('VirtualService', { http: [{ timeout: '5s' }, { timeout: '0s' }, { timeout: 'x' }] })),
      [
        'timeout backend 5 -> 504',
        'timeout backend 0 -> 504 INERT unlimited',
        'timeout backend -> 504 INERT refused-object',
      ],
    )
  })
})
