import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Product } from './dialect.ts'
import { ingress, lines } from './dialects.testing.ts'

const read = (product: Product, apiVersion: string, kind: string, spec: unknown): readonly string[] =>
  lines(product, JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec }))

describe('Azure', () => {
  test('policies and times of Application Gateway', () => {
    const at = (name: string, value: string) =>
      lines('azure', ingress({ [`appgw.ingress.kubernetes.io/${name}`]: value }))[0] ?? ''
    assert.match(at('waf-policy-for-path', '/subscriptions/a'), /UNKNOWN the rules of the WAF policy$/)
    assert.equal(at('request-timeout', '20'), 'timeout backend 20 -> 504 outside')
    assert.match(at('request-timeout', 'soon'), /INERT ignored-value$/)
    assert.match(
      read('azure', 'alb.networking.azure.io/v1', 'WebApplicationFirewallPolicy', {
        webApplicationFirewall: { id: '/subscriptions/a' },
      })[0] ?? '',
      /UNKNOWN/,
    )
    assert.deepEqual(lines('azure', ''), ['timeout backend 30 -> 504 outside default'])
  })
})
