import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Outcome, Step } from '../../../observe/probe/step.ts'
import type { Found } from './found.ts'
import type { Asking } from './run.ts'
import { search } from './search.ts'
import {
  exponential,
  pieces,
  processorSharing,
  type Random,
  type Simulated,
  type SimulatedSender,
  seeded,
  servers,
  simulate,
  slidingWindow,
  tokenBucket,
} from './simulate.testing.ts'

const CAPS = { requests: 5_000, seconds: 60, inFlight: 256 }
/** More of them show the same; these take some seconds. */
const SEEDS = Number(process.env.BULKHEAD_PROBE_SEEDS ?? 40)

interface Case {
  /** Requests a second. */
  readonly capacity: number
  readonly service: Simulated
}

const between = (random: Random, least: number, most: number): number => least + random() * (most - least)

/** Services of known capacity; each seed draws another one. */
const STEADY: Readonly<Record<string, (random: Random) => Case>> = {
  'one server, equal work': (random) => {
    const capacity = between(random, 20, 420)
    return { capacity, service: servers({ servers: 1, work: () => 1 / capacity }) }
  },
  'one server, work of random length': (random) => {
    const capacity = between(random, 20, 420)
    return { capacity, service: servers({ servers: 1, work: exponential(1 / capacity, random) }) }
  },
  'a pool, equal work': (random) => {
    const [count, work] = [2 + Math.floor(15 * random()), between(random, 0.01, 0.11)]
    return { capacity: count / work, service: servers({ servers: count, work: () => work }) }
  },
  'a pool, work of random length': (random) => {
    const [count, work] = [2 + Math.floor(15 * random()), between(random, 0.01, 0.11)]
    return { capacity: count / work, service: servers({ servers: count, work: exponential(work, random) }) }
  },
  'one processor that all share': (random) => {
    const capacity = between(random, 20, 420)
    return { capacity, service: processorSharing(exponential(1 / capacity, random)) }
  },
  'far away': (random) => {
    const capacity = between(random, 50, 350)
    const distance = between(random, 0.05, 0.35)
    return { capacity, service: servers({ servers: 1, work: () => 1 / capacity, distance }) }
  },
  'a slow start': (random) => {
    const capacity = between(random, 50, 350)
    const [slow, until] = [between(random, 0.15, 0.55), between(random, 1, 9)]
    const speed = pieces((from) => (from < until ? { until, speed: slow } : { until: from + 1_000, speed: 1 }))
    return { capacity, service: servers({ servers: 1, work: () => 1 / capacity, speed }) }
  },
  'an autoscaler that doubles it': (random) => {
    const capacity = between(random, 40, 140)
    const until = between(random, 3, 11)
    const speed = pieces((from) => (from < until ? { until, speed: 1 } : { until: from + 1_000, speed: 2 }))
    return { capacity: 2 * capacity, service: servers({ servers: 1, work: () => 1 / capacity, speed }) }
  },
  'pauses to collect garbage': (random) => {
    const capacity = between(random, 50, 350)
    const [every, pause] = [between(random, 0.5, 1.5), between(random, 0.05, 0.15)]
    let isPaused = false
    const speed = pieces((from) => {
      isPaused = !isPaused
      return { until: from + (isPaused ? pause : every) * between(random, 0.8, 1.2), speed: isPaused ? 0 : 1 }
    })
    const service = servers({ servers: 1, work: () => 1 / capacity, speed })
    return { capacity: (capacity * every) / (every + pause), service }
  },
  'errors beyond a short queue': (random) => {
    const [capacity, count] = [between(random, 50, 350), 1 + Math.floor(4 * random())]
    const queue = 1 + Math.floor(20 * random())
    return { capacity, service: servers({ servers: count, work: () => count / capacity, queue }) }
  },
  'slower the more wait': (random) => {
    const capacity = between(random, 50, 350)
    return { capacity, service: servers({ servers: 1, work: () => 1 / capacity, thrash: between(random, 0.01, 0.06) }) }
  },
  'thousands a second': (random) => {
    const capacity = between(random, 1_000, 5_000)
    return { capacity, service: servers({ servers: 4, work: exponential(4 / capacity, random) }) }
  },
}

interface Tally {
  runs: number
  measured: number
  within: number
  holds: number
  most: { requests: number; seconds: number }
  readonly others: Found[]
}

function tally(make: (random: Random) => Case, start: (item: Case) => { start: number; capacity: number }): Tally {
  const sum: Tally = { runs: 0, measured: 0, within: 0, holds: 0, most: { requests: 0, seconds: 0 }, others: [] }
  for (let seed = 1; seed <= SEEDS; seed++) {
    const item = make(seeded(seed * 7_919))
    const { start: at, capacity } = start(item)
    const { result, requests, seconds } = simulate(search(CAPS), item.service, CAPS, { start: at })
    sum.runs++
    sum.most = { requests: Math.max(sum.most.requests, requests), seconds: Math.max(sum.most.seconds, seconds) }
    if (result.verdict !== 'measured') {
      sum.others.push(result)
      continue
    }
    const { low = 0, best = 0, high = 0 } = result
    sum.measured++
    if (Math.abs(best - capacity) <= 0.15 * capacity) sum.within++
    if (low <= capacity && capacity <= high) sum.holds++
  }
  return sum
}

describe('the search, on services of known capacity', () => {
  for (const [name, make] of Object.entries(STEADY))
    test(`${name}: within 15 %, and the interval holds it, in at most 5,000 requests and 60 seconds`, () => {
      const { runs, measured, within, holds, most, others } = tally(make, ({ capacity }) => ({ start: 0, capacity }))
      assert.ok(most.requests <= CAPS.requests && most.seconds <= CAPS.seconds, JSON.stringify(most))
      assert.ok(within >= 0.98 * measured - 1, `${within} of ${measured} within 15 %`)
      assert.ok(holds >= 0.98 * measured - 1, `${holds} of ${measured} intervals hold it`)
      assert.ok(measured >= 0.75 * runs, `${measured} of ${runs} measured`)
      for (const { verdict, low = 0 } of others) assert.ok(verdict === 'unknown' || low > 0)
    })

  test('whatever the neighbours do, an interval that is told holds what was measured just before, or it is unknown', () => {
    const noisy = (random: Random, [shortest, longest]: readonly [number, number]): Case => {
      const capacity = between(random, 100, 300)
      const speed = pieces((from) => ({
        until: from + between(random, shortest, longest),
        speed: between(random, 0.3, 1),
      }))
      return { capacity, service: servers({ servers: 1, work: () => 1 / capacity, speed }) }
    }
    for (const spells of [[0.05, 0.35] as const, [0.5, 2.5] as const]) {
      const { measured, holds, others, runs } = tally(
        (random) => noisy(random, spells),
        ({ service }) => {
          const { result, seconds } = simulate(saturated(), service, CAPS)
          return { start: seconds + 0.3, capacity: result }
        },
      )
      assert.ok(holds >= 0.93 * measured - 1, `${holds} of ${measured} hold it`)
      assert.equal(measured + others.length, runs)
    }
  })
})

/** What another tool measures: four at once, for five seconds. */
function* saturated(): Generator<Step, number, Outcome> {
  const { doneAt } = yield { kind: 'closed', concurrency: 4, requests: 5_000, seconds: 5 }
  return Array.from(doneAt).filter((done) => done <= 5).length / 5
}

describe('the search, where there is no capacity to find', () => {
  test('a service that never answers is unknown after one request in vain', () => {
    const { result, requests } = simulate(search(CAPS), { arrive: () => {} }, CAPS)
    assert.equal(result.verdict, 'unknown')
    assert.equal(result.cause, 'no-answer')
    assert.equal(requests, 1)
  })

  test('one that is broken without load is unknown, and so is one that refuses the request', () => {
    const answering = (fate: 'failed' | 'refused'): Simulated => ({ arrive: (now, done) => done(now + 0.01, fate) })
    assert.equal(simulate(search(CAPS), answering('failed'), CAPS).result.cause, 'no-answer')
    assert.equal(simulate(search(CAPS), answering('refused'), CAPS).result.cause, 'refused')
  })

  test('a limit that answers 503 to one client alone is not taken for a broken service', () => {
    const service: Simulated = tokenBucket(120, 40, servers({ servers: 8, work: () => 0.0005 }))
    const asFailures: Simulated = {
      arrive: (now, done) => service.arrive(now, (at, fate) => done(at, fate === 'limited' ? 'failed' : fate)),
    }
    const { result } = simulate(search(CAPS), asFailures, CAPS)
    assert.deepEqual([result.verdict, result.cause], ['unknown', 'errors'])
    assert.match(result.reasons[0] as string, /after \d+ that were answered: a limit/)
  })

  test('one that breaks for good is told as broken, and not as a budget that was too small', () => {
    let count = 0
    const behind = servers({ servers: 8, work: () => 0.005 })
    const service: Simulated = { arrive: (now, done) => (++count > 500 ? undefined : behind.arrive(now, done)) }
    const { result } = simulate(search(CAPS), service, CAPS)
    assert.deepEqual([result.verdict, result.cause], ['unknown', 'errors'])
    assert.match(result.reasons[0] as string, /^After 500 answers it gave none any more \(failed ×\d+\)/)
  })

  test('errors that come without load are no sign of load', () => {
    const random = seeded(5)
    const behind = servers({ servers: 1, work: () => 0.005 })
    const service: Simulated = {
      arrive: (now, done) => (random() < 0.03 ? done(now + 0.001, 'failed') : behind.arrive(now, done)),
    }
    const { result } = simulate(search(CAPS), service, CAPS)
    assert.ok(result.verdict === 'measured' || result.verdict === 'unknown')
    if (result.best !== undefined) assert.ok(Math.abs(result.best - 200) < 30, String(result.best))
  })

  test('a service without an end is told as a bound', () => {
    const service = servers({ servers: 100_000, work: () => 0.02 })
    const { result, requests } = simulate(search(CAPS), service, CAPS)
    assert.equal(result.verdict, 'at-least')
    assert.ok((result.low ?? 0) > 1_000)
    assert.ok(requests <= CAPS.requests)
  })

  test('where the sender was the bottleneck, it is a bound', () => {
    const sender: SimulatedSender = { load: () => ({ cpu: 0.97, busy: 0.98, lateness: 0.001 }) }
    const service = servers({ servers: 1, work: () => 0.001 })
    const { result } = simulate(search(CAPS), service, CAPS, sender)
    assert.equal(result.verdict, 'at-least')
    assert.equal(result.cause, 'sender')
    assert.match(result.reasons.join(' '), /sender itself/)
  })

  test('where the sender was late, a backlog is not held against the service', () => {
    const sender: SimulatedSender = { load: ({ kind }) => ({ cpu: 0.1, busy: 0.2, lateness: kind === 'open' ? 1 : 0 }) }
    const { result } = simulate(search(CAPS), servers({ servers: 1, work: () => 0.005 }), CAPS, sender)
    assert.ok(result.verdict !== 'measured' || Math.abs((result.best ?? 0) - 200) < 30)
  })

  test('one that gets faster until the end is a bound', () => {
    const service = servers({
      servers: 1,
      work: () => 0.02,
      speed: pieces((from) => ({ until: from + 0.2, speed: 0.2 * 1.06 ** from })),
    })
    const { result } = simulate(search(CAPS), service, CAPS)
    assert.notEqual(result.verdict, 'measured')
  })

  test('a budget is kept, however small', () => {
    for (const caps of [
      { requests: 50, seconds: 60, inFlight: 256 },
      { requests: 5_000, seconds: 5, inFlight: 256 },
      { requests: 300, seconds: 10, inFlight: 4 },
      { requests: 5_000, seconds: 60, inFlight: 1 },
    ]) {
      const { result, requests, seconds } = simulate(search(caps), servers({ servers: 2, work: () => 0.05 }), caps)
      assert.ok(requests <= caps.requests, `${requests} of ${caps.requests}`)
      assert.ok(seconds <= caps.seconds, `${seconds} of ${caps.seconds}`)
      const { low = 40, high = 40 } = result
      assert.ok(result.verdict !== 'measured' || (low <= 40 && high >= 40), JSON.stringify(caps))
      for (const { inFlight } of result.steps) assert.ok(inFlight <= caps.inFlight)
    }
  })

  test('stopped on the way, it tells what it knows', () => {
    for (const after of [0, 1, 3, 6, 9, 14]) {
      const machine = search(CAPS)
      const { result } = simulate(stopping(machine, after), servers({ servers: 1, work: () => 0.005 }), CAPS)
      if (result.verdict === 'measured') assert.ok(Math.abs((result.best ?? 0) - 200) < 30)
      else assert.ok((result.low ?? 0) < 215, `${after}: ${result.low}`)
    }
  })
})

/** The same, but that a step after so many others is told to have been stopped. */
function* stopping(machine: Asking<Found>, after: number): Asking<Found> {
  let turn = machine.next()
  for (let count = 0; !turn.done; count++) {
    const outcome = yield turn.value
    turn = machine.next(count >= after ? { ...outcome, ended: 'stopped' } : outcome)
  }
  return turn.value
}

describe('the search, with a limit before the service', () => {
  test('a bucket: its rate within 15 %, its burst, and that the service holds that much', () => {
    let good = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seeded(seed * 104_729)
      const rate = between(random, 5, 200)
      const burst = Math.floor(rate * between(random, 0.1, 4))
      const service = tokenBucket(rate, burst, servers({ servers: 4, work: exponential(0.002, random) }))
      const { result, requests } = simulate(search(CAPS), service, CAPS)
      assert.ok(requests <= CAPS.requests)
      assert.equal(result.verdict, 'limited')
      const { limit } = result
      assert.ok(limit)
      if (Math.abs(limit.rate.best - rate) <= 0.15 * rate && Math.abs((limit.burst ?? 0) - burst) <= 0.2 * burst + 10)
        good++
    }
    assert.ok(good >= 0.95 * SEEDS, `${good} of ${SEEDS}`)
  })

  test('a window in which refused requests count: its rate, and that it punishes', () => {
    let good = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = seeded(seed * 7_907)
      const rate = between(random, 20, 220)
      const service = slidingWindow(rate, servers({ servers: 4, work: exponential(0.002, random) }))
      const { limit } = simulate(search(CAPS), service, CAPS).result
      if (limit && Math.abs(limit.rate.best - rate) <= 0.15 * rate && limit.punishes) good++
    }
    assert.ok(good >= 0.9 * SEEDS, `${good} of ${SEEDS}`)
  })

  test('refusals with a code that is not named are a limit too, when they come with the load', () => {
    let count = 0
    const service: Simulated = { arrive: (now, done) => done(now + 0.01, ++count > 100 ? 'refused' : 'served') }
    assert.equal(simulate(search(CAPS), service, CAPS).result.limit !== undefined, true)
  })
})
