import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { found, ingress, lines, type Said } from './dialects.testing.ts'

const NEW: Said = { version: '1.15.1' }
const OLD: Said = { version: '1.11.8' }

function read(annotations: Readonly<Record<string, string>>, said: Said = NEW): readonly string[] {
  const named = Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value])
  return lines('ingress-nginx', ingress(Object.fromEntries(named)), said)
}

describe('ingress-nginx: annotations', () => {
  test('rates have a burst of five times as many, or of what is said', () => {
    assert.deepEqual(read({ 'limit-rps': '10' }), ['requests leaky-bucket 10/1s +50 by client address -> 503'])
    assert.deepEqual(read({ 'limit-rpm': '60', 'limit-burst-multiplier': '2' }), [
      'requests leaky-bucket 60/60s +120 by client address -> 503',
    ])
    assert.deepEqual(read({ 'limit-rps': '10', 'limit-burst-multiplier': 'two' }), [
      'requests leaky-bucket 10/1s +50 by client address -> 503',
    ])
  })

  test('connections, rps and rpm stand side by side', () => {
    assert.deepEqual(read({ 'limit-rpm': '600', 'limit-connections': '5', 'limit-rps': '10' }), [
      'connections 5 by client address -> 503',
      'requests leaky-bucket 10/1s +50 by client address -> 503',
      'requests leaky-bucket 600/60s +3000 by client address -> 503',
    ])
  })

  test('the reason is the annotation, at its path', () => {
    const [limit] = found('ingress-nginx', ingress({ 'nginx.ingress.kubernetes.io/limit-rps': '10' }), NEW)
    assert.deepEqual(
      limit?.because.map(({ path }) => path),
      [['metadata', 'annotations', 'nginx.ingress.kubernetes.io/limit-rps']],
    )
  })

  test('the ConfigMap says the key and the codes', () => {
    const said = {
      ...NEW,
      values: {
        'limit-conn-zone-variable': '$http_x_forwarded_for',
        'limit-req-status-code': '429',
        'limit-conn-status-code': '430',
      },
    }
    assert.deepEqual(read({ 'limit-rps': '1', 'limit-connections': '2' }, said), [
      'connections 2 by header X-Forwarded-For -> 430',
      'requests leaky-bucket 1/1s +5 by header X-Forwarded-For -> 429',
    ])
  })

  test('a multiplier of 0 or less breaks the configuration of all; of connections it says nothing', () => {
    for (const factor of ['0', '-1'])
      assert.match(
        read({ 'limit-rps': '10', 'limit-burst-multiplier': factor })[0] ?? '',
        /INERT breaks-configuration$/,
        factor,
      )
    assert.deepEqual(read({ 'limit-connections': '10', 'limit-burst-multiplier': '0' }), [
      'connections 10 by client address -> 503',
    ])
  })

  test('limit_conn takes at most 65535', () => {
    assert.deepEqual(read({ 'limit-connections': '65535' }), ['connections 65535 by client address -> 503'])
    assert.match(read({ 'limit-connections': '65536' })[0] ?? '', /INERT breaks-configuration$/)
  })

  test('numbers below 1 make no zone; numbers beyond what we compute are unknown', () => {
    assert.match(read({ 'limit-rps': '0' })[0] ?? '', /INERT ignored-value$/)
    assert.match(read({ 'limit-rps': '-5' })[0] ?? '', /INERT ignored-value$/)
    assert.match(read({ 'limit-rps': '9223372036854775807' })[0] ?? '', /UNKNOWN what nginx makes/)
  })

  test('what is no number: the Ingress is refused since 1.12, overlooked before, and the flag decides over both', () => {
    const wrong = { 'limit-rps': '10r/s', 'proxy-body-size': '8m' }
    assert.deepEqual(
      read(wrong).map((each) => each.replace(/^.*INERT /, '')),
      ['refused-object', 'refused-object'],
    )
    assert.match(read(wrong, OLD)[0] ?? '', /INERT ignored-value$/)
    assert.equal(read(wrong, OLD)[1], 'body 8388608 -> 413')
    assert.match(read(wrong, {})[0] ?? '', /INERT ignored-value$/)
    assert.match(
      read(wrong, { ...NEW, flags: { 'enable-annotation-validation': 'false' } })[0] ?? '',
      /INERT ignored-value$/,
    )
    assert.match(
      read(wrong, { ...OLD, flags: { 'enable-annotation-validation': 'true' } })[0] ?? '',
      /INERT refused-object$/,
    )
  })

  test('an allowlist exempts; one that is wrong takes all limits away, or the Ingress', () => {
    const exempt = 'requests leaky-bucket 1/1s +5 by client address -> 503 not 10.0.0.0/8 1.2.3.4'
    assert.deepEqual(read({ 'limit-rps': '1', 'limit-allowlist': '10.0.0.0/8, 1.2.3.4' }), [exempt])
    assert.deepEqual(read({ 'limit-rps': '1', 'limit-whitelist': '10.0.0.0/8, 1.2.3.4' }), [exempt])
    const wrong = { 'limit-rps': '1', 'limit-allowlist': 'office' }
    assert.match(read(wrong)[0] ?? '', /INERT refused-object$/)
    assert.match(read(wrong, OLD)[0] ?? '', /INERT ignored-value$/)
    assert.match(read({ 'limit-rps': '1', 'limit-allowlist': '0.0.0.0/0' })[0] ?? '', /INERT exempts-everyone$/)
  })

  test('limit-allowlist is nothing to a controller before 1.9; an empty one leaves the alias', () => {
    const both = { 'limit-rps': '1', 'limit-allowlist': '10.0.0.0/8' }
    assert.deepEqual(read(both, { version: '1.8.4' }), ['requests leaky-bucket 1/1s +5 by client address -> 503'])
    assert.deepEqual(read({ 'limit-rps': '1', 'limit-allowlist': '', 'limit-whitelist': '10.0.0.1' }), [
      'requests leaky-bucket 1/1s +5 by client address -> 503 not 10.0.0.1',
    ])
  })

  test('limit-rate limits nothing without proxy-buffering', () => {
    assert.match(read({ 'limit-rate': '128' })[0] ?? '', /^bandwidth 131072 INERT unused-by-engine$/)
    assert.deepEqual(read({ 'limit-rate': '128', 'proxy-buffering': 'on', 'limit-rate-after': '64' }), [
      'bandwidth 131072',
    ])
    assert.deepEqual(read({ 'limit-rate': '128' }, { ...NEW, values: { 'proxy-buffering': 'on' } }), [
      'bandwidth 131072',
    ])
    assert.match(read({ 'limit-rate': '128' }, { ...NEW, unseen: true })[0] ?? '', /UNKNOWN proxy-buffering/)
    assert.match(read({ 'limit-rate': '0' })[0] ?? '', /INERT unlimited$/)
    assert.match(read({ 'limit-rate': 'fast' })[0] ?? '', /INERT ignored-value$/)
    assert.deepEqual(read({ 'proxy-buffering': 'on' }, { ...NEW, values: { 'limit-rate': '10' } }), ['bandwidth 10240'])
  })

  test('proxy-body-size: 0 is no limit, and what is no size of nginx leaves a default in force', () => {
    assert.deepEqual(read({ 'proxy-body-size': '8m' }), ['body 8388608 -> 413'])
    assert.deepEqual(read({ 'proxy-body-size': ' 1G ' }), ['body 1073741824 -> 413'])
    assert.deepEqual(read({ 'proxy-body-size': '0' }), ['body 0 -> 413 INERT unlimited'])
    const inert = 'body -> 413 INERT ignored-value'
    assert.deepEqual(read({ 'proxy-body-size': '8mb' }), [inert])
    assert.deepEqual(read({ 'proxy-body-size': '8mb' }, OLD), [inert, 'body 1048576 -> 413'])
    assert.match(read({ 'proxy-body-size': '8mb' }, {})[1] ?? '', /^body -> 413 UNKNOWN whether nginx’s own 1m/)
    assert.deepEqual(read({ 'proxy-body-size': '512b' }), [inert, 'body 1048576 -> 413'])
    assert.deepEqual(lines('ingress-nginx', '', { values: { 'proxy-body-size': '8mb' } }).slice(0, 2), [
      inert,
      'body 1048576 -> 413',
    ])
    assert.match(read({ 'proxy-body-size': '99999999999999g' })[0] ?? '', /INERT breaks-configuration$/)
  })

  test('proxy-read-timeout', () => {
    assert.deepEqual(read({ 'proxy-read-timeout': '30' }), ['timeout backend 30 -> 504'])
    assert.match(read({ 'proxy-read-timeout': '30s' })[0] ?? '', /INERT ignored-value$/)
    assert.match(read({ 'proxy-read-timeout': '-1' })[0] ?? '', /INERT breaks-configuration$/)
  })

  test('global rate limits went with 1.12.0; before they need a window and a memcached', () => {
    const written = {
      'global-rate-limit': '100',
      'global-rate-limit-window': '1m',
      'global-rate-limit-key': '$http_x_api_key',
    }
    const limit = 'requests sliding-window 100/60s by header X-Api-Key -> 429 global'
    assert.deepEqual(read(written), [`${limit} INERT removed-feature`])
    assert.match(read(written, {})[0] ?? '', /UNKNOWN the version of ingress-nginx/)
    assert.deepEqual(read(written, OLD), [`${limit} INERT ignored-value`])
    assert.deepEqual(read(written, { ...OLD, values: { 'global-rate-limit-memcached-host': 'memcached' } }), [limit])
    assert.match(read({ 'global-rate-limit': '100' }, OLD)[0] ?? '', /INERT ignored-value$/)
  })

  test('snippets are not read, and count only where they are allowed', () => {
    const snippet = { 'configuration-snippet': 'limit_req zone=mine burst=5;' }
    assert.match(read(snippet)[0] ?? '', /^requests unknown by a snippet INERT ignored-value$/)
    assert.match(
      read(snippet, { ...NEW, values: { 'allow-snippet-annotations': 'true' } })[0] ?? '',
      /UNKNOWN the meaning of a snippet$/,
    )
    assert.match(read(snippet, {})[0] ?? '', /UNKNOWN whether allow-snippet-annotations is on/)
    assert.deepEqual(read({ 'configuration-snippet': 'more_set_headers "a: b";' }), [])
  })

  test('the prefix of before 0.9 is dead, and --annotations-prefix makes another one', () => {
    assert.match(
      lines('ingress-nginx', ingress({ 'ingress.kubernetes.io/limit-rps': '5' }), NEW)[0] ?? '',
      /INERT removed-feature$/,
    )
    const own = { ...NEW, flags: { 'annotations-prefix': 'edge.example.com' } }
    assert.deepEqual(lines('ingress-nginx', ingress({ 'edge.example.com/limit-rps': '5' }), own).length, 1)
    assert.deepEqual(lines('ingress-nginx', ingress({ 'nginx.ingress.kubernetes.io/limit-rps': '5' }), own), [])
  })

  test('annotations of other products and objects of other kinds say nothing', () => {
    assert.deepEqual(lines('ingress-nginx', ingress({ 'nginx.org/limit-req-rate': '5r/s' }), NEW), [])
    assert.deepEqual(
      lines('ingress-nginx', ingress({ 'nginx.ingress.kubernetes.io/limit-rps': '5' }, 'Service', 'v1'), NEW),
      [],
    )
  })
})

describe('ingress-nginx: ConfigMap', () => {
  const DEFAULTS = [
    'body 1048576 -> 413 default',
    'timeout headers 60 -> 408 default',
    'timeout body 60 -> 408 default',
    'timeout idle 75 default',
    'timeout backend 60 -> 504 default',
    'connections 16384 by worker process default',
  ]

  test('defaults; of a controller that was not seen they are a guess', () => {
    assert.deepEqual(lines('ingress-nginx', ''), DEFAULTS)
    assert.deepEqual(
      lines('ingress-nginx', '', { unseen: true }),
      DEFAULTS.map((each) => `${each} UNKNOWN the configuration of the controller`),
    )
  })

  test('what it sets', () => {
    const values = {
      'proxy-body-size': '4m',
      'client-header-timeout': '10',
      'client-body-timeout': '1m',
      'keep-alive': '-1',
      'proxy-read-timeout': '5',
      'max-worker-connections': '1024',
      'limit-rate': '10',
      'http-snippet': 'limit_conn_zone $server_name zone=a:1m; limit_conn a 10;',
    }
    assert.deepEqual(lines('ingress-nginx', '', { values }), [
      'body 4194304 -> 413',
      'timeout headers 10 -> 408',
      'timeout body 60 -> 408 default',
      'timeout idle -1 INERT breaks-configuration',
      'timeout backend 5 -> 504',
      'bandwidth 10240 INERT unused-by-engine',
      'connections 1024 by worker process',
      'connections unknown by a snippet UNKNOWN the meaning of a snippet',
    ])
    assert.match(
      lines('ingress-nginx', '', { values: { 'max-worker-connections': '0' } }).at(-1) ?? '',
      /UNKNOWN the limit of open files/,
    )
  })
})
