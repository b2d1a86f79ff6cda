import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ingress, lines, type Said } from './dialects.testing.ts'

const middleware = (spec: unknown, said: Said = {}, group = 'traefik.io'): readonly string[] =>
  lines(
    'traefik',
    JSON.stringify({ apiVersion: `${group}/v1alpha1`, kind: 'Middleware', metadata: { name: 'm' }, spec }),
    said,
  )

describe('Traefik: Middleware', () => {
  test('rateLimit: a bucket of `burst`, by the peer’s address', () => {
    assert.deepEqual(middleware({ rateLimit: { average: 100, burst: 50 } }), [
      'requests delaying-token-bucket 100/1s +49 by peer address -> 429',
    ])
    assert.deepEqual(middleware({ rateLimit: { average: 6, period: '1m' } }), [
      'requests delaying-token-bucket 6/60s by peer address -> 429',
    ])
    assert.deepEqual(middleware({ rateLimit: { average: 6, period: 10, burst: 0 } }), [
      'requests delaying-token-bucket 6/10s by peer address -> 429',
    ])
  })

  test('rateLimit: what it counts by', () => {
    const by = (sourceCriterion: unknown) => middleware({ rateLimit: { average: 1, sourceCriterion } })[0] ?? ''
    assert.match(by({ ipStrategy: { depth: 2 } }), /by client address -> 429$/)
    assert.match(by({ ipStrategy: { excludedIPs: ['10.0.0.0/8'] } }), /by client address -> 429$/)
    assert.match(by({ ipStrategy: { depth: 1, ipv6Subnet: 64 } }), /by client network \(\/64\) -> 429$/)
    assert.match(by({ ipStrategy: {} }), /by peer address -> 429$/)
    assert.match(by({}), /by peer address -> 429$/)
    assert.match(by({ requestHeaderName: 'X-Api-Key' }), /by header X-Api-Key -> 429$/)
    assert.match(by({ requestHost: true }), /by host -> 429$/)
    assert.match(by({ requestHost: true, requestHeaderName: 'a' }), /INERT refused-object$/)
    assert.match(by({ ipStrategy: { depth: -1 } }), /INERT refused-object$/)
    assert.match(by({ ipStrategy: { excludedIPs: ['office'] } }), /INERT refused-object$/)
    assert.match(by({ ipStrategy: { ipv6Subnet: 200 } }), /INERT refused-object$/)
  })

  test('rateLimit: redis counts for all; 0 is no limit; what Traefik refuses', () => {
    assert.match(
      middleware({ rateLimit: { average: 1, redis: { endpoints: ['redis:6379'] } } })[0] ?? '',
      /-> 429 global$/,
    )
    assert.match(middleware({ rateLimit: { burst: 5 } })[0] ?? '', /INERT unlimited$/)
    assert.match(middleware({ rateLimit: { average: -1 } })[0] ?? '', /INERT refused-object$/)
    assert.match(middleware({ rateLimit: { average: 1, period: 'soon' } })[0] ?? '', /INERT refused-object$/)
    assert.match(middleware({ rateLimit: { average: 1, period: '-1s' } })[0] ?? '', /INERT refused-object$/)
  })

  test('inFlightReq counts by host unless it is told to count by address', () => {
    assert.deepEqual(middleware({ inFlightReq: { amount: 10 } }), ['connections 10 by host -> 429'])
    assert.deepEqual(middleware({ inFlightReq: { amount: 10, sourceCriterion: { ipStrategy: { depth: 1 } } } }), [
      'connections 10 by client address -> 429',
    ])
    assert.match(middleware({ inFlightReq: { amount: -1 } })[0] ?? '', /INERT refused-object$/)
  })

  test('buffering', () => {
    assert.deepEqual(middleware({ buffering: { maxRequestBodyBytes: 2048 } }), ['body 2048 -> 413'])
    assert.deepEqual(middleware({ buffering: { maxRequestBodyBytes: 0 } }), ['body 0 -> 413 INERT unlimited'])
    assert.match(middleware({ buffering: { maxRequestBodyBytes: -1 } })[0] ?? '', /INERT refused-object$/)
  })

  test('traefik.containo.us went with 3.0', () => {
    const rate = { rateLimit: { average: 1 } }
    assert.match(middleware(rate, { version: '3.7.9' }, 'traefik.containo.us')[0] ?? '', /INERT removed-feature$/)
    assert.deepEqual(middleware(rate, { version: '2.11.0' }, 'traefik.containo.us'), [
      'requests delaying-token-bucket 1/1s by peer address -> 429',
    ])
    assert.match(middleware(rate, {}, 'traefik.containo.us')[0] ?? '', /UNKNOWN the version of Traefik/)
  })

  test('other middlewares are no limits', () => {
    assert.deepEqual(middleware({ chain: { middlewares: [{ name: 'a' }] } }), [])
    assert.deepEqual(middleware({ ipAllowList: { sourceRange: ['10.0.0.0/8'] } }), [])
  })
})

describe('Traefik: entry points', () => {
  test('defaults, of requests since 2.11', () => {
    assert.deepEqual(lines('traefik', '', { version: '3.7.9' }), [
      'timeout request 60 -> 408 default',
      'timeout idle 180 default',
    ])
    assert.deepEqual(lines('traefik', '', { version: '2.10.4' }), ['timeout idle 180 default'])
  })

  test('flags and file, whatever the case', () => {
    const flags = {
      'entrypoints.web.transport.respondingtimeouts.readtimeout': '20',
      'entryPoints.web.transport.respondingTimeouts.idleTimeout': '0s',
    }
    assert.deepEqual(lines('traefik', '', { flags }), ['timeout request 20 -> 408', 'timeout idle 0 INERT unlimited'])
    const values = { 'entryPoints.websecure.transport.respondingTimeouts.readTimeout': 'later' }
    assert.match(lines('traefik', '', { values })[0] ?? '', /INERT breaks-configuration$/)
  })
})

describe('Traefik: its ingress-nginx provider', () => {
  const ON: Said = { version: '3.7.9', flags: { 'providers.kubernetesingressnginx': 'true' } }
  const read = (annotations: Readonly<Record<string, string>>, said = ON): readonly string[] =>
    lines(
      'traefik',
      ingress(
        Object.fromEntries(
          Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]),
        ),
      ),
      said,
    )

  test('what it honours, with its own algorithm, key and code', () => {
    assert.deepEqual(
      read({ 'limit-rps': '10', 'limit-rpm': '60', 'limit-connections': '5', 'limit-burst-multiplier': '2' }),
      [
        'requests delaying-token-bucket 10/1s +19 by peer address -> 429',
        'requests delaying-token-bucket 60/60s +119 by peer address -> 429',
        'connections 5 by peer address -> 429',
      ],
    )
    assert.deepEqual(read({ 'limit-rps': '10', 'limit-burst-multiplier': '0' }), [
      'requests delaying-token-bucket 10/1s +49 by peer address -> 429',
    ])
    assert.match(read({ 'limit-rps': 'ten' })[0] ?? '', /INERT ignored-value$/)
    assert.match(read({ 'limit-connections': '0' })[0] ?? '', /INERT ignored-value$/)
  })

  test('what it does not: exemptions, limit-rate, global rate limits', () => {
    assert.deepEqual(read({ 'limit-rps': '10', 'limit-whitelist': '10.0.0.0/8' }), [
      'requests delaying-token-bucket 10/1s +49 by peer address -> 429',
    ])
    for (const name of ['limit-rate', 'global-rate-limit'])
      assert.match(read({ [name]: '10' })[0] ?? '', /INERT unused-by-engine$/, name)
  })

  test('bodies are measured where requests are buffered', () => {
    assert.match(read({ 'proxy-body-size': '8m' })[0] ?? '', /^body 8388608 -> 413 INERT unused-by-engine$/)
    assert.deepEqual(read({ 'proxy-body-size': '8m', 'proxy-request-buffering': 'on' }), ['body 8388608 -> 413'])
    const buffered = { ...ON, flags: { ...ON.flags, 'providers.kubernetesIngressNGINX.proxyRequestBuffering': 'true' } }
    assert.deepEqual(read({ 'proxy-body-size': '8m' }, buffered), ['body 8388608 -> 413'])
    assert.match(
      read({ 'proxy-body-size': '8m', 'proxy-request-buffering': 'off' }, buffered)[0] ?? '',
      /INERT unused-by-engine$/,
    )
    assert.match(read({ 'proxy-body-size': '0' })[0] ?? '', /INERT unlimited$/)
    assert.match(read({ 'proxy-body-size': 'big' })[0] ?? '', /INERT ignored-value$/)
  })

  test('off, or not known to be on', () => {
    assert.match(read({ 'limit-rps': '10' }, { version: '3.7.9' })[0] ?? '', /INERT unused-by-engine$/)
    assert.match(read({ 'limit-rps': '10' }, { ...ON, version: '3.5.0' })[0] ?? '', /INERT unused-by-engine$/)
    assert.match(read({ 'limit-rps': '10' }, { flags: ON.flags ?? {} })[0] ?? '', /UNKNOWN whether/)
    assert.match(read({ 'limit-rps': '10' }, { unseen: true })[0] ?? '', /UNKNOWN whether/)
    assert.deepEqual(read({}, ON), [])
  })
})
