import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Order } from './order.ts'
import { Requests } from './requests.ts'
import { spread } from './seconds.ts'

function rowsOf(starts: readonly number[], durations: readonly number[] = []): Requests {
  const rows = new Requests(starts.length)
  starts.forEach((start, at) => {
    rows.start[at] = start
    rows.duration[at] = durations[at] ?? Number.NaN
    rows.line[at] = at + 1
  })
  rows.count = starts.length
  return rows
}

function startsOf({ start, count }: Requests): readonly number[] {
  return [...start.subarray(0, count)]
}

describe('requests come out in the order in which they came', () => {
  test('whatever the order of the log, none lost and none twice', () => {
    let state = 3
    const draw = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return state / 0x1_0000_0000
    }
    for (const most of [40, 100, 1_000]) {
      const order = new Order(most, 50)
      const given: number[] = []
      const got: number[] = []
      for (let ended = 1e12, round = 0; round < 60; round++) {
        // Each ends after the one before, and lasted up to a minute.
        const starts = Array.from({ length: 50 }, () => {
          ended += draw() * 2_000
          return ended - draw() * 60_000
        })
        given.push(...starts)
        order.add(rowsOf(starts), 0, starts.length)
        if (order.isDue) got.push(...startsOf(order.take(ended)))
      }
      got.push(...startsOf(order.take(undefined)))
      assert.equal(got.length, given.length)
      assert.deepEqual(
        [...got].sort((a, b) => a - b),
        [...given].sort((a, b) => a - b),
      )
      const disorder = got.filter((each, at) => at > 0 && Math.floor(each) < Math.floor(got[at - 1] as number)).length
      // Where enough may be held nothing is late; else what is late is counted.
      if (most === 1_000) assert.deepEqual([order.late, disorder], [0, 0])
      else assert.ok(order.late >= disorder)
    }
  })

  test('equal times keep the order of the log, times of other centuries do no harm', () => {
    const order = new Order()
    order.add(rowsOf([5, 5, 4.1e15, 5, 1]), 0, 5)
    const out = order.take(undefined)
    assert.deepEqual([...out.line.subarray(0, 5)], [5, 1, 2, 4, 3])
  })

  test('who lasted long is waited for', () => {
    const order = new Order(1_000, 1)
    order.add(rowsOf([1_000_000], [200_000]), 0, 1)
    order.add(rowsOf([1_250_000]), 0, 1)
    assert.deepEqual(startsOf(order.take(1_390_000)), [])
    assert.deepEqual(startsOf(order.take(1_500_000)), [1_000_000])
  })
})

test('requests of one second are spread evenly, and how far is kept', () => {
  const rows = rowsOf([0, 0, 0, 0])
  rows.width.fill(1_000)
  rows.width[3] = 0
  spread(rows, 0, 4)
  assert.deepEqual(startsOf(rows), [125, 375, 625, 0])
  assert.deepEqual([...rows.early], [125, 375, 625, 0])
})
