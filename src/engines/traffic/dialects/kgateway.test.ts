import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Product } from './dialect.ts'
import { lines } from './dialects.testing.ts'

const read = (product: Product, apiVersion: string, kind: string, spec: unknown): readonly string[] =>
  lines(product, JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec }))

describe('kgateway', () => {
  const policy = (spec: unknown): readonly string[] =>
    read('kgateway', 'gateway.kgateway.dev/v1alpha1', 'TrafficPolicy', spec)
  const local = (rest: object): string =>
    policy({
      rateLimit: { local: { tokenBucket: { maxTokens: 10, tokensPerFill: 5, fillInterval: '1s' }, ...rest } },
    })[0] ?? ''

  test('a local limit is for all clients of a proxy', () => {
    assert.equal(local({}), 'requests token-bucket 5/1s +9 by all clients -> 429')
    assert.equal(local({ percentEnforced: 0 }), 'requests token-bucket 5/1s +9 by all clients -> 429 shadow')
    assert.match(local({ percentEnabled: 0 }), /INERT ignored-value$/)
    assert.match(local({ percentEnabled: 50 }), /only 50 % of requests$/)
    assert.match(local({ tokenBucket: undefined }), /INERT unlimited$/)
    assert.match(local({ tokenBucket: { maxTokens: 10, fillInterval: '10ms' } }), /INERT refused-object$/)
    assert.match(local({ tokenBucket: { maxTokens: 0, fillInterval: '1s' } }), /INERT refused-object$/)
  })

  test('global limits, bodies, times', () => {
    const spec = {
      rateLimit: { global: { descriptors: [{}] } },
      buffer: { maxRequestSize: '1Mi' },
      timeouts: { request: '5s', streamIdle: '1m' },
    }
    assert.deepEqual(policy(spec), [
      'requests unknown by descriptors global UNKNOWN the limits of the rate limit service',
      'body 1048576 -> 413',
      'timeout backend 5 -> 504',
      'timeout body 60 -> 408',
    ])
    assert.match(policy({ buffer: { maxRequestSize: '4Gi' } })[0] ?? '', /INERT refused-object$/)
    assert.equal(lines('kgateway', '').length, 2)
  })
})
