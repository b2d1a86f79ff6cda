import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lines } from './dialects.testing.ts'

const read = (kind: string, spec: unknown): readonly string[] =>
  lines(
    'nginx-gateway-fabric',
    JSON.stringify({ apiVersion: 'gateway.nginx.org/v1alpha1', kind, metadata: { name: 'p' }, spec }),
  )
const rule = (each: unknown): readonly string[] => read('RateLimitPolicy', { rateLimit: { local: { rules: [each] } } })

test('RateLimitPolicy: each rule a limit_req in each pod', () => {
  assert.deepEqual(rule({ rate: '1r/s', key: '$binary_remote_addr', burst: 3, zoneSize: '10m' }), [
    'requests leaky-bucket 1/1s +3 (0 undelayed) by client address -> 503',
  ])
  assert.deepEqual(
    rule({ rate: '60r/m', key: '$binary_remote_addr', burst: 3, noDelay: true, rejectCode: 429, dryRun: true }),
    ['requests leaky-bucket 60/60s +3 by client address -> 429 shadow'],
  )
  assert.match(rule({ rate: '1', key: 'a' })[0] ?? '', /INERT refused-object$/)
  assert.match(rule({ rate: '1r/s' })[0] ?? '', /INERT refused-object$/)
  assert.match(rule({ rate: '1r/s', key: 'a', rejectCode: 200 })[0] ?? '', /INERT refused-object$/)
  assert.match(rule({ rate: '1r/s', key: 'a', burst: 0 })[0] ?? '', /INERT breaks-configuration$/)
  assert.deepEqual(read('RateLimitPolicy', {}), [])
})

test('ClientSettingsPolicy and ProxySettingsPolicy: sizes and times', () => {
  assert.deepEqual(
    read('ClientSettingsPolicy', {
      body: { maxSize: '10m', timeout: '30s' },
      keepAlive: { timeout: { server: '1m' } },
    }),
    ['body 10485760 -> 413', 'timeout body 30 -> 408', 'timeout idle 60'],
  )
  assert.deepEqual(read('ClientSettingsPolicy', { body: { maxSize: '0' } }), ['body 0 -> 413 INERT unlimited'])
  assert.deepEqual(read('ClientSettingsPolicy', { body: { maxSize: 'big', timeout: 5 } }), [
    'body -> 413 INERT refused-object',
    'timeout body -> 408 INERT refused-object',
  ])
  assert.deepEqual(read('ProxySettingsPolicy', { timeout: { read: '5s' } }), ['timeout backend 5 -> 504'])
})

test('defaults are nginx’s own', () => {
  assert.deepEqual(lines('nginx-gateway-fabric', '').slice(0, 2), [
    'body 1048576 -> 413 default',
    'timeout headers 60 -> 408 default',
  ])
})
