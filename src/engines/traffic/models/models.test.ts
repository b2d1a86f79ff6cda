import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Algorithm, Limit } from '../limit.ts'
import { REFUSED } from './limiter.ts'
import { concurrencyLimiterOf, limiterOf } from './limiter-of.ts'

/** What real engines did under the same load (docs/reference/traffic-limits.md), as counts of admitted requests. */

const START = 1_700_000_000_123

function admitted(limit: Partial<Limit>, perSecond: number, seconds: number): number {
  const limiter = limiterOf({
    kind: 'requests',
    algorithm: 'unknown',
    key: { kind: 'client-address' },
    scope: 'replica',
    ...limit,
  })
  assert.ok(limiter)
  let count = 0
  for (let n = 0; n < perSecond * seconds; n++) {
    if (limiter.admit(7, START + (n * 1000) / perSecond) !== REFUSED) count++
  }
  return count
}

describe('measured loads', () => {
  test('nginx admits burst and rate', () => {
    const nginx = { algorithm: 'leaky-bucket', period: 1 } as const
    assert.equal(admitted({ ...nginx, rate: 10, burst: 50 }, 200, 10), 150)
    assert.equal(admitted({ ...nginx, rate: 100, burst: 500 }, 1000, 10), 1500)
    assert.equal(admitted({ ...nginx, rate: 60, period: 60, burst: 300 }, 100, 10), 310)
  })

  test('HAProxy admits up to the limit, and falls off a cliff above it', () => {
    const haproxy = { algorithm: 'sliding-window', rate: 100, period: 1 } as const
    assert.equal(admitted(haproxy, 60, 5), 300)
    assert.equal(admitted(haproxy, 90, 5), 450)
    // Measured: 104 of 550.
    assert.ok(Math.abs(admitted(haproxy, 110, 5) - 104) <= 6)
    assert.equal(admitted(haproxy, 150, 5), 100)
  })

  test('Envoy admits its bucket and its rate', () => {
    const envoy = { algorithm: 'token-bucket', rate: 100, period: 1 } as const
    assert.ok(Math.abs(admitted({ ...envoy, burst: 99 }, 1000, 10) - 1098) <= 2)
    assert.ok(Math.abs(admitted({ ...envoy, burst: 599 }, 1000, 10) - 1598) <= 2)
  })

  test('five connections of a backend that takes 200 ms: 100 of 400 requests of 20 clients at once', () => {
    const limiter = concurrencyLimiterOf({
      kind: 'connections',
      algorithm: 'concurrent',
      connections: 5,
      key: { kind: 'client-address' },
      scope: 'replica',
    })
    let count = 0
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < 20; n++) if (limiter?.admit(0, round * 200, round * 200 + 200) !== REFUSED) count++
    }
    assert.equal(count, 100)
  })
})

describe('what nginx makes of small numbers', () => {
  test('1r/m is 16 thousandths a second: one request in 62.5 seconds', () => {
    const perMinute = limiterOf({
      kind: 'requests',
      algorithm: 'leaky-bucket',
      rate: 1,
      period: 60,
      burst: 0,
      key: { kind: 'client-address' },
      scope: 'replica',
    })
    assert.notEqual(perMinute?.admit(0, START), REFUSED)
    assert.equal(perMinute?.admit(0, START + 62_499), REFUSED)
    assert.notEqual(perMinute?.admit(0, START + 62_500), REFUSED)
  })

  test('without a burst, what comes a millisecond early is refused at the nominal rate', () => {
    const early = (burst: number): number => {
      const limiter = limiterOf({
        kind: 'requests',
        algorithm: 'leaky-bucket',
        rate: 100,
        period: 1,
        burst,
        key: { kind: 'client-address' },
        scope: 'replica',
      })
      let refused = 0
      for (let n = 0; n < 1000; n++) if (limiter?.admit(0, START + n * 10 + (n % 2)) === REFUSED) refused++
      return refused
    }
    assert.ok(early(0) > 300)
    assert.equal(early(10), 0)
  })
})

test('HAProxy begins a period on an even millisecond', () => {
  const limiter = limiterOf({
    kind: 'requests',
    algorithm: 'sliding-window',
    rate: 2,
    period: 1,
    key: { kind: 'client-address' },
    scope: 'replica',
  })
  const odd = 1_700_000_000_001
  assert.notEqual(limiter?.admit(0, odd), REFUSED)
  assert.notEqual(limiter?.admit(0, odd), REFUSED)
  // The period of the first began a millisecond before it, and is over: both weigh in full.
  assert.equal(limiter?.admit(0, odd + 999), REFUSED)
  assert.equal(limiter?.admit(0, odd + 1499), REFUSED)
})

test('F5 divides a rate by its replicas, in whole requests', () => {
  const shared: Limit = {
    kind: 'requests',
    algorithm: 'leaky-bucket',
    rate: 10,
    period: 1,
    burst: 10,
    key: { kind: 'client-address' },
    scope: 'shared',
  }
  const inAMinute = (limit: Limit, replicas: number): number => {
    const limiter = limiterOf(limit, { replicas })
    let count = 0
    for (let ms = 0; ms < 60_000; ms += 10) if (limiter?.admit(0, START + ms) !== REFUSED) count++
    return count
  }
  // 3 a second each, not 3.33; 0.5 a second each is 30 a minute.
  assert.ok(Math.abs(inAMinute(shared, 3) - (3 * 11 + 3 * 3 * 60)) <= 3)
  assert.ok(Math.abs(inAMinute({ ...shared, rate: 1 }, 2) - (2 * 11 + 60)) <= 2)
})

test('nothing is replayed of what is no rate of requests', () => {
  const base: Limit = {
    kind: 'requests',
    algorithm: 'leaky-bucket',
    rate: 1,
    period: 1,
    key: { kind: 'everyone' },
    scope: 'replica',
  }
  for (const limit of [
    { ...base, kind: 'body' as const },
    { ...base, rate: Number.POSITIVE_INFINITY },
    { ...base, rate: Number.NaN },
    { ...base, rate: -1 },
    { ...base, period: 0 },
    { ...base, burst: -1 },
    ...(['unknown', 'threshold', 'concurrent'] satisfies Algorithm[]).map((algorithm) => ({ ...base, algorithm })),
  ])
    assert.equal(limiterOf(limit), undefined, JSON.stringify(limit))
  assert.equal(limiterOf({ ...base, rate: 0 })?.admit(0, START), REFUSED)
  assert.equal(concurrencyLimiterOf(base), undefined)
})
