import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ingress, lines, type Said } from './dialects.testing.ts'

const prefixed = (prefix: string, all: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [`${prefix}/${name}`, value]))

describe('HAProxy Technologies', () => {
  const read = (all: Readonly<Record<string, string>>, said: Said = {}, kind = 'Ingress'): readonly string[] =>
    lines('haproxy', ingress(prefixed('haproxy.org', all), kind, kind === 'Ingress' ? undefined : 'v1'), said)

  test('requests of a second, refused with 403', () => {
    assert.deepEqual(read({ 'rate-limit-requests': '100' }), [
      'requests sliding-window 100/1s by client address -> 403',
    ])
    assert.deepEqual(
      read({
        'rate-limit-requests': '600',
        'rate-limit-period': '1m',
        'rate-limit-status-code': '429',
        'rate-limit-whitelist': '10.0.0.0/8, 1.2.3.4',
      }),
      ['requests sliding-window 600/60s by client address -> 429 not 10.0.0.0/8 1.2.3.4'],
    )
  })

  test('the ConfigMap fills what the Ingress leaves out, and the other way round', () => {
    const values = { 'rate-limit-requests': '50', 'rate-limit-period': '10s' }
    assert.deepEqual(read({ 'rate-limit-requests': '5' }, { values }), [
      'requests sliding-window 5/10s by client address -> 403',
    ])
    assert.deepEqual(read({ 'rate-limit-period': '1m' }, { values }), [
      'requests sliding-window 50/60s by client address -> 403',
    ])
    assert.deepEqual(read({}, { values }), [])
    assert.deepEqual(read({ 'rate-limit-period': '1m' }), [])
    assert.deepEqual(lines('haproxy', '', { values })[0], 'requests sliding-window 50/10s by client address -> 403')
  })

  test('what is no limit', () => {
    assert.match(read({ 'rate-limit-requests': 'many' })[0] ?? '', /INERT ignored-value$/)
    assert.deepEqual(read({ 'rate-limit-requests': '-5' }), ['requests sliding-window 0/1s by client address -> 403'])
    assert.match(read({ 'rate-limit-requests': '0' })[0] ?? '', /INERT unlimited$/)
    assert.match(read({ 'rate-limit-requests': '5', 'rate-limit-period': 'soon' })[0] ?? '', /INERT ignored-value$/)
    assert.match(
      read({ 'rate-limit-requests': '5', 'rate-limit-whitelist': '0.0.0.0/0' })[0] ?? '',
      /INERT exempts-everyone$/,
    )
    assert.match(
      read({ 'rate-limit-requests': '5', 'rate-limit-whitelist': 'patterns/ips' })[0] ?? '',
      /UNKNOWN whom the patterns/,
    )
  })

  test('connections to pods are shared by the replicas; also of a Service', () => {
    assert.deepEqual(read({ 'pod-maxconn': '30', 'timeout-server': '10s' }, {}, 'Service'), [
      'connections 30 by backend pod shared',
      'timeout backend 10 -> 504',
    ])
    assert.match(read({ 'pod-maxconn': 'x' })[0] ?? '', /INERT ignored-value$/)
  })

  test('defaults and ConfigMap', () => {
    assert.deepEqual(lines('haproxy', ''), [
      'timeout headers 5 -> 408 default',
      'timeout idle 60 default',
      'timeout backend 50 -> 504 default',
    ])
    assert.deepEqual(lines('haproxy', '', { values: { maxconn: '2000', 'timeout-http-request': '10s' } }), [
      'timeout headers 10 -> 408',
      'timeout idle 60 default',
      'timeout backend 50 -> 504 default',
      'connections 2000 by all clients',
    ])
  })
})
