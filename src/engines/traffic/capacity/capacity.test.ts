import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Outcome } from '../../../observe/probe/step.ts'
import type { Limit } from '../limit.ts'
import type { JudgedLimit } from '../routes/route.ts'
import { Bracket } from './bracket.ts'
import { type Comparison, compare } from './compare.ts'
import type { Found } from './found.ts'
import { predict } from './interval.ts'
import { burstOf } from './limit.ts'
import { type Load, measure } from './measured.ts'

const IDLE = { cpu: 0.1, busy: 0.1, lateness: 0 }

function outcome(sentAt: readonly number[], doneAt: readonly number[], sendSeconds: number): Outcome {
  const fates = sentAt.map(() => 'served' as const)
  const answers = new Map([['200', sentAt.length]])
  const seconds = Math.max(sendSeconds, ...doneAt)
  return { sentAt, doneAt, fates, answers, sendSeconds, seconds, ended: 'done', load: IDLE }
}

describe('a step, measured', () => {
  test('a pool that answers in bunches has the rate of whole rounds, wherever the step is cut', () => {
    for (const requests of [24, 40, 64, 160]) {
      const step: Load = { kind: 'closed', concurrency: 8, requests, seconds: 99 }
      const sentAt = Array.from({ length: requests }, (_, index) => Math.floor(index / 8) * 0.04)
      const doneAt = sentAt.map((at) => at + 0.04)
      const { rate } = measure(step, 0, outcome(sentAt, doneAt, sentAt.at(-1) as number))
      assert.ok(Math.abs(rate - 200) < 4, `${requests}: ${rate}`)
    }
  })

  test('a backlog shows in what is in flight, and by how much it grew', () => {
    const step: Load = { kind: 'open', rate: 200, requests: 400 }
    const sentAt = Array.from({ length: 400 }, (_, index) => index / 200)
    const held = measure(
      step,
      0,
      outcome(
        sentAt,
        sentAt.map((at) => at + 0.004),
        2,
      ),
    )
    assert.deepEqual([held.inFlight, Math.round(held.rate), Math.round(held.offered)], [0, 200, 200])
    const broke = measure(
      step,
      0,
      outcome(
        sentAt,
        sentAt.map((_, index) => (index + 1) / 100),
        2,
      ),
    )
    assert.ok(Math.abs(broke.inFlight - 186) < 4, String(broke.inFlight))
    assert.ok(Math.abs(broke.growth - 200) < 10, String(broke.growth))
    assert.ok(Math.abs(broke.rate - 100) < 1)
  })

  test('of no answer there is no rate and no time', () => {
    const step: Load = { kind: 'closed', concurrency: 1, requests: 1, seconds: 1 }
    const nothing = { ...outcome([0], [Number.NaN], 1), fates: ['failed' as const], seconds: 10 }
    const measured = measure(step, 3, nothing)
    assert.deepEqual([measured.rate, measured.served, measured.failed, measured.latency.p50], [0, 0, 1, Number.NaN])
  })
})

describe('the interval', () => {
  const of = (...rates: number[]): { rate: number; counted: number }[] => rates.map((rate) => ({ rate, counted: 200 }))

  test('of steady measurements it is as narrow as clocks and clients differ', () => {
    const { low, best, high } = predict(of(100, 100, 101, 99, 100)) ?? assert.fail()
    assert.deepEqual([low, best, high].map(Math.round), [94, 100, 106])
  })

  test('a stall moves the best guess little, and the interval holds what was seen', () => {
    const { low, best, high } = predict(of(100, 101, 99, 40, 100, 100, 101, 99)) ?? assert.fail()
    assert.ok(Math.abs(best - 100) < 1, String(best))
    assert.ok(low <= 40 && high >= 101 && high < 120, `${low} to ${high}`)
  })

  test('of fewer than two there is none', () => {
    assert.equal(predict(of(100)), undefined)
  })
})

describe('the bracket', () => {
  test('two of three decide, and a tie is asked again', () => {
    const bracket = new Bracket()
    bracket.add(90, true)
    bracket.add(110, false)
    assert.deepEqual(bracket.ends, { held: 90, broke: 110 })
    assert.equal(bracket.isSure(90), false)
    bracket.add(90, false)
    assert.equal(bracket.tied(), 90)
    bracket.add(90, true)
    assert.equal(bracket.tied(), undefined)
    assert.ok(bracket.isSure(90))
    assert.equal(bracket.isCrossed, false)
  })

  test('a lower rate that broke below one that was held is told', () => {
    const bracket = new Bracket()
    bracket.add(80, false)
    bracket.add(100, true)
    assert.deepEqual([bracket.ends.held, bracket.ends.broke, bracket.isCrossed], [100, Number.POSITIVE_INFINITY, true])
  })
})

test('the burst is the smallest bucket through which all of them pass', () => {
  const burst = Array.from({ length: 51 }, () => 1)
  const after = Array.from({ length: 40 }, (_, index) => 1 + (index + 1) / 10)
  assert.equal(Math.round(burstOf([...burst, ...after], 10)), 50)
  assert.equal(Math.round(burstOf(after, 10)), 0)
  assert.equal(burstOf([], 10), 0)
})

describe('a capacity beside its route', () => {
  const found: Found = {
    verdict: 'measured',
    confidence: 'good',
    low: 150,
    best: 160,
    high: 175,
    reasons: [],
    steps: [],
    unloaded: 0.005,
  }
  const limit = (over: Partial<Limit>, judged: Partial<JudgedLimit> = {}): JudgedLimit => ({
    limit: {
      kind: 'requests',
      algorithm: 'leaky-bucket',
      rate: 500,
      period: 1,
      key: { kind: 'everyone' },
      scope: 'global',
      ...over,
    },
    because: [],
    state: 'effective',
    ...judged,
  })
  const growth = (most: number | undefined, surge = 0) => ({ now: 2, most, surge, because: [] })
  const asked = (limits: readonly JudgedLimit[], most: number | undefined = 4): Comparison =>
    compare(found, { count: 1, from: 'address' }, limits, growth(most))

  test('the most pods hold so much, and the limit is below it or not', () => {
    assert.deepEqual([asked([limit({})]).mostHeld, asked([limit({})]).isProtected], [600, 'yes'])
    assert.equal(asked([limit({ rate: 700 })]).isProtected, 'no')
    assert.equal(asked([limit({ rate: 60_000, period: 60 })]).isProtected, 'no')
    assert.equal(asked([limit({ key: { kind: 'client-address' } })]).isProtected, 'client')
    assert.equal(asked([]).isProtected, 'none')
  })

  test('a limit that can be passed by, or that nobody can judge, protects nothing for sure', () => {
    assert.equal(asked([limit({}, { state: 'bypassable' })]).isProtected, 'unknown')
    assert.equal(asked([limit({}, { state: 'inert' })]).isProtected, 'none')
    assert.equal(asked([limit({ shadow: true })]).isProtected, 'none')
    assert.equal(asked([limit({ kind: 'connections', connections: 5 })]).isProtected, 'none')
  })

  test('over all replicas of the engine, which may have no bound', () => {
    const total = { least: 500, most: 1_500 }
    assert.deepEqual(
      [asked([limit({}, { total })]).limits[0]?.most, asked([limit({}, { total })]).isProtected],
      [1_500, 'no'],
    )
    assert.equal(asked([limit({}, { total: { least: 500, most: undefined } })]).isProtected, 'no')
  })

  test('pods of a rollout do not count; without a cap, or unseen, neither does the product', () => {
    assert.equal(compare(found, { count: 2, from: 'flag' }, [], growth(5, 1)).mostHeld, 300)
    assert.equal(asked([], Number.POSITIVE_INFINITY).mostHeld, Number.POSITIVE_INFINITY)
    assert.equal(compare(found, { count: 1, from: 'flag' }, [limit({})], undefined).isProtected, 'unknown')
    assert.equal(compare(found, undefined, [limit({})], growth(4)).perPod, undefined)
    assert.equal(compare({ ...found, verdict: 'unknown' }, { count: 1, from: 'flag' }, [], growth(4)).perPod, undefined)
  })
})
