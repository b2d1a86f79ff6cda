import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Product } from './dialect.ts'
import { ingress, lines } from './dialects.testing.ts'

const read = (product: Product, apiVersion: string, kind: string, spec: unknown): readonly string[] =>
  lines(product, JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec }))

describe('AWS', () => {
  const alb = (name: string, value: string): string =>
    lines('aws-alb', ingress({ [`alb.ingress.kubernetes.io/${name}`]: value }))[0] ?? ''

  test('a web ACL and Shield stand before the load balancer', () => {
    assert.equal(
      alb('wafv2-acl-arn', 'arn:aws:wafv2:a'),
      'requests unknown by AWS WAF web ACL arn:aws:wafv2:a outside UNKNOWN the rules of the AWS WAF web ACL',
    )
    assert.match(alb('wafv2-acl-arn', 'none'), /INERT unlimited$/)
    assert.match(alb('shield-advanced-protection', 'true'), /UNKNOWN what AWS Shield Advanced does$/)
    assert.match(alb('shield-advanced-protection', 'false'), /INERT unlimited$/)
  })

  test('the idle time', () => {
    assert.equal(
      alb('load-balancer-attributes', 'deletion_protection.enabled=true, idle_timeout.timeout_seconds=600'),
      'timeout idle 600 outside',
    )
    assert.match(alb('load-balancer-attributes', 'idle_timeout.timeout_seconds=9999'), /INERT refused-object$/)
    assert.equal(alb('load-balancer-attributes', 'deletion_protection.enabled=true'), '')
    assert.deepEqual(lines('aws-alb', ''), ['timeout idle 60 outside default'])
  })

  test('a Gateway’s LoadBalancerConfiguration', () => {
    const spec = {
      wafV2: { webACL: 'arn:x' },
      shieldConfiguration: { enabled: true },
      loadBalancerAttributes: [{ key: 'idle_timeout.timeout_seconds', value: '120' }],
    }
    assert.deepEqual(
      read('aws-alb', 'gateway.k8s.aws/v1beta1', 'LoadBalancerConfiguration', spec).map((each) => each.slice(0, 30)),
      ['requests unknown by AWS WAF we', 'requests unknown by AWS Shield', 'timeout idle 120 outside'],
    )
  })
})
