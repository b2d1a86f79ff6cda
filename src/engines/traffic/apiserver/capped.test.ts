import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type CapLimits, MOST_WAIT_MS, replayCapped } from './capped.ts'
import { demandOf } from './demand.ts'
import type { Spans } from './identity-fold.ts'

type One = readonly [startMs: number, servedMs: number, seats: number]

function spansOf(all: readonly One[]): Spans {
  const sorted = all.toSorted((a, b) => a[0] - b[0])
  return {
    count: sorted.length,
    startMs: Float64Array.from(sorted, ([start]) => start),
    waitedMs: new Float32Array(sorted.length),
    servedMs: Float32Array.from(sorted, ([, served]) => served),
    seats: Uint8Array.from(sorted, ([, , seats]) => seats),
  }
}

const never = (): boolean => false

/** The same by looking at every millisecond. */
function naive(all: readonly One[], { seats, most, queueLengthLimit }: CapLimits) {
  const sorted = all.toSorted((a, b) => a[0] - b[0])
  let waiting: number[] = []
  const running: { end: number; width: number }[] = []
  const told = { served: 0, queued: 0, refused: 0 }
  const width = (at: number): number => Math.min((sorted[at] as One)[2], most)
  const dispatch = (now: number): void => {
    waiting = waiting.filter((at) => {
      const isLate = (sorted[at] as One)[0] + MOST_WAIT_MS < now
      if (isLate) told.refused++
      return !isLate
    })
    for (;;) {
      const inUse = running.reduce((sum, each) => sum + each.width, 0)
      const [at] = waiting
      if (at === undefined || inUse >= seats) return
      if (width(at) > seats ? running.length > 0 : inUse + width(at) > seats) return
      waiting.shift()
      running.push({ end: now + (sorted[at] as One)[1], width: width(at) })
      told.served++
      if (now > (sorted[at] as One)[0]) told.queued++
    }
  }
  const last = Math.max(0, ...sorted.map(([start, served]) => start + served)) + 40_000
  let next = 0
  for (let now = 0; now <= last && (next < sorted.length || waiting.length > 0); now++) {
    for (;;) {
      const ended = running.findIndex(({ end }) => end <= now)
      if (ended < 0) break
      running.splice(ended, 1)
      dispatch(now)
    }
    dispatch(now)
    for (; next < sorted.length && (sorted[next] as One)[0] <= now; next++) {
      const inUse = running.reduce((sum, each) => sum + each.width, 0)
      if (inUse >= seats && waiting.length >= queueLengthLimit) told.refused++
      else {
        waiting.push(next)
        dispatch(now)
      }
    }
  }
  told.refused += waiting.length
  return told
}

describe('a history under a cap', () => {
  test('what finds a seat is served at once; then the queue fills; then it is refused', () => {
    const all = Array.from({ length: 10 }, (): One => [1000, 500, 1])
    const told = replayCapped(spansOf(all), { seats: 2, most: 1, queueLengthLimit: 3 }, never)
    assert.deepEqual([told.served, told.queued, told.refused, told.timedOut], [5, 3, 5, 0])
    assert.equal(told.mostWaitMs, 1000)
    assert.equal(told.firstRefusedMs, 1000)
  })

  test('who waits for a quarter of the request timeout is refused', () => {
    const told = replayCapped(
      spansOf([
        [0, 20_000, 1],
        [10, 5, 1],
      ]),
      { seats: 1, most: 1, queueLengthLimit: 50 },
      never,
    )
    assert.deepEqual([told.refused, told.timedOut], [1, 1])
  })

  test('a level without seats serves nobody', () => {
    const told = replayCapped(spansOf([[0, 5, 1]]), { seats: 0, most: 1, queueLengthLimit: 50 }, never)
    assert.deepEqual([told.served, told.timedOut], [0, 1])
  })

  test('property: as by looking at every millisecond', () => {
    const one = fc.tuple(
      fc.integer({ min: 0, max: 900 }),
      fc.integer({ min: 1, max: 700 }),
      fc.integer({ min: 1, max: 12 }),
    )
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (all, seats, queueLengthLimit, most) => {
          const limits = { seats, most, queueLengthLimit }
          const { served, queued, refused } = replayCapped(spansOf(all), limits, never)
          assert.deepEqual({ served, queued, refused }, naive(all, limits))
        },
      ),
      { numRuns: 200 },
    )
  })

  test('property: more seats never refuse more of requests that are all alike', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        (starts, seats) => {
          const spans = spansOf(starts.map((start) => [start, 100, 1]))
          const of = (count: number): number =>
            replayCapped(spans, { seats: count, most: 1, queueLengthLimit: 2 }, never).refused
          assert.ok(of(seats + 1) <= of(seats))
        },
      ),
    )
  })
})

describe('what an identity needs', () => {
  const steady = Array.from({ length: 600 }, (_, second): One => [second * 1000, 400, 2])
  const flood = Array.from({ length: 400 }, (_, at): One => [700_000 + at * 10, 1000, 1])

  test('a flood is told from the rest, with the time that its queue takes', () => {
    const demand = demandOf(spansOf([...steady, ...flood]), 0, 600)
    assert.equal(demand.floodSeats, 30)
    assert.ok(demand.peakSeats > 90 && demand.floodSeconds >= 4)
    assert.ok(Math.abs((demand.needSeats ?? 0) - 0.8) < 0.01, `${demand.needSeats}`)
    assert.deepEqual([5000, 699_500, 702_000, 714_000, 800_000].map(demand.isFlood), [false, true, true, true, false])
  })

  test('where all is flood, the need is not known', () => {
    assert.equal(demandOf(spansOf(flood), 0, 600).needSeats, undefined)
    assert.equal(demandOf(spansOf([]), 0, 600).needSeats, undefined)
  })

  test('what stood in a queue took its seats afterwards', () => {
    const spans = spansOf(Array.from({ length: 50 }, (): One => [0, 1000, 1]))
    const waited = { ...spans, waitedMs: Float32Array.from({ length: 50 }, (_, at) => at * 1000) }
    assert.deepEqual([demandOf(spans, 0, 600).peakSeats, demandOf(waited, 0, 600).peakSeats], [50, 1])
  })

  test('what one request takes is bounded by the level', () => {
    assert.equal(demandOf(spansOf([[0, 1000, 50]]), 10, 600).peakSeats, 10)
  })
})
