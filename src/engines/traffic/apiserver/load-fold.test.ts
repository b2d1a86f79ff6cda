import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { buildCluster } from '../../../cluster/cluster.ts'
import type { Access } from '../../../history/history.ts'
import { whyCostly } from './costly.ts'
import { flowControlOf } from './flow-control.ts'
import { LoadFold } from './load-fold.ts'
import { seatsOf } from './seats.ts'
import { access } from './testing.ts'

const START = Date.UTC(2026, 4, 1, 10)
const MINOR = 36
const control = flowControlOf(buildCluster({ objects: [] }))
const options = {
  minor: MINOR,
  control,
  seats: seatsOf(control.levels.values()),
  stored: (_: string, resource: string) =>
    resource === 'configmaps'
      ? { objects: 2000, bytes: 1400 }
      : resource === 'secrets'
        ? { objects: 3, bytes: 100 }
        : undefined,
}

function folded(accesses: Iterable<Access>, most?: number) {
  const fold = new LoadFold({ ...options, ...(most === undefined ? {} : { most }) })
  for (const each of accesses) fold.add(each)
  return fold.finish()
}

function* repeated(count: number, everyMs: number, fields: Partial<Access>): Generator<Access> {
  for (let at = 0; at < count; at++) {
    const time = START + Math.round(at * everyMs)
    yield access({ ...fields, time, end: time + ((fields.end ?? 50) as number) })
  }
}

function whys(accesses: Iterable<Access>, minor = MINOR): readonly string[] {
  const loaded = folded(accesses)
  const [load] = loaded.loads
  assert.ok(load)
  return whyCostly(load, loaded.loopsOf(load), minor).map(({ why }) => why)
}

describe('who loads the API server', () => {
  test('seats of a list times the time that it was served, without the time in a queue', () => {
    const list = { verb: 'list', end: 2000, waited: 500 }
    const { loads, seatMs, latencyMs } = folded(repeated(3, 10, list))
    // 2,000 of 1,400 bytes from the cache are bounded by a megabyte: ten seats, which workload-low lets one request have.
    assert.equal(loads[0]?.mostSeats, 10)
    assert.equal(latencyMs, 4500)
    assert.equal(seatMs, 45_000)
    assert.equal(loads[0]?.waitedMs, 1500)
  })

  test('a list of another resource than the input holds is one seat, and is told as such', () => {
    const { loads } = folded(repeated(3, 10, { verb: 'list', resource: 'pods' }))
    assert.deepEqual([loads[0]?.mostSeats, loads[0]?.unmeasured], [1, 3])
  })

  test('watches and execs take no seats however long they last, nor does what was answered 429', () => {
    const hour = 3_600_000
    const { seatMs, longRunning, loads } = folded([
      ...repeated(2, 10, { verb: 'watch', end: hour }),
      ...repeated(2, 10, { verb: 'create', resource: 'pods', subresource: 'exec', end: hour }),
      ...repeated(2, 10, { verb: 'get', resource: 'pods', subresource: 'log', end: hour }),
      ...repeated(2, 10, { verb: 'list', code: 429, end: 900 }),
    ])
    assert.equal(seatMs, 0)
    assert.equal(longRunning, 6)
    assert.equal(loads.find(({ verb }) => verb === 'list')?.limited, 2)
  })

  test('what took no time is counted, and ranked by requests', () => {
    const { instant, loads } = folded([
      ...repeated(2, 10, { user: 'few', end: 0 }),
      ...repeated(9, 10, { user: 'many', end: 0 }),
    ])
    assert.equal(instant, 11)
    assert.equal(loads[0]?.user, 'many')
  })

  test('the peak is what began in one second, though records come in the order of their ends', () => {
    const times = [0, 1200, 100, 900, 1900, 300, 2000, 999]
    const { loads } = folded(times.map((ms) => access({ time: START + ms, end: START + ms + 5 })))
    assert.equal(loads[0]?.peak, 5)
  })

  test('polls at a fixed period are loops, whatever their jitter below a fifth; others are none', () => {
    const jittered = [...repeated(60, 5000, { name: 'x' })].map((each, at) => {
      const time = each.time + (at % 3) * 150
      return access({ ...each, time, end: time + 5 })
    })
    const loaded = folded(jittered)
    const [loop] = loaded.loopsOf(loaded.loads[0] as (typeof loaded.loads)[number])
    assert.ok(loop && Math.abs(loop.periodMs - 5000) <= 300 && loop.jitter < 0.1, JSON.stringify(loop))
    let state = 1
    const random = Array.from({ length: 60 }, (_, at) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return access({ time: START + at * 5000 + (state % 15_000) })
    })
    assert.deepEqual(whys(random), [])
    // A flood of its own does not hide that it polled for most of the time.
    const flood = Array.from({ length: 200 }, (_, at) => access({ name: 'x', time: START + 9e6 + at * 5 }))
    assert.deepEqual(whys([...repeated(600, 5000, { name: 'x' }), ...flood]), ['poll-loop'])
    // Of two readers each has its period; of one that floods, none.
    assert.deepEqual(whys(repeated(500, 20, { name: 'x' })), [])
    const two = [...repeated(30, 5000, { sources: ['10.0.0.1'] })].flatMap((each) => [
      each,
      access({ ...each, time: each.time + 1234, end: each.time + 1300, sources: ['10.0.0.2'] }),
    ])
    assert.deepEqual(whys(two), ['poll-loop'])
  })

  test('says why: version and limit left out, Secrets, refusals, watches that do not last', () => {
    const list = { verb: 'list' }
    assert.deepEqual(whys(repeated(40, 20, list)), ['no-resource-version', 'no-limit'])
    assert.deepEqual(whys(repeated(40, 20, { ...list, query: 'resourceVersion=0&limit=500' })), [])
    assert.deepEqual(whys(repeated(40, 20, { ...list, query: 'resourceVersion=7&limit=500' })), ['from-storage'])
    assert.deepEqual(whys(repeated(40, 20, { ...list, query: 'limit=500&continue=x' })), ['from-storage'])
    assert.deepEqual(whys(repeated(40, 20, { ...list, query: 'limit=500&continue=x', name: 'one' })), [])
    assert.deepEqual(whys(repeated(20, 30_000, { ...list, resource: 'secrets', query: 'resourceVersion=0&limit=9' })), [
      'secret-loop',
      'poll-loop',
    ])
    assert.deepEqual(whys(repeated(60, 10, { code: 403 })), ['forbidden-storm'])
    // A list that is refused reads nothing.
    assert.deepEqual(whys(repeated(60, 10, { ...list, code: 403 })), ['forbidden-storm'])
    assert.deepEqual(whys(repeated(60, 10, { code: 429 })), ['too-many-requests'])
    assert.deepEqual(whys(repeated(60, 10, { verb: 'watch', end: 900 })), ['short-watches'])
    assert.deepEqual(whys(repeated(60, 10, { verb: 'watch', end: 300_000 })), [])
    assert.deepEqual(whys(repeated(40, 20, { end: 900, waited: 800 })), ['queued'])
  })

  test('leases are read at a fixed period by whoever leads, and are no loop', () => {
    assert.deepEqual(whys(repeated(60, 2000, { resource: 'leases', group: 'coordination.k8s.io', name: 'x' })), [])
  })

  test('property: with room for all, sums are those of a naive count', () => {
    const one = fc.record({
      user: fc.constantFrom('a', 'b', '__proto__', 'constructor'),
      userAgent: fc.constantFrom('x', 'y\nz'),
      verb: fc.constantFrom('get', 'list', 'watch'),
      took: fc.integer({ min: 0, max: 3000 }),
      code: fc.constantFrom(200, 403, 429, 500),
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), (all) => {
        const { loads, requests, rest } = folded(
          all.map(({ took, ...fields }, at) => access({ ...fields, time: START + at, end: START + at + took })),
        )
        assert.equal(rest, undefined)
        assert.equal(requests, all.length)
        const naive = Map.groupBy(all, ({ user, userAgent, verb }) => `${user}|${userAgent}|${verb}`)
        assert.equal(loads.length, naive.size)
        for (const { user, userAgent, verb, requests: count, latencyMs, forbidden } of loads) {
          const mine = naive.get(`${user}|${userAgent}|${verb}`) ?? []
          assert.equal(count, mine.length)
          assert.equal(forbidden, mine.filter(({ code }) => code === 403).length)
          assert.equal(latencyMs, verb === 'watch' ? 0 : mine.reduce((sum, { took }) => sum + took, 0))
        }
      }),
    )
  })

  test('property: with little room whoever is heavy is kept, and nothing is lost in the sums', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 50, maxLength: 400 }), (users) => {
        const heavy = users.flatMap((user, at) => (at % 3 === 0 ? ['heavy', `u${user}`] : [`u${user}`]))
        const loaded = folded(
          heavy.map((user) => access({ user, end: START + (user === 'heavy' ? 900 : 10), time: START })),
          16,
        )
        const [first] = loaded.loads
        assert.equal(first?.user, 'heavy')
        assert.ok(loaded.loads.length <= 16)
        const kept = loaded.loads.reduce((sum, { seatMs }) => sum + seatMs, 0)
        assert.equal(Math.round(kept + (loaded.rest?.seatMs ?? 0)), loaded.seatMs)
        const requests = loaded.loads.reduce((sum, each) => sum + each.requests, 0) + (loaded.rest?.requests ?? 0)
        assert.equal(requests, heavy.length)
        // What is told of each is too little by at most what it says.
        for (const { user, weight, missed } of loaded.loads) {
          const truth = heavy.filter((each) => each === user).length * (user === 'heavy' ? 901 : 11)
          assert.ok(weight <= truth && truth <= weight + missed, `${user} ${weight} ${truth} ${missed}`)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('names of any length are cut, and told apart by what is left of them', () => {
    const long = 'x'.repeat(1_000_000)
    const { loads } = folded([
      access({ user: `a${long}` }),
      access({ user: `b${long}` }),
      access({ user: `a${long}y` }),
    ])
    assert.deepEqual(loads.map(({ user, requests }) => [user.length, requests]).sort(), [
      [201, 1],
      [201, 2],
    ])
  })

  test('a million users leave bounded memory and the one who floods', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heapMiB = (): number => {
      collect()
      return process.memoryUsage().heapUsed / 1024 ** 2
    }
    const before = heapMiB()
    const fold = new LoadFold(options)
    for (let at = 0; at < 1_000_000; at++) {
      const time = START + at
      fold.add(access({ user: `user-${at}`, userAgent: `agent-${at}`, time, end: time + 1 }))
      if (at % 100 === 0) fold.add(access({ user: 'flood', verb: 'list', time, end: time + 200 }))
    }
    const loaded = fold.finish()
    const grown = heapMiB() - before
    assert.equal(loaded.requests, 1_010_000)
    assert.equal(loaded.loads[0]?.user, 'flood')
    assert.equal(loaded.loads[0]?.requests, 10_000)
    assert.ok(loaded.loads.length <= 20_000 && loaded.rest !== undefined)
    assert.ok(grown < 40, `${grown} MiB`)
  })
})
