import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { events } from '../../bench/audit/events.ts'
import { EXPORTS } from '../../bench/audit/exports.ts'
import type { Json } from '../cluster/json.ts'
import { textOf } from './lines.ts'
import { members, values } from './values.ts'

type Told = readonly [text: string, line: number, item: string | undefined, fault: string | undefined]

async function cut(text: string, sizes: readonly number[] = [], limit = 1024 ** 2): Promise<readonly Told[]> {
  const bytes = Buffer.from(text)
  const chunks = async function* () {
    for (let from = 0, at = 0; from < bytes.length; at++) {
      const to = sizes.length === 0 ? bytes.length : from + (sizes[at % sizes.length] as number)
      yield bytes.subarray(from, to)
      from = to
    }
  }
  const told: Told[] = []
  for await (const slices of values(chunks(), limit))
    for (const slice of slices) {
      const { text: value, line, fault, wrap } = textOf(slice)
      const shown = wrap === undefined ? value : JSON.stringify(wrap(JSON.parse(value) as Json))
      told.push([shown, line, slice.item, fault])
    }
  return told
}

describe('the values of a text', () => {
  test('are cut the same wherever its chunks end', async () => {
    const written = Object.values(EXPORTS).map(({ write }) => write([...events(4, 6)]))
    const texts = written.filter((each) => typeof each === 'string')
    for (const text of texts) {
      const expected = await cut(text)
      assert.ok(expected.length > 0 && expected.every(([, , , fault]) => fault === undefined))
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 9 }), async (sizes) => {
          assert.deepEqual(await cut(text, sizes), expected)
        }),
        { numRuns: 8 },
      )
    }
  })

  test('are told with where they stand: the line, and which of several in it', async () => {
    assert.deepEqual(await cut('{"a":1}\n{"b":[{}]} {"c":2}{"d":3}\n'), [
      ['{"a":1}', 1, undefined, undefined],
      ['{"b":[{}]}', 2, undefined, undefined],
      ['{"c":2}', 2, '2', undefined],
      ['{"d":3}', 2, '3', undefined],
    ])
    assert.deepEqual(await cut('[{"a":1},{"b":2},\n{"c":3}]'), [
      ['{"a":1}', 1, '1', undefined],
      ['{"b":2}', 1, '2', undefined],
      ['{"c":3}', 2, undefined, undefined],
    ])
    assert.deepEqual(await cut('{"records":[{"a":1}]}{"x":"[","Records":[{"b":2},{"c":3}],"y":0}{"d":4}'), [
      ['{"a":1}', 1, '1', undefined],
      ['{"b":2}', 1, '2.1', undefined],
      ['{"c":3}', 1, '2.2', undefined],
      ['{"d":4}', 1, '3', undefined],
    ])
  })

  test('of results and tables are the rows, as the least that says what they are', async () => {
    assert.deepEqual(await cut('{"results":[[{"field":"a","value":"]"}],[{"field":"b"}]],"status":"Complete"}'), [
      ['{"results":[[{"field":"a","value":"]"}]]}', 1, '1', undefined],
      ['{"results":[[{"field":"b"}]]}', 1, '2', undefined],
    ])
    assert.deepEqual(await cut('{"results":[{"a":[1]}]}'), [['{"a":[1]}', 1, '1', undefined]])
    const table = '{"name":"x","columns":[{"name":"a"},{"name":"b"}],"rows":[[1,[2]],[3,"]"]]}'
    assert.deepEqual(await cut(`{"tables":[${table},{"columns":[{"name":"c"}],"rows":[[5]]}],"error":{}}`), [
      ['{"tables":[{"columns":[{"name":"a"},{"name":"b"}],"rows":[[1,[2]]]}]}', 1, '1', undefined],
      ['{"tables":[{"columns":[{"name":"a"},{"name":"b"}],"rows":[[3,"]"]]}]}', 1, '2', undefined],
      ['{"tables":[{"columns":[{"name":"c"}],"rows":[[5]]}]}', 1, '1', undefined],
    ])
  })

  test('of tables without columns before their rows are told to be missing', async () => {
    const why = 'rows of a table without its columns before them'
    const wide = `[${'{"name":"a"},'.repeat(11_000)}{}]`
    for (const text of [
      '{"tables":[{"rows":[[1]],"columns":[{"name":"a"}]}]}',
      '{"tables":[{"columns":[{"name":"a"}]},{"rows":[[1],[2]]}]}',
      `{"tables":[{"columns":${wide},"rows":[[1]]}]}`,
      '{"tables":[{"columns":[{"name":}],"rows":[[1]]}]}',
    ])
      for (const sizes of [[], [7], [5000]]) assert.deepEqual(await cut(text, sizes), [['', 1, undefined, why]])
  })

  test('that are too long or cut off are told, and those beside them are not lost', async () => {
    const long = `{"x":"${'x'.repeat(200)}"}`
    const told = await cut(`{"records":[{"a":1},${long},{"b":2}]}\n{"c`, [16], 100)
    assert.deepEqual(
      told.map(([text, , , fault]) => fault ?? text),
      ['{"a":1}', 'longer than 100 bytes', '{"b":2}', 'ends before its value does'],
    )
  })

  test('of one line are those of a text, at their places in the chunk', () => {
    const bytes = Buffer.from('garbage\n{"records":[{"a":1},{"b":2}]}\n{"z":1}\n')
    const found = members({ bytes, from: 8, to: 37, line: 7 }, 1000)
    assert.deepEqual(
      found.map((each) => [each.bytes === bytes, textOf(each).text, each.line, each.item]),
      [
        [true, '{"a":1}', 7, '1'],
        [true, '{"b":2}', 7, '2'],
      ],
    )
  })
})
