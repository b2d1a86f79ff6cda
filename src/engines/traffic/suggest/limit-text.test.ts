import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Limit } from '../limit.ts'
import { parseLimit } from './limit-text.ts'

const CLIENT = { key: { kind: 'client-address' }, scope: 'replica' } as const

test('one limit in words', () => {
  const cases: Readonly<Record<string, Partial<Limit>>> = {
    'nginx rate=10r/s burst=50 nodelay': {
      kind: 'requests',
      algorithm: 'leaky-bucket',
      rate: 10,
      period: 1,
      burst: 50,
      code: 503,
      ...CLIENT,
    },
    'nginx rate=10r/s burst=50': { burst: 50, undelayed: 0 },
    'nginx rate=600r/m burst=50 delay=8': { rate: 600, period: 60, undelayed: 8 },
    'ingress-nginx rate=10r/s': { burst: 50, code: 503 },
    'envoy-gateway rate=100/m': { algorithm: 'token-bucket', rate: 100, period: 60, burst: 99, code: 429 },
    'envoy rate=5/s burst=20': { rate: 5, burst: 19 },
    'traefik rate=10/s burst=1': { algorithm: 'delaying-token-bucket', burst: 0 },
    'haproxy rate=100/10s code=429': { algorithm: 'sliding-window', rate: 100, period: 10, burst: 0, code: 429 },
    'kong rate=5/h key=/24,/64': {
      algorithm: 'fixed-window',
      period: 3600,
      key: { kind: 'client-address', prefix4: 24, prefix6: 64 },
    },
    'nginx connections=20 key=everyone scope=global': {
      kind: 'connections',
      algorithm: 'concurrent',
      connections: 20,
      key: { kind: 'everyone' },
      scope: 'global',
    },
    'nginx body=1m': { kind: 'body', body: 1_048_576, code: 413 },
    'nginx rate=1r/s exempt=10.0.0.0/8,192.168.0.0/16': { exempt: ['10.0.0.0/8', '192.168.0.0/16'] },
  }
  for (const [text, expected] of Object.entries(cases)) {
    const limit = parseLimit(text)
    assert.ok(typeof limit === 'object', `${text}: ${limit}`)
    assert.deepEqual({ ...limit, ...expected }, limit, text)
  }
})

test('what is none says why', () => {
  for (const text of [
    '',
    'apache rate=1r/s',
    'nginx',
    'nginx rate=x',
    'nginx rate=0r/s',
    'nginx rate=1r/s burst=-1',
    'nginx rate=1r/s burst=x',
    'nginx rate=1r/s rate=2r/s',
    'nginx rate=1r/s connections=1',
    'nginx rate=1r/s code=9',
    'nginx rate=1r/s key=cookie',
    'nginx rate=1r/s scope=x',
    'haproxy rate=1/s burst=5',
    'envoy rate=1/s delay=1',
    'traefik rate=1/s burst=0',
    'nginx body=1x',
    'nginx connections=0',
    'nginx rate=1r/s __proto__=1',
  ])
    assert.equal(typeof parseLimit(text), 'string', text)
})
