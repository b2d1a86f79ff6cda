import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Product } from './dialect.ts'
import { lines } from './dialects.testing.ts'

const read = (product: Product, apiVersion: string, kind: string, spec: unknown): readonly string[] =>
  lines(product, JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec }))

describe('Cilium', () => {
  test('Envoy’s configuration in a CiliumEnvoyConfig', () => {
    const all = { default_value: { numerator: 100 } }
    const token_bucket = { max_tokens: 10, tokens_per_fill: 10, fill_interval: '1s' }
    const descriptors = [{ entries: [{ key: 'remote_address' }], token_bucket }]
    const config = { token_bucket, filter_enabled: all, filter_enforced: all, descriptors, rate_limits: [{}] }
    assert.deepEqual(
      read('cilium', 'cilium.io/v2', 'CiliumEnvoyConfig', {
        resources: [{ http_filters: [{ typed_config: config }] }],
      }),
      [
        'requests token-bucket 10/1s +9 by all clients -> 429',
        'requests token-bucket 10/1s +9 by client address -> 429 UNKNOWN the version (Envoy counts by values of descriptors since 1.34)',
      ],
    )
    assert.deepEqual(lines('cilium', ''), ['timeout idle 60 default', 'connections 1024 by all clients -> 503 default'])
  })
})
