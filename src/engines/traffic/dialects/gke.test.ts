import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Product } from './dialect.ts'
import { lines } from './dialects.testing.ts'

const read = (product: Product, apiVersion: string, kind: string, spec: unknown): readonly string[] =>
  lines(product, JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec }))

describe('GKE', () => {
  test('policies of Cloud Armor limit outside, and nobody here says how', () => {
    assert.deepEqual(
      read('gke', 'cloud.google.com/v1', 'BackendConfig', { securityPolicy: { name: 'edge' }, timeoutSec: 40 }),
      [
        'requests unknown by Cloud Armor policy edge outside UNKNOWN the rules of the Cloud Armor policy',
        'timeout backend 40 -> 504 outside',
      ],
    )
    assert.deepEqual(
      read('gke', 'networking.gke.io/v1', 'GCPBackendPolicy', {
        default: { securityPolicy: 'edge', timeoutSec: 0, maxRatePerEndpoint: 100 },
      }),
      [
        'requests unknown by Cloud Armor policy edge outside UNKNOWN the rules of the Cloud Armor policy',
        'timeout backend 0 -> 504 outside INERT refused-object',
        'requests unknown 100/1s by endpoint outside INERT unused-by-engine',
      ],
    )
  })

  test('an empty name takes the policy away', () => {
    assert.match(
      read('gke', 'cloud.google.com/v1', 'BackendConfig', { securityPolicy: { name: '' } })[0] ?? '',
      /INERT unlimited$/,
    )
    assert.deepEqual(read('gke', 'cloud.google.com/v1', 'BackendConfig', { securityPolicy: null }), [])
    assert.match(
      read('gke', 'cloud.google.com/v1', 'BackendConfig', { securityPolicy: { name: 5 } })[0] ?? '',
      /INERT refused-object$/,
    )
  })

  test('times of an HTTPRoute are not taken', () => {
    const rules = [{ timeouts: { request: '10s' } }]
    assert.match(
      read('gke', 'gateway.networking.k8s.io/v1', 'HTTPRoute', { rules })[0] ?? '',
      /INERT unused-by-engine$/,
    )
    assert.deepEqual(lines('gke', ''), ['timeout backend 30 -> 504 outside default'])
  })
})
