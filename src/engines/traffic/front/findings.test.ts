import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../../engine.ts'
import { frontFindings } from './findings.ts'
import { SHIPPED_RANGES } from './ranges.ts'
import { cloudflared, externalDns, knownCluster, nginx, nodeAt, site } from './testing.ts'

const HOST = 'shop.example.com'
const NEW = { 'external-dns.kubernetes.io/cloudflare-proxied': 'true' }
const OLD = { 'external-dns.alpha.kubernetes.io/cloudflare-proxied': 'true' }
const cloudflare = SHIPPED_RANGES.get('cloudflare')?.cidrs ?? []
const held = (cidrs: readonly string[]): string =>
  `type: LoadBalancer, loadBalancerSourceRanges: ${JSON.stringify(cidrs)}`

function findings(...texts: readonly string[]): readonly Finding[] {
  const { cluster, known } = knownCluster(...texts)
  return [...frontFindings(cluster, known)]
}
const checks = (...texts: readonly string[]): readonly string[] =>
  findings(...texts).map(({ check, object }) => `${check} ${object.name}`)

test('an origin beside a CDN is told once for the door, with its hosts', () => {
  const found = findings(
    nginx(),
    ...['a', 'b', 'c', 'd'].map((name) => site(`${name}.example.com`, NEW, name)),
    externalDns('v0.22.0'),
  )
  assert.equal(found.length, 1)
  const [only] = found
  assert.equal(only?.check, 'origin-open-beside-cdn')
  assert.equal(only?.object.name, 'nginx')
  assert.equal(
    only?.message,
    'lets anyone reach a.example.com, b.example.com, c.example.com and 1 more without Cloudflare',
  )
  assert.ok((only?.because.length ?? 0) >= 2)
})

test('nobody in front, a locked origin and one that only others close are no findings', () => {
  assert.deepEqual(checks(nginx(), site(HOST)), [])
  assert.deepEqual(checks(nginx(held(cloudflare)), site(HOST, NEW), externalDns('v0.22.0'), nodeAt('10.0.0.4')), [])
  assert.deepEqual(checks(nginx(held(cloudflare)), site(HOST, NEW), externalDns('v0.22.0')), [])
  const tunnel = cloudflared({ [HOST]: 'http://nginx.edge:80' })
  assert.deepEqual(checks(nginx('type: ClusterIP'), site(HOST), tunnel), [])
})

test('a load balancer beside a tunnel', () => {
  const tunnel = cloudflared({ [HOST]: 'http://nginx.edge:80' })
  assert.deepEqual(checks(nginx(), site(HOST), tunnel), ['tunnel-with-load-balancer nginx'])
})

test('an annotation under a prefix that external-dns reads no more', () => {
  const unread = (version: string, ...args: readonly string[]): readonly string[] =>
    checks(nginx(), site(HOST, OLD), externalDns(version, ...args)).filter((each) => each.startsWith('proxied'))
  assert.deepEqual(unread('v0.22.0'), ['proxied-annotation-unread web'])
  assert.deepEqual(unread('v1.0.0'), ['proxied-annotation-unread web'])
  assert.deepEqual(unread('v0.21.0'), [])
  assert.deepEqual(unread('latest'), [])
  assert.deepEqual(unread('v0.22.0', '--annotation-prefix=external-dns.alpha.kubernetes.io/'), [])
  assert.deepEqual(checks(nginx(), site(HOST, NEW), externalDns('v0.21.0')), ['proxied-annotation-unread web'])
})

test('an allowlist of a CDN behind real-IP shuts everyone out; without real-IP it is right', () => {
  const list = { 'nginx.ingress.kubernetes.io/whitelist-source-range': '104.16.0.0/13,173.245.48.0/20' }
  const found = (settings: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>> = list) =>
    checks(nginx('type: LoadBalancer', settings), site(HOST, annotations)).filter((each) =>
      each.startsWith('allowlist'),
    )
  assert.deepEqual(found({ 'use-forwarded-headers': 'true' }), ['allowlist-after-real-ip web'])
  assert.deepEqual(found({ 'enable-real-ip': 'true' }), ['allowlist-after-real-ip web'])
  assert.deepEqual(found({ 'use-forwarded-headers': 'false' }), [])
  assert.deepEqual(found({}), [])
  const office = { 'nginx.ingress.kubernetes.io/whitelist-source-range': '198.51.100.0/24' }
  assert.deepEqual(found({ 'use-forwarded-headers': 'true' }, office), [])
  const both = { 'nginx.ingress.kubernetes.io/whitelist-source-range': '104.16.0.0/13,198.51.100.0/24' }
  assert.deepEqual(found({ 'use-forwarded-headers': 'true' }, both), [])
})

test('a copied list that lacks a range, of a load balancer and of a controller', () => {
  const found = findings(
    nginx(held(cloudflare.slice(1)), { 'proxy-real-ip-cidr': cloudflare.slice(2).join(',') }),
    site(HOST),
    nodeAt('10.0.0.4'),
  ).filter(({ check }) => check === 'ranges-outdated')
  assert.deepEqual(
    found.map(({ object, message }) => [object.kind, message.slice(0, 50)]),
    [
      ['Service', 'lacks 103.21.244.0/22 of the ranges of Cloudflare '],
      ['ConfigMap', 'lacks 103.21.244.0/22, 103.22.200.0/22 of the rang'],
    ],
  )
})
