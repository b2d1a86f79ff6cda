import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Product } from './dialect.ts'
import { lines } from './dialects.testing.ts'

const read = (product: Product, apiVersion: string, kind: string, spec: unknown): readonly string[] =>
  lines(product, JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec }))

describe('Linkerd', () => {
  const policy = (spec: unknown): readonly string[] =>
    read('linkerd', 'policy.linkerd.io/v1alpha1', 'HTTPLocalRateLimitPolicy', spec)

  test('in total, by identity, and for some', () => {
    assert.deepEqual(
      policy({
        total: { requestsPerSecond: 100 },
        identity: { requestsPerSecond: 20 },
        overrides: [{ requestsPerSecond: 50, clientRefs: [] }],
      }),
      [
        'requests token-bucket 100/1s +99 by all clients -> 429',
        'requests token-bucket 20/1s +19 by mTLS identity -> 429',
        'requests token-bucket 50/1s +49 by mTLS identity -> 429 only the clients that it names',
      ],
    )
    assert.match(policy({ total: { requestsPerSecond: 0 } })[0] ?? '', /INERT unlimited$/)
    assert.match(policy({ total: { requestsPerSecond: '5' } })[0] ?? '', /INERT refused-object$/)
    assert.deepEqual(policy({}), [])
  })
})
