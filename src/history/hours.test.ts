import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Hour, hoursOf } from './hours.ts'

const HOUR_MS = 3_600_000
const START = Date.parse('2026-05-04T00:00:00Z') / HOUR_MS

const hour = (key: number, count: number): Hour => ({
  key,
  first: key * HOUR_MS,
  last: key * HOUR_MS + HOUR_MS - 1,
  count,
  place: { file: 'audit.log', line: 1 },
})

/** Of so many days, what each of their hours has. */
const of = (days: number, count: (hour: number, day: number) => number): readonly Hour[] =>
  Array.from({ length: days * 24 }, (_, index) => index).flatMap((index) => {
    const found = count(index % 24, Math.floor(index / 24))
    return found > 0 ? [hour(START + index, found)] : []
  })

const hole = (count: number): readonly Hour[] => of(14, (_, day) => (day >= 4 && day < 8 ? 0 : count))

describe('gaps', () => {
  test('none in a source that is always there', () => {
    const { gaps, thin, outlying } = hoursOf(of(14, () => 30))
    assert.deepEqual([gaps, thin, outlying], [[], undefined, undefined])
  })
  test('four days, however they thin out the average', () => {
    const { gaps } = hoursOf(hole(25))
    assert.deepEqual(
      gaps.map(({ from, to }) => Math.round((to - from) / HOUR_MS)),
      [96],
    )
  })
  test('one hour', () => {
    assert.equal(hoursOf(of(14, (at, day) => (day === 5 && at === 3 ? 0 : 60))).gaps.length, 1)
  })
  test('nights that are always quiet are none, and one night that is not like others is', () => {
    const office = (at: number): number => (at >= 7 && at < 20 ? 60 : at < 2 ? 30 : 0)
    assert.deepEqual(hoursOf(of(14, office)).gaps, [])
    assert.equal(hoursOf(of(14, (at, day) => (day === 5 && at < 2 ? 0 : office(at)))).gaps.length, 1)
  })
  test('silence of a source that never has much says nothing', () => {
    assert.deepEqual(hoursOf(hole(8)).gaps, [])
  })
  test('are not hidden by a few records here and there', () => {
    const stray = of(14, (at, day) => (day >= 4 && day < 8 ? (at === 12 ? 1 : 0) : 25))
    assert.equal(hoursOf(stray).gaps.length, 5)
  })
})

test('recordings of a few hours, by hand, say nothing of the time between them', () => {
  const { gaps, thin } = hoursOf([hour(START, 300), hour(START + 500, 300), hour(START + 900, 300)])
  assert.deepEqual([gaps, thin], [[], undefined])
})

describe('a source that is clipped', () => {
  test('to an hour a day', () => {
    assert.deepEqual(hoursOf(of(10, (at) => (at === 12 ? 60 : 0))).thin, { hours: 10, of: 217 })
  })
  test('is not one of half the day, nor one that began late and ended early', () => {
    assert.equal(hoursOf(of(10, (at) => (at >= 9 && at < 17 ? 60 : 0))).thin, undefined)
    assert.equal(hoursOf(of(2, (at, day) => ((day === 0 ? at >= 22 : at < 2) ? 60 : 0))).thin, undefined)
  })
})

describe('times that are far from all others', () => {
  const bulk = hole(25)
  const whole = hoursOf(bulk)
  for (const [name, time] of [
    ['long ago', '1970-01-01T00:00:00Z'],
    ['in the future', '2199-01-01T00:00:00Z'],
  ] as const)
    test(`${name} leave the span and its gaps as they are`, () => {
      const found = hoursOf([hour(Date.parse(time) / HOUR_MS, 1), ...bulk])
      assert.deepEqual([found.from, found.to, found.gaps], [whole.from, whole.to, whole.gaps])
      assert.deepEqual(found.outlying, { count: 1, time: Date.parse(time), place: { file: 'audit.log', line: 1 } })
    })
  test('both at once', () => {
    const found = hoursOf([hour(0, 1), hour(2_000_000, 1), ...bulk])
    assert.deepEqual([found.outlying?.count, found.gaps], [2, whole.gaps])
  })
  test('are many, or near: then they are a gap', () => {
    assert.equal(
      hoursOf([...of(2, () => 25), ...of(8, () => 25).map((each) => hour(each.key + 10_000, 25))]).gaps.length,
      1,
    )
    assert.equal(hoursOf([hour(START - 2_000, 1), ...of(14, () => 25)]).outlying, undefined)
  })
})
