import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { floodAddress, traffic } from '../../../../bench/access-log/traffic.ts'
import { Requests } from '../../../observe/access-log/requests.ts'
import type { Limit } from '../limit.ts'
import { REFUSED } from '../models/limiter.ts'
import { limiterOf } from '../models/limiter-of.ts'
import { WRITERS } from '../write/writers.ts'
import { bodyLimitOf, connectionLimitOf, type FitOptions, measureOf, requestLimitOf, sustained } from './fit.ts'
import { InFlight } from './in-flight.ts'
import { Needs, RouteNeeds } from './needs.ts'
import { outliersOf } from './outliers.ts'
import { Pairs } from './pairs.ts'
import { Profile, type RouteProfile } from './profile.ts'
import { SHAPES } from './shape.ts'

const OPTIONS = { clients: 3_000, pagesPerSecond: 1, seed: 5 }

/** Generated requests in the order in which they came, and who each client is. */
function recorded(flood?: { at: number; seconds: number; perSecond: number }): {
  batch: Requests
  names: readonly string[]
} {
  const made = [...traffic(40_000, { ...OPTIONS, ...(flood ? { flood } : {}) })].sort((a, b) => a.start - b.start)
  const numbers = new Map<string, number>()
  const batch = new Requests(made.length)
  for (const [row, each] of made.entries()) {
    const client = numbers.get(each.client) ?? numbers.size
    numbers.set(each.client, client)
    batch.start[row] = each.start
    batch.duration[row] = each.end - each.start
    batch.client[row] = client
    batch.received[row] = each.received
  }
  batch.count = made.length
  return { batch, names: [...numbers.keys()] }
}

interface Suggested {
  readonly limit: Limit
  readonly profile: RouteProfile
  readonly options: FitOptions
}

function suggest(batch: Requests, product: keyof typeof SHAPES, headroom = 2): Suggested {
  const profile = new Profile(1)
  profile.add(batch)
  const [route] = profile.routes as [RouteProfile]
  const options = { shape: SHAPES[product], headroom, outliers: outliersOf(route), coarseSeconds: 0 }
  const found = sustained(route, options)
  assert.ok(found)
  const needs = new Needs([measureOf(found, options)], profile.pairs)
  needs.add(batch)
  return { limit: requestLimitOf(found, (needs.routes[0] as RouteNeeds).need, route, options), profile: route, options }
}

function refusedOf(limit: Limit, batch: Requests): Map<number, number> {
  const limiter = limiterOf(limit)
  const refused = new Map<number, number>()
  for (let row = 0; row < batch.count; row++) {
    const client = batch.client[row] as number
    if (limiter?.admit(client, batch.start[row] as number) === REFUSED)
      refused.set(client, (refused.get(client) ?? 0) + 1)
  }
  return refused
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, each) => total + each, 0)

describe('what is suggested for', () => {
  const plain = recorded()
  const flooded = recorded({ at: 600_000, seconds: 60, perSecond: 80 })
  for (const product of Object.keys(SHAPES) as (keyof typeof SHAPES)[])
    test(product, () => {
      const { limit } = suggest(plain.batch, product)
      const writer = WRITERS[product]
      assert.ok(writer)
      const kept = writer([limit], { name: 'web', namespace: 'shop' }).kept.find(({ kind }) => kind === 'requests')
      assert.ok(kept)
      // Refuses at most one in a thousand of what it was made of, as its engine is told.
      assert.ok(sum(refusedOf(kept, plain.batch).values()) <= plain.batch.count / 1_000)

      const after = suggest(flooded.batch, product)
      const flooder = flooded.names.indexOf(floodAddress(OPTIONS.clients))
      assert.deepEqual(
        after.options.outliers.map(({ client }) => client),
        [flooder],
      )
      const refused = refusedOf(after.limit, flooded.batch)
      assert.ok((refused.get(flooder) ?? 0) > 0.9 * 60 * 80)
      refused.delete(flooder)
      assert.ok(sum(refused.values()) <= flooded.batch.count / 1_000)
      // The flood of 80 a second does not widen what is left to others.
      assert.ok((after.limit.rate as number) <= 1.5 * (limit.rate as number))
    })

  test('nginx has a burst of at least a tenth of its rate', () => {
    // One request every 10 ms, exactly: no burst is needed.
    const even = new Requests(20_000)
    for (let row = 0; row < 20_000; row++) {
      even.start[row] = 1e12 + row * 10
      even.client[row] = 0
    }
    even.count = 20_000
    const { limit } = suggest(even, 'f5-nginx', 1)
    assert.equal(limit.rate, 100)
    assert.ok((limit.burst as number) >= 10)
    assert.equal(refusedOf(limit, even).size, 0)
  })

  test('connections and bodies, where the log tells of them', () => {
    const { profile, options } = suggest(plain.batch, 'ingress-nginx')
    const inFlight = connectionLimitOf(profile, options)
    assert.ok((inFlight?.connections as number) >= 10)
    const body = bodyLimitOf(profile, options)?.body as number
    assert.ok(body >= 2 * profile.largest && Math.log2(body) % 1 === 0)
    assert.equal(connectionLimitOf(profile, { ...options, shape: SHAPES['envoy-gateway'] }), undefined)
    assert.equal(bodyLimitOf({ ...profile, sized: 0 } as RouteProfile, options), undefined)
  })

  test('nobody: nothing', () => {
    const profile = new Profile(1)
    const [route] = profile.routes as [RouteProfile]
    assert.equal(sustained(route, { shape: SHAPES.traefik, headroom: 2, outliers: [], coarseSeconds: 0 }), undefined)
  })
})

test('the burst that a client needs is the least with which nothing is refused', () => {
  let state = 9
  const draw = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 0x1_0000_0000
  }
  for (let round = 0; round < 50; round++) {
    const needs = new RouteNeeds({ kind: 'bucket', perSecond: 5 })
    let at = 1e12
    const times = Array.from({ length: 200 }, () => {
      at += Math.floor(draw() ** 3 * 900)
      needs.add(at, 0)
      return at
    })
    const need = Math.ceil((needs.need.values[0] as number) - 1e-6)
    const refuses = (burst: number): boolean => {
      const limiter = limiterOf({
        kind: 'requests',
        algorithm: 'leaky-bucket',
        rate: 5,
        period: 1,
        burst,
        key: { kind: 'everyone' },
        scope: 'global',
      })
      return times.some((time) => limiter?.admit(0, time) === REFUSED)
    }
    assert.equal(refuses(need), false)
    if (need > 1) assert.equal(refuses(need - 2), true)
  }
})

test('one client that sends most of all is named', () => {
  const batch = new Requests(2_000)
  for (let row = 0; row < 2_000; row++) {
    batch.start[row] = 1e12 + row * 60_000
    batch.client[row] = row % 2 === 0 || row % 3 === 0 ? 0 : 1 + (row % 20)
  }
  batch.count = 2_000
  const profile = new Profile(1)
  profile.add(batch)
  const [first, ...others] = outliersOf(profile.routes[0] as RouteProfile)
  assert.equal(first?.client, 0)
  assert.ok((first?.share ?? 0) > 0.6)
  assert.deepEqual(others, [])
})

test('requests in flight, and clients by route', () => {
  const inFlight = new InFlight()
  assert.deepEqual(
    [
      inFlight.add(1, 0, 10),
      inFlight.add(1, 5, 20),
      inFlight.add(2, 6, 7),
      inFlight.add(1, 10, 11),
      inFlight.add(1, 30, 31),
    ],
    [1, 2, 1, 2, 1],
  )
  const pairs = new Pairs(3)
  const number = new Map<string, number>()
  const counts = [0, 0, 0]
  for (let each = 0; each < 60_000; each++) {
    const route = each % 3
    const client = (each * 7919) % 30_011
    const key = `${route} ${client}`
    if (!number.has(key)) number.set(key, counts[route]!++)
    assert.equal(pairs.number(route, client), number.get(key))
    assert.equal(pairs.client(route, number.get(key) as number), client)
  }
  assert.equal(new Pairs(1).number(0, 77), 77)
})
