import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ingress, lines } from './dialects.testing.ts'

describe('OpenShift', () => {
  const route = (all: Readonly<Record<string, string>>, termination?: string): readonly string[] => {
    const annotations = Object.fromEntries(
      Object.entries(all).map(([name, value]) => [`haproxy.router.openshift.io/${name}`, value]),
    )
    const object = JSON.parse(ingress(annotations, 'Route', 'route.openshift.io/v1')) as object
    return lines('openshift', JSON.stringify({ ...object, spec: { tls: { termination } } }))
  }
  const ON = { 'rate-limit-connections': 'true' }

  test('the N-th of ten seconds is refused', () => {
    assert.deepEqual(route({ ...ON, 'rate-limit-connections.rate-http': '100' }), [
      'requests sliding-window 99/10s by client address',
    ])
    assert.deepEqual(
      route({ ...ON, 'rate-limit-connections.concurrent-tcp': '10', 'rate-limit-connections.rate-tcp': '5' }),
      ['connections 9 by client address', 'requests sliding-window 4/3s by client address only new connections'],
    )
  })

  test('nothing counts without the switch, and no requests where TLS passes through', () => {
    const rate = { 'rate-limit-connections.rate-http': '100' }
    assert.match(route(rate)[0] ?? '', /INERT ignored-value$/)
    assert.match(route({ ...rate, 'rate-limit-connections': 'yes' })[0] ?? '', /INERT ignored-value$/)
    assert.match(route({ ...ON, ...rate }, 'passthrough')[0] ?? '', /INERT unused-by-engine$/)
    assert.match(route({ ...ON, 'rate-limit-connections.rate-http': 'x' })[0] ?? '', /INERT ignored-value$/)
  })

  test('times and connections', () => {
    assert.deepEqual(route({ timeout: '5s', 'pod-concurrent-connections': '8' }), [
      'timeout backend 5 -> 504',
      'connections 8 by backend pod',
    ])
    assert.deepEqual(
      lines('openshift', '', {
        values: {
          slowloris_timeout: '5s',
          'tuningOptions.serverTimeout': '1m0s',
          'tuningOptions.maxConnections': '-1',
        },
      }),
      [
        'timeout headers 5 -> 408',
        'timeout body 30 -> 408 default',
        'timeout idle 300 default',
        'timeout backend 60 -> 504',
        'connections by all clients INERT unlimited',
      ],
    )
  })
})
