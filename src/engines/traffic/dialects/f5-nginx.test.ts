import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ingress, lines, type Said } from './dialects.testing.ts'

function policy(rateLimit: Readonly<Record<string, unknown>>): readonly string[] {
  const object = { apiVersion: 'k8s.nginx.org/v1', kind: 'Policy', metadata: { name: 'p' }, spec: { rateLimit } }
  return lines('f5-nginx', JSON.stringify(object))
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of nginx
const WHOLE = { rate: '10r/s', key: '${binary_remote_addr}', zoneSize: '10M' }

describe('NGINX Ingress Controller (F5)', () => {
  test('a Policy: the burst waits, but with noDelay; 503 unless it says another', () => {
    assert.deepEqual(policy(WHOLE), ['requests leaky-bucket 10/1s by client address -> 503'])
    assert.deepEqual(policy({ ...WHOLE, rate: '600r/m', burst: 20 }), [
      'requests leaky-bucket 600/60s +20 (0 undelayed) by client address -> 503',
    ])
    assert.deepEqual(policy({ ...WHOLE, burst: 20, delay: 8, rejectCode: 429 }), [
      'requests leaky-bucket 10/1s +20 (8 undelayed) by client address -> 429',
    ])
    assert.deepEqual(policy({ ...WHOLE, burst: 20, delay: 8, noDelay: true }), [
      'requests leaky-bucket 10/1s +20 by client address -> 503',
    ])
  })

  test('scale divides by the replicas, dryRun refuses nobody, a condition picks requests', () => {
    assert.deepEqual(policy({ ...WHOLE, scale: true }), ['requests leaky-bucket 10/1s by client address -> 503 shared'])
    assert.deepEqual(policy({ ...WHOLE, dryRun: true }), [
      'requests leaky-bucket 10/1s by client address -> 503 shadow',
    ])
    assert.match(
      policy({ ...WHOLE, condition: { jwt: { claim: 'a', match: 'b' } } })[0] ?? '',
      /only requests of its condition$/,
    )
  })

  test('rate, key and zoneSize come together, and each must be one', () => {
    const wrong = [
      { rate: '10' },
      { rate: '0r/s' },
      { rate: 10 },
      { key: '' },
      { key: undefined },
      { zoneSize: undefined },
      { zoneSize: '10G' },
      { burst: 0 },
      { delay: -1 },
      { rejectCode: 200 },
    ]
    for (const each of wrong)
      assert.match(policy({ ...WHOLE, ...each })[0] ?? '', /INERT refused-object$/, JSON.stringify(each))
  })

  test('a key that is no variable is one for all', () => {
    assert.deepEqual(policy({ ...WHOLE, key: 'all' }), ['requests leaky-bucket 10/1s by all clients -> 503'])
  })

  test('annotations: the key is the client, and the code 429', () => {
    const read = (all: Readonly<Record<string, string>>) =>
      lines(
        'f5-nginx',
        ingress(Object.fromEntries(Object.entries(all).map(([name, value]) => [`nginx.org/${name}`, value]))),
      )
    assert.deepEqual(read({ 'limit-req-rate': '5r/s' }), ['requests leaky-bucket 5/1s by client address -> 429'])
    assert.deepEqual(
      read({
        'limit-req-rate': '5r/s',
        'limit-req-burst': '10',
        'limit-req-no-delay': 'true',
        'limit-req-reject-code': '503',
        'limit-req-scale': 'true',
        'limit-req-dry-run': 'true',
        'limit-req-key': '$request_uri',
      }),
      ['requests leaky-bucket 5/1s +10 by $request_uri -> 503 shared shadow'],
    )
    assert.deepEqual(read({ 'limit-req-burst': '10' }), [])
    assert.match(read({ 'limit-req-rate': '5r/h' })[0] ?? '', /INERT refused-object$/)
    assert.match(read({ 'limit-req-rate': '5r/s', 'limit-req-burst': 'many' })[0] ?? '', /INERT refused-object$/)
    assert.deepEqual(read({ 'client-max-body-size': '4m', 'proxy-read-timeout': '1m', 'max-conns': '16' }), [
      'body 4194304 -> 413',
      'timeout backend 60 -> 504',
      'connections 16 by backend pod -> 502',
    ])
    assert.deepEqual(read({ 'client-max-body-size': '0', 'max-conns': '0' }), [
      'body 0 -> 413 INERT unlimited',
      'connections 0 by backend pod -> 502 INERT unlimited',
    ])
    const refused = read({ 'client-max-body-size': '4mb', 'limit-req-rate': '5r/s' })
    assert.ok(refused.length === 2 && refused.every((each) => each.endsWith('INERT refused-object')))
    assert.match(read({ 'server-snippets': 'limit_conn perip 5;' })[0] ?? '', /UNKNOWN the meaning of a snippet$/)
    assert.deepEqual(lines('f5-nginx', ingress({ 'nginx.ingress.kubernetes.io/limit-rps': '5' })), [])
  })

  test('upstreams of a VirtualServer, each at its path', () => {
    const spec = {
      upstreams: [
        { name: 'a', 'client-max-body-size': '2m' },
        { name: 'b', 'read-timeout': '20s', 'max-conns': 32 },
        { name: 'c', 'client-max-body-size': 'big', 'max-conns': -1 },
      ],
      routes: [{ path: '/', 'location-snippets': 'limit_rate 10k;' }],
    }
    const object = { apiVersion: 'k8s.nginx.org/v1', kind: 'VirtualServer', metadata: { name: 'v' }, spec }
    assert.deepEqual(lines('f5-nginx', JSON.stringify(object)), [
      'body 2097152 -> 413',
      'timeout backend 20 -> 504',
      'connections 32 by backend pod -> 502',
      'body -> 413 INERT refused-object',
      'connections -1 by backend pod -> 502 INERT refused-object',
      'bandwidth unknown by a snippet UNKNOWN the meaning of a snippet',
    ])
  })

  test('ConfigMap and defaults', () => {
    const read = (values: Said['values']) => lines('f5-nginx', '', { values: values ?? {} })
    assert.deepEqual(read({}), [
      'body 1048576 -> 413 default',
      'timeout headers 60 -> 408 default',
      'timeout body 60 -> 408 default',
      'timeout idle 75 default',
      'timeout backend 60 -> 504 default',
    ])
    assert.deepEqual(read({ 'client-max-body-size': '8m', 'proxy-read-timeout': '1m' }).slice(0, 1), [
      'body 8388608 -> 413',
    ])
    assert.deepEqual(read({ 'client-max-body-size': '0' }).slice(0, 1), ['body 0 -> 413 INERT unlimited'])
    assert.deepEqual(read({ 'client-max-body-size': 'x' }).slice(0, 1), ['body 1048576 -> 413 default'])
  })
})
