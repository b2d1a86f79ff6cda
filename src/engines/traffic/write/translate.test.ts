import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Limit } from '../limit.ts'
import { compare, differs } from './loads.ts'
import { translate } from './translate.ts'

const TARGET = { name: 'shop', namespace: 'default' }
const NGINX: Limit = {
  kind: 'requests',
  algorithm: 'leaky-bucket',
  rate: 100,
  period: 1,
  burst: 500,
  key: { kind: 'client-address' },
  code: 503,
  scope: 'replica',
}

const at = (limit: Limit, to: Parameters<typeof translate>[2], load: string): readonly [number, number] | undefined => {
  const [comparisons = []] = translate([limit], 'ingress-nginx', to, TARGET).behaviour.values()
  const found = comparisons.find((each) => each.load.startsWith(load))
  return found && [found.before, found.after]
}

test('the same engine admits the same, and nothing is said to be lost', () => {
  const { losses, behaviour } = translate([NGINX], 'ingress-nginx', 'ingress-nginx', TARGET)
  assert.deepEqual(losses, [])
  for (const comparisons of behaviour.values()) assert.ok(!comparisons.some(differs))
})

test('to HAProxy: a client over the limit gets nearly nothing through, in numbers', () => {
  const { losses } = translate([NGINX], 'ingress-nginx', 'haproxy', TARGET)
  const fields = losses.map(({ field }) => field)
  assert.deepEqual(fields, ['algorithm', 'rate', 'behaviour'])
  assert.match(losses[2]?.message ?? '', /^at 110 % .* of \d+ requests pass instead of \d+; at 150 %/)
  const [before = 0, after = 0] = at(NGINX, 'haproxy', 'at 200 %') ?? []
  assert.ok(after < before / 2, `${after} of ${before}`)
  const [steady = 0, still] = at(NGINX, 'haproxy', 'at 90 %') ?? []
  assert.ok(steady > 1000 && steady === still)
})

test('to HAProxy Ingress, which counts a second: the burst is gone', () => {
  assert.deepEqual(at(NGINX, 'haproxy-ingress', '1002 at once'), [501, 100])
  const { losses } = translate([NGINX], 'ingress-nginx', 'haproxy-ingress', TARGET)
  assert.ok(losses.some(({ field, message }) => field === 'burst' && message.startsWith('100 requests pass at once')))
})

test('to Envoy Gateway: the bucket holds a second, and the rate stays', () => {
  assert.deepEqual(at(NGINX, 'envoy-gateway', '1002 at once'), [501, 100])
  const [before = 0, after = 0] = at(NGINX, 'envoy-gateway', 'at 200 %') ?? []
  assert.ok(Math.abs(before - after - 401) <= 2, `${before} ${after}`)
})

test('to Traefik and F5: burst and rate stay', () => {
  assert.deepEqual(at(NGINX, 'f5-nginx', '1002 at once'), [501, 501])
  const [comparison] = translate([NGINX], 'ingress-nginx', 'traefik', TARGET).behaviour.values()
  assert.ok(comparison && !comparison.some(differs), JSON.stringify(comparison))
})

test('a rate that nobody could replay in full is compared with as many requests as there may be', () => {
  const fast = { ...NGINX, rate: 1_000_000, burst: 1_000_000 }
  const comparisons = compare(fast, { ...fast, burst: 0 })
  assert.ok(comparisons.length === 6 && comparisons.every(({ offered }) => offered <= 20_000))
  assert.deepEqual(compare(NGINX, { ...NGINX, algorithm: 'unknown' }), [])
})
