import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { atoi, goDuration, haproxyTime, nginxSize, nginxTime, quantity, whole } from './numbers.ts'

function table<T>(
  name: string,
  read: (value: T) => number | undefined,
  cases: readonly (readonly [T, number | undefined])[],
): void {
  test(name, () => {
    for (const [value, expected] of cases) assert.equal(read(value), expected, JSON.stringify(value))
  })
}

describe('numbers as the products read them', () => {
  table('strconv.Atoi', atoi, [
    ['10', 10],
    ['+10', 10],
    ['-3', -3],
    ['007', 7],
    ['9223372036854775807', 2 ** 63],
    ['9223372036854775808', undefined],
    ['-9223372036854775808', -(2 ** 63)],
    ['-9223372036854775809', undefined],
    [' 10', undefined],
    ['1_000', undefined],
    ['1e3', undefined],
    ['10.0', undefined],
    ['', undefined],
    ['-', undefined],
    ['9'.repeat(1_000_000), undefined],
  ])
  table('whole numbers of a field', whole, [
    [5, 5],
    [5.5, undefined],
    ['5', undefined],
    [2 ** 60, undefined],
    [null, undefined],
  ])
  table('quantities', quantity, [
    ['1Mi', 1024 ** 2],
    ['8k', 8000],
    [1024, 1024],
    ['1m', 0.001],
    ['-1', -1],
    ['ten', undefined],
    [true, undefined],
    ['1'.repeat(100), undefined],
  ])
  table('time.ParseDuration', goDuration, [
    ['1m30s', 90],
    ['500ms', 0.5],
    ['1.5h', 5400],
    ['.5s', 0.5],
    ['-1s', -1],
    ['0', 0],
    ['0s', 0],
    ['10', undefined],
    ['10 s', undefined],
    ['s', undefined],
    ['1d', undefined],
    ['', undefined],
    ['1s'.repeat(100), undefined],
  ])
  table('sizes of nginx', nginxSize, [
    ['8k', 8192],
    ['1M', 1024 ** 2],
    ['2g', 2 * 1024 ** 3],
    ['512', 512],
    ['0', 0],
    ['512b', undefined],
    ['1.5m', undefined],
    ['-1', undefined],
    ['10 m', undefined],
  ])
  table('times of nginx', nginxTime, [
    ['60', 60],
    ['60s', 60],
    ['1m30s', 90],
    ['1h 30m', 5400],
    ['250ms', 0.25],
    ['-1s', undefined],
    ['1x', undefined],
    ['', undefined],
  ])
  table('times of HAProxy', haproxyTime, [
    ['5s', 5],
    ['500', 0.5],
    ['1d', 86_400],
    ['250us', 0.00025],
    ['5 s', undefined],
    ['-5s', undefined],
  ])
})
