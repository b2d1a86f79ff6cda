import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ingress, lines, type Said } from './dialects.testing.ts'

const plugin = (
  name: string,
  config: unknown,
  rest: object = {},
  said: Said = { version: '3.9.1' },
): readonly string[] =>
  lines(
    'kong',
    JSON.stringify({
      apiVersion: 'configuration.konghq.com/v1',
      kind: 'KongPlugin',
      metadata: { name: 'p' },
      plugin: name,
      config,
      ...rest,
    }),
    said,
  )

describe('Kong', () => {
  test('rate-limiting: a window for each period', () => {
    assert.deepEqual(plugin('rate-limiting', { second: 5, hour: 1000, policy: 'local', limit_by: 'ip' }), [
      'requests fixed-window 5/1s by client address -> 429',
      'requests fixed-window 1000/3600s by client address -> 429',
    ])
  })

  test('what it counts by, where, and how it refuses', () => {
    const by = (rest: object) =>
      plugin('rate-limiting', { minute: 5, ...rest })[0]?.replace('requests fixed-window 5/60s ', '')
    assert.equal(by({}), 'by consumer, else client address -> 429')
    assert.equal(by({ limit_by: 'service' }), 'by all clients -> 429')
    assert.equal(by({ limit_by: 'header', header_name: 'X-Api-Key' }), 'by header X-Api-Key -> 429')
    assert.equal(by({ limit_by: 'credential', error_code: 503 }), 'by credential, else client address -> 503')
    assert.equal(by({ limit_by: 'path' }), 'by client address on a path -> 429')
    assert.equal(by({ policy: 'redis' }), 'by consumer, else client address -> 429 global')
    assert.equal(by({ policy: 'cluster' }), 'by consumer, else client address -> 429 global')
    assert.equal(
      plugin('rate-limiting', { minute: 5 }, {}, { version: '2.8.0' })[0],
      'requests fixed-window 5/60s by consumer, else client address -> 429 global',
    )
  })

  test('what Kong refuses', () => {
    for (const config of [{}, { second: 0 }, { second: '5' }, { second: 10, minute: 5 }])
      for (const each of plugin('rate-limiting', config))
        assert.match(each, /INERT refused-object$/, JSON.stringify(config))
    assert.equal(plugin('rate-limiting', {}).length, 1)
  })

  test('a plugin that is disabled, or whose configuration a Secret holds', () => {
    assert.match(plugin('rate-limiting', { minute: 5 }, { disabled: true })[0] ?? '', /INERT ignored-value$/)
    assert.match(
      plugin('request-size-limiting', {}, { configFrom: { secretKeyRef: {} } })[0] ?? '',
      /UNKNOWN what a Secret says/,
    )
  })

  test('rate-limiting-advanced: pairs of limits and windows', () => {
    assert.deepEqual(
      plugin('rate-limiting-advanced', { limit: [10, 100], window_size: [1, 60], identifier: 'ip', strategy: 'redis' }),
      [
        'requests sliding-window 10/1s by client address -> 429 global',
        'requests sliding-window 100/60s by client address -> 429 global',
      ],
    )
    assert.match(
      plugin('rate-limiting-advanced', { limit: [10], window_size: [1], window_type: 'fixed', strategy: 'local' })[0] ??
        '',
      /^requests fixed-window 10\/1s/,
    )
    assert.match(
      plugin('rate-limiting-advanced', { limit: [10], window_size: [], strategy: 'local' })[0] ?? '',
      /INERT refused-object$/,
    )
    assert.match(plugin('rate-limiting-advanced', { limit: [10], window_size: [1] })[0] ?? '', /UNKNOWN the strategy/)
  })

  test('request-size-limiting: megabytes of 1024 x 1024', () => {
    assert.deepEqual(plugin('request-size-limiting', {}), ['body 134217728 -> 413'])
    assert.deepEqual(plugin('request-size-limiting', { allowed_payload_size: 5, size_unit: 'kilobytes' }), [
      'body 5120 -> 413',
    ])
    assert.match(plugin('request-size-limiting', { allowed_payload_size: '5' })[0] ?? '', /INERT refused-object$/)
    assert.match(plugin('request-size-limiting', { size_unit: 'gigabytes' })[0] ?? '', /INERT refused-object$/)
  })

  test('plugins of other things', () => {
    assert.deepEqual(plugin('cors', {}), [])
    assert.match(plugin('response-ratelimiting', {})[0] ?? '', /UNKNOWN what backends say/)
  })

  test('read-timeout of a Service, and the proxy’s settings', () => {
    assert.deepEqual(lines('kong', ingress({ 'konghq.com/read-timeout': '10000' }, 'Service', 'v1')), [
      'timeout backend 10 -> 504',
    ])
    assert.match(
      lines('kong', ingress({ 'konghq.com/read-timeout': '10s' }, 'Service', 'v1'))[0] ?? '',
      /INERT ignored-value$/,
    )
    assert.match(lines('kong', ingress({ 'konghq.com/read-timeout': '10000' }))[0] ?? '', /INERT unused-by-engine$/)
    assert.equal(lines('kong', '', { values: { nginx_http_client_max_body_size: '2m' } })[0], 'body 2097152 -> 413')
    assert.equal(lines('kong', '')[0], 'timeout headers 60 -> 408 default')
  })
})
