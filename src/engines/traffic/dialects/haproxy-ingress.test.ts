import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ingress, lines, type Said } from './dialects.testing.ts'

const prefixed = (prefix: string, all: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [`${prefix}/${name}`, value]))

describe('HAProxy Ingress (jcmoraisjr)', () => {
  const read = (
    all: Readonly<Record<string, string>>,
    prefix = 'haproxy-ingress.github.io',
    said: Said = {},
  ): readonly string[] => lines('haproxy-ingress', ingress(prefixed(prefix, all)), said)

  test('requests and connections by source address', () => {
    const both = [
      'requests sliding-window 10/1s by client address -> 429 not 10.0.0.0/8',
      'connections 5 by client address -> 429 not 10.0.0.0/8',
    ]
    assert.deepEqual(
      read({ 'limit-rps': '10', 'limit-connections': '5', 'limit-whitelist': '10.0.0.0/8, office' }),
      both,
    )
    assert.deepEqual(
      read({ 'limit-rps': '10', 'limit-connections': '5', 'limit-whitelist': '10.0.0.0/8' }, 'ingress.kubernetes.io'),
      both,
    )
    assert.deepEqual(read({ 'limit-rps': '10' }, 'nginx.ingress.kubernetes.io'), [])
    assert.deepEqual(read({ 'limit-rps': '10' }, 'own.io', { flags: { 'annotations-prefix': 'own.io' } }).length, 1)
  })

  test('what is no limit', () => {
    assert.match(read({ 'limit-rps': '0' })[0] ?? '', /INERT unlimited$/)
    assert.match(read({ 'limit-rps': '10r/s' })[0] ?? '', /INERT ignored-value$/)
    assert.deepEqual(read({ 'limit-rps': '-1' }), ['requests sliding-window 0/1s by client address -> 429'])
    assert.match(read({ 'limit-rps': '1', 'limit-whitelist': '0.0.0.0/0' })[0] ?? '', /INERT exempts-everyone$/)
  })

  test('sizes are of requests that say their length', () => {
    assert.deepEqual(read({ 'proxy-body-size': '4m', 'maxconn-server': '20' }), [
      'body 4194304 -> 413 only requests with Content-Length',
      'connections 20 by backend pod',
    ])
    assert.match(read({ 'proxy-body-size': 'unlimited' })[0] ?? '', /INERT unlimited$/)
    assert.match(read({ 'proxy-body-size': '4mb' })[0] ?? '', /INERT ignored-value$/)
  })

  test('times, connections and defaults', () => {
    assert.deepEqual(read({ 'timeout-http-request': '2s', 'timeout-server': 'x' }), [
      'timeout headers 2 -> 408',
      'timeout backend -> 504 INERT ignored-value',
    ])
    assert.deepEqual(lines('haproxy-ingress', '', { values: { 'limit-rps': '7', 'timeout-server': '5s' } }), [
      'requests sliding-window 7/1s by client address -> 429',
      'timeout headers 5 -> 408 default',
      'timeout idle 60 default',
      'timeout backend 5 -> 504',
      'connections 2000 by all clients default',
    ])
  })
})
