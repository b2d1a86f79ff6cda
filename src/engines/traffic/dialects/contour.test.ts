import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { found, ingress, line, lines, type Said } from './dialects.testing.ts'

const proxy = (spec: unknown): string =>
  JSON.stringify({ apiVersion: 'projectcontour.io/v1', kind: 'HTTPProxy', metadata: { name: 'p' }, spec })
const local = (rest: object): readonly string[] =>
  lines('contour', proxy({ routes: [{ rateLimitPolicy: { local: { requests: 10, unit: 'second', ...rest } } }] }))

describe('Contour', () => {
  test('a local limit: requests and burst in one bucket, for all clients', () => {
    assert.deepEqual(local({}), ['requests token-bucket 10/1s +9 by all clients -> 429'])
    assert.deepEqual(local({ unit: 'hour', burst: 20, responseStatusCode: 503 }), [
      'requests token-bucket 10/3600s +29 by all clients -> 503',
    ])
    for (const wrong of [
      { requests: 0 },
      { unit: 'day' },
      { burst: -1 },
      { responseStatusCode: 200 },
      { requests: '10' },
    ])
      assert.match(local(wrong)[0] ?? '', /INERT refused-object$/, JSON.stringify(wrong))
  })

  test('each limit stands at the part that it is for', () => {
    const spec = {
      virtualhost: { rateLimitPolicy: { local: { requests: 1, unit: 'minute' } } },
      routes: [
        {},
        { timeoutPolicy: { response: '5s', idle: 'infinity' } },
        { timeoutPolicy: { response: 'soon' } },
        { timeoutPolicy: { response: '0' } },
      ],
    }
    const limits = found('contour', proxy(spec))
    assert.deepEqual(
      limits.map((each) => `${each.because[0]?.path?.slice(1, 3).join('.')} ${line(each)}`),
      [
        'virtualhost.rateLimitPolicy requests token-bucket 1/60s by all clients -> 429',
        'routes.1 timeout backend 5 -> 504',
        'routes.1 timeout body -> 408 INERT unlimited',
        'routes.2 timeout backend -> 504 INERT refused-object',
        'routes.3 timeout backend 0 -> 504 INERT ignored-value',
      ],
    )
  })

  test('global limits are those of the rate limit service, where there is one', () => {
    const descriptors = [
      { entries: [{ remoteAddress: {} }] },
      { entries: [{ genericKey: { value: 'a' } }, { requestHeader: { headerName: 'X-Key' } }] },
    ]
    const read = (said: Said) =>
      lines('contour', proxy({ routes: [{ rateLimitPolicy: { global: { descriptors } } }] }), said)
    assert.deepEqual(read({ values: { 'rateLimitService.extensionService': 'a/b' } }), [
      'requests fixed-window by client address -> 429 global UNKNOWN the limits of the rate limit service',
      'requests fixed-window by header X-Key -> 429 global UNKNOWN the limits of the rate limit service',
    ])
    for (const each of read({})) assert.match(each, /INERT ignored-value$/)
    assert.deepEqual(
      lines('contour', proxy({ routes: [{ rateLimitPolicy: { global: { disabled: true, descriptors } } }] })),
      [],
    )
  })

  test('annotations of a Service', () => {
    const read = (value: string) =>
      lines('contour', ingress({ 'projectcontour.io/max-connections': value }, 'Service', 'v1'))[0]
    assert.equal(read('10'), 'connections 10 by all clients -> 503')
    assert.match(read('0') ?? '', /INERT ignored-value$/)
    assert.match(read('many') ?? '', /INERT ignored-value$/)
  })

  test('settings, of ContourConfiguration or contour.yaml', () => {
    assert.deepEqual(lines('contour', ''), [
      'timeout body 300 -> 408 default',
      'timeout idle 60 default',
      'connections 1024 by all clients -> 503 default',
    ])
    const values = {
      'envoy.listener.maxConnectionsPerListener': '100',
      'timeouts.request-timeout': '10s',
      'timeouts.stream-idle-timeout': 'infinity',
    }
    assert.deepEqual(lines('contour', '', { values }).slice(0, 4), [
      'connections 100 by all clients',
      'timeout request 10 -> 408',
      'timeout body -> 408 INERT unlimited',
      'timeout idle 60 default',
    ])
  })
})
