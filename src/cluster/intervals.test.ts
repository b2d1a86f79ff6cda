import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contains, type Intervals, intersect, meet, subtract, unite } from './intervals.ts'

const SIZE = 24
const numbers = Array.from({ length: SIZE }, (_, index) => index)

const range = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]): Intervals<number> => (a === b ? [] : [Math.min(a, b), Math.max(a, b)]))
const set = fc.array(range, { maxLength: 5 }).map((ranges) => ranges.reduce((sum, each) => unite(sum, each), []))

test('sets of intervals are sets of numbers', () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      for (const number of numbers) {
        const [inA, inB] = [contains(a, number), contains(b, number)]
        assert.equal(contains(unite(a, b), number), inA || inB)
        assert.equal(contains(intersect(a, b), number), inA && inB)
        assert.equal(contains(subtract(a, b), number), inA && !inB)
      }
    }),
  )
})

test('equal sets have equal bounds, ascending', () => {
  fc.assert(
    fc.property(set, set, (a, b) => {
      assert.deepEqual(unite(a, b), unite(b, a))
      assert.equal(meet(a, b), intersect(a, b).length > 0)
      assert.deepEqual(unite(intersect(a, b), subtract(a, b)), a)
      assert.ok(a.every((bound, index) => index === 0 || bound > (a[index - 1] as number)))
    }),
  )
})
