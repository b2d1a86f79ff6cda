import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frontsIn, nginx, site } from '../../engines/traffic/front/testing.ts'
import { rateLimitTerraform } from './terraform.ts'

const PROXIED = { 'external-dns.kubernetes.io/cloudflare-proxied': 'true' }
const LIMITED = { ...PROXIED, 'nginx.ingress.kubernetes.io/limit-rps': '10' }

function written(host: string, annotations: Readonly<Record<string, string>>): string | undefined {
  return rateLimitTerraform([...frontsIn([nginx(), site(host, annotations)]).values()])
}

test('the limit of a host as a rule of its zone, in a period that Cloudflare has', () => {
  const text = written('shop.example.com', LIMITED) ?? ''
  assert.match(text, /^resource "cloudflare_ruleset" "rate_limits_example_com" \{/)
  assert.match(text, /expression {2}= "http\.host eq \\"shop\.example\.com\\""/)
  assert.match(text, /period {14}= 10\n/)
  // 10 a second for 10 seconds, and the burst of five times the rate that ingress-nginx gives by default.
  assert.match(text, /requests_per_period = 150\n/)
  assert.match(written('*.example.com', LIMITED) ?? '', /ends_with\(http\.host, \\"\.example\.com\\"\)/)
})

test('nothing of hosts without Cloudflare, without a limit per client, or with a name that is no host’s', () => {
  assert.equal(written('shop.example.com', { 'nginx.ingress.kubernetes.io/limit-rps': '10' }), undefined)
  assert.equal(written('shop.example.com', PROXIED), undefined)
  assert.equal(written('a"\n}resource', LIMITED), undefined)
  assert.equal(written(['$', '{file("x")}.com'].join(''), LIMITED), undefined)
})
