import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { externalDns, nginx, nodeAt, site } from '../engines/traffic/front/testing.ts'
import type { TrafficFront } from '../report/traffic/front.ts'
import type { TrafficOverload } from '../report/traffic/overload.ts'
import { bulkhead, root, testFolder } from './cli.testing.ts'

const folder = testFolder()
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)
const HOST = 'shop.example.com'
const LIMITED = { 'nginx.ingress.kubernetes.io/limit-rps': '10' }
const PROXIED = { ...LIMITED, 'external-dns.kubernetes.io/cloudflare-proxied': 'true' }
const open = folder.write(
  'open.yaml',
  [
    nginx('type: LoadBalancer, externalTrafficPolicy: Local'),
    site(HOST, PROXIED),
    externalDns('v0.22.0'),
    nodeAt('10.0.0.4'),
  ].join('\n---\n'),
)

function logOf(...addresses: readonly string[]): string {
  return addresses
    .map(
      (address, day) =>
        `${address} - - [${String(day * 8 + 1).padStart(2, '0')}/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "x" 100 0.005 [shop-web-80] [] 10.0.0.1:8080 612 0.004 200 a${day}\n`,
    )
    .join('')
}

describe('traffic front', () => {
  test('tells host, who is in front, doors and what to do; JSON as the schema says', () => {
    const { status, stdout } = bulkhead(['traffic', 'front', '-f', open, '-q'])
    assert.equal(status, 0)
    assert.match(stdout, /^Of one host that the internet reaches: all can be reached around/)
    assert.match(stdout, /shop\.example\.com +Cloudflare +open +nginx: anyone +only Cloudflare into nginx/)
    const json = bulkhead(['traffic', 'front', '-f', open, '-q', '-o', 'json'])
    const document = JSON.parse(json.stdout) as TrafficFront
    assert.ok(schema(document), JSON.stringify(schema.errors))
    assert.equal(document.items[0]?.state, 'open')
    assert.ok((document.items[0]?.doors[0]?.because[0]?.line ?? 0) > 0)
    assert.deepEqual(document.items[0]?.fixes, ['origin-real-ip-edge-nginx', 'origin-sources-edge-nginx'])
    const yaml = bulkhead(['traffic', 'front', '-f', open, '-q', '-o', 'yaml'])
    assert.match(yaml.stdout, /^apiVersion: bulkhead\.dev\/v1alpha1\nkind: TrafficFront\n/)
  })

  test('--fix prints a patch or objects, and after them the host is the provider’s', () => {
    const patch = bulkhead(['traffic', 'front', '-f', open, '--fix', '-q']).stdout
    assert.match(patch, /^\+.*loadBalancerSourceRanges/m)
    const objects = bulkhead(['traffic', 'front', '-f', open, '--fix', '-q', '-o', 'yaml']).stdout
    assert.match(objects, /^# resource "cloudflare_ruleset" "rate_limits_example_com"/m)
    const fixed = folder.write('fixed.yaml', objects)
    const after = bulkhead(['traffic', 'front', '-f', open, '-f', fixed, '-q', '-o', 'json']).stdout
    assert.equal((JSON.parse(after) as TrafficFront).items[0]?.state, 'shared-provider')
  })

  test('access logs tell who would be shut out, where they tell the peer', () => {
    const replayed = (log: string, file = open): { status: number | null; replay: TrafficFront['replay'] } => {
      const path = folder.write(`${log.length}-${file.length}.log`, log)
      const ran = bulkhead(['traffic', 'front', '-f', file, '--history', path, '-q', '-o', 'json'])
      const document = JSON.parse(ran.stdout) as TrafficFront
      assert.ok(schema(document), JSON.stringify(schema.errors))
      return { status: ran.status, replay: document.replay }
    }
    const held = replayed(logOf('104.16.0.1', '104.17.0.2'))
    assert.deepEqual([held.status, held.replay?.verdict, held.replay?.seen], [0, 'holds', 2])
    const broken = replayed(logOf('104.16.0.1', '198.51.100.7', '104.16.0.1'))
    assert.deepEqual([broken.status, broken.replay?.verdict], [4, 'breaks'])
    assert.equal(broken.replay?.shutOut[0]?.address, '198.51.100.7')
    const believing = folder.write(
      'believing.yaml',
      [
        nginx('type: LoadBalancer', { 'use-forwarded-headers': 'true' }),
        site(HOST, PROXIED),
        externalDns('v0.22.0'),
      ].join('\n---\n'),
    )
    assert.equal(replayed(logOf('104.16.0.1', '198.51.100.7'), believing).replay?.verdict, 'unknown')
  })

  test('ranges of one’s own replace those shipped; a bad file, or one of the tree, is refused', () => {
    const own = folder.write('ranges/own.yaml', 'cloudflare: {date: "2026-11-20", ranges: [198.51.100.0/24]}\n')
    const { stdout } = bulkhead(['traffic', 'front', '-f', open, '--ranges', own, '--fix', '-q'])
    assert.match(stdout, /198\.51\.100\.0\/24/)
    assert.doesNotMatch(stdout, /104\.16\.0\.0/)
    const bad = folder.write('ranges/bad.yaml', 'cloudflare: [x]\n')
    const refused = bulkhead(['traffic', 'front', '-f', open, '--ranges', bad])
    assert.equal(refused.status, 2)
    assert.match(refused.stderr, /cloudflare\.ranges\[0\] is not a CIDR/)
    assert.equal(bulkhead(['traffic', 'front', '-f', join(folder.path, 'ranges'), '--ranges', own]).status, 2)
    assert.equal(bulkhead(['traffic', 'front', '-f', open, '-o', 'csv']).status, 2)
    assert.equal(bulkhead(['traffic', 'front', '-f', join(folder.path, 'missing.yaml')]).status, 3)
  })

  test('names that a terminal would act on are shown, not sent', () => {
    const evil = folder.write('evil.yaml', [nginx(), site('a\u001b[31m.example.com')].join('\n---\n'))
    assert.ok(!bulkhead(['traffic', 'front', '-f', evil, '-q']).stdout.includes('\u001b'))
    assert.ok(!bulkhead(['traffic', 'overload', '-f', evil, '-q']).stdout.includes('\u001b'))
  })
})

describe('traffic overload', () => {
  test('tells who can exhaust what; JSON as the schema says', () => {
    const file = folder.write('overload.yaml', [nginx(), site(HOST)].join('\n---\n'))
    const { status, stdout } = bulkhead(['traffic', 'overload', '-f', file, '-q'])
    assert.equal(status, 0)
    assert.match(
      stdout,
      /^One client at shop\.example\.com can exhaust the proxy edge\/nginx: 100 % of the availability/,
    )
    const json = bulkhead(['traffic', 'overload', '-f', file, '-q', '-o', 'json'])
    const document = JSON.parse(json.stdout) as TrafficOverload
    assert.ok(schema(document), JSON.stringify(schema.errors))
    assert.ok(document.items.length > 0)
    assert.match(bulkhead(['traffic', 'overload', '-f', file, '-q', '-o', 'yaml']).stdout, /kind: TrafficOverload/)
  })

  test('weights of one’s own decide what is at stake', () => {
    const file = folder.write('weights.yaml', [nginx(), site(HOST)].join('\n---\n'))
    const weights = folder.write('settings/weights.yaml', 'overrides: {availability/shop/web: 0}\n')
    const shares = (...more: readonly string[]): readonly number[] => {
      const ran = bulkhead(['traffic', 'overload', '-f', file, '-q', '-o', 'json', ...more])
      return (JSON.parse(ran.stdout) as TrafficOverload).items
        .filter(({ exhausts }) => exhausts.kind === 'workload')
        .map(({ share }) => share)
    }
    assert.deepEqual(shares(), [0.5])
    assert.deepEqual(shares('--weights', weights), [0])
  })
})
