import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { avroBytes, avroFile, avroLong, captured } from '../../bench/audit/containers.ts'
import { avroRecords } from './avro.ts'
import type { Slice } from './lines.ts'

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

function told({ bytes, from, to, item, fault }: Slice): string {
  return `${item} ${fault ?? bytes.toString('utf8', from, to)}`
}

async function read(bytes: Buffer, size = 1 << 16, limit = 1 << 20): Promise<readonly string[]> {
  const found: string[] = []
  for await (const slices of avroRecords(cut(bytes, size), limit)) found.push(...slices.map(told))
  return found
}

const schemaOf = (...fields: readonly object[]): string => JSON.stringify({ type: 'record', name: 'R', fields })
const BODY = schemaOf({ name: 'Body', type: 'bytes' })

describe('an Avro file', () => {
  test('of Event Hubs Capture tells what each event carries, however its bytes come', async () => {
    const bodies = ['{"records":[]}', '', '{"a":1}\n{"b":2}\n', '{\n"a": 1\n}', 'ü'.repeat(500)]
    for (const codec of ['null', 'deflate'] as const)
      for (const size of [1, 7, 1 << 16])
        assert.deepEqual(await read(captured(bodies, codec), size), [
          '1 {"records":[]}',
          '2 ',
          '3.1 {"a":1}',
          '3.2 {"b":2}',
          '4 {\n"a": 1\n}',
          `5 ${'ü'.repeat(500)}`,
        ])
  })

  test('of other records tells each as JSON', async () => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'a.b.Row',
      fields: [
        { name: 'at', type: ['null', { type: 'long', logicalType: 'timestamp-micros' }] },
        { name: 'inner', type: { type: 'record', name: 'Inner', fields: [{ name: 'x', type: 'double' }] } },
        { name: 'again', type: { type: 'array', items: 'Inner' } },
        { name: 'next', type: ['null', 'Row'] },
        { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
        { name: 'id', type: { type: 'fixed', name: 'Id', size: 2 } },
        { name: 'labels', type: { type: 'map', values: 'string' } },
        { name: 'is', type: 'boolean' },
      ],
    })
    const double = Buffer.alloc(8)
    double.writeDoubleLE(1.5)
    const row = (next: Buffer): Buffer =>
      Buffer.concat([
        ...[avroLong(1), avroLong(1_777_629_600_123_456)],
        double,
        ...[avroLong(2), double, double, avroLong(0)],
        next,
        avroLong(1),
        Buffer.from('ok'),
        ...[avroLong(1), avroBytes('__proto__'), avroBytes('v'), avroLong(0)],
        Buffer.from([1]),
      ])
    const bytes = row(Buffer.concat([avroLong(1), row(avroLong(0))]))
    const one = { at: '2026-05-01T10:00:00.123456Z', inner: { x: 1.5 }, again: [{ x: 1.5 }, { x: 1.5 }] }
    const rest = '"kind":"B","id":"ok","labels":{"__proto__":"v"},"is":true}'
    const inner = `${JSON.stringify(one).slice(0, -1)},"next":null,${rest}`
    assert.deepEqual(await read(avroFile(schema, 'null', [[bytes]])), [
      `1 ${JSON.stringify(one).slice(0, -1)},"next":${inner},${rest}`,
    ])
  })

  test('that is not whole tells what came before, and that', async () => {
    const whole = captured(['{"a":1}', '{"b":2}', '{"c":3}', '{"d":4}'], 'null')
    let last = 0
    let unfaulted = 0
    for (let to = 1; to < whole.length; to++) {
      const found = await read(whole.subarray(0, to))
      const faults = found.filter((each) => /Avro/.test(each))
      // Nothing tells of a file that ends behind its header, or behind a block.
      if (faults.length === 0) unfaulted++
      else assert.equal(faults.length, 1)
      assert.ok(found.length - faults.length >= last)
      last = found.length - faults.length
    }
    assert.equal(unfaulted, 2)
    assert.equal(last, 3)
  })

  test('of a codec that is not read says so', async () => {
    assert.deepEqual(await read(avroFile(BODY, 'snappy', [[]])), [
      '1 an Avro file of codec "snappy", which is not read',
    ])
  })

  const sync = avroFile(BODY, 'null', []).subarray(-16)
  const withBlock = (...parts: readonly Buffer[]): Buffer => Buffer.concat([avroFile(BODY, 'null', []), ...parts])
  const hostile: readonly (readonly [what: string, bytes: Buffer, told: RegExp])[] = [
    ['a count below zero', withBlock(avroLong(-5), avroLong(0), sync), /below zero/],
    ['a size below zero', withBlock(avroLong(1), avroLong(-9), sync), /below zero/],
    ['a size of 2 GB', withBlock(avroLong(1), avroLong(2 ** 31), Buffer.alloc(100)), /ends within a block/],
    ['a size of 2^62', withBlock(avroLong(1), avroLong(2 ** 62), Buffer.alloc(100)), /ends within a block/],
    ['a number of more than 64 bits', withBlock(Buffer.alloc(40, 0xff)), /within a number/],
    ['more records than it holds', withBlock(avroLong(2 ** 40), avroBytes(avroBytes('{}')), sync), /within a number/],
    ['fewer records than it holds', withBlock(avroLong(1), avroBytes(Buffer.alloc(9)), sync), /holds more/],
    ['a value of 2 GB', withBlock(avroLong(1), avroBytes(avroLong(2 ** 31)), sync), /longer than it/],
    ['a value of less than no bytes', withBlock(avroLong(1), avroBytes(avroLong(-3)), sync), /below zero/],
    ['another end', withBlock(avroLong(0), avroLong(0), Buffer.alloc(16, 1)), /does not end/],
    [
      'no deflate in it',
      Buffer.concat([avroFile(BODY, 'deflate', []), avroLong(1), avroBytes('xx'), sync]),
      /not whole/,
    ],
    ['a schema that is none', avroFile('{', 'null', []), /no JSON/],
    ['a schema of nothing known', avroFile('"nothing"', 'null', []), /not known/],
    ['a schema without end', avroFile(`${'{"type":'.repeat(1000)}"int"${'}'.repeat(1000)}`, 'null', []), /too large/],
    ['a schema of very many types', avroFile(JSON.stringify(Array(9000).fill('int')), 'null', []), /too large/],
    [
      'a record that holds itself',
      avroFile(schemaOf({ name: 'r', type: 'R' }), 'null', [[avroLong(0)]]),
      /more values than it has room for/,
    ],
    [
      'a list of very many nothings',
      avroFile(schemaOf({ name: 'n', type: { type: 'array', items: 'null' } }), 'null', [
        [avroLong(2 ** 50), avroLong(0)],
      ]),
      /more values than it has room for/,
    ],
    ['very many records of nothing', avroFile(schemaOf(), 'null', [Array(9).fill(Buffer.alloc(0))]), /^\d \{\}/],
  ]
  for (const [what, bytes, expected] of hostile) {
    test(`with ${what} is told, in bounded work`, async () => {
      const found = await read(bytes)
      assert.match(found.at(-1) ?? '', expected)
      assert.ok(found.length < 20)
    })
  }

  test('with very many records of nothing ends', async () => {
    const none = avroFile(schemaOf(), 'null', [])
    const found = await read(Buffer.concat([none, avroLong(2 ** 50), avroLong(0), none.subarray(-16)]))
    assert.match(found.at(-1) ?? '', /more values than it has room for/)
    assert.ok(found.length < 20_000)
  })

  test('with a block that is too large leaves it out, and reads on', async () => {
    const large = Buffer.alloc(5000, 'x')
    const bytes = avroFile(BODY, 'null', [[avroBytes(large)], [avroBytes('{"a":1}')]])
    assert.deepEqual(await read(bytes, 100, 1000), ['1 an Avro block of more than 4000 bytes', '2 {"a":1}'])
    const packed = avroFile(BODY, 'deflate', [[avroBytes(large)]])
    assert.deepEqual(await read(packed, 100, 1000), ['1 an Avro block of more than 4000 bytes'])
    const long = avroFile(BODY, 'null', [[avroBytes(large.subarray(0, 1001)), avroBytes('{}')]])
    assert.deepEqual(await read(long, 100, 1000), ['1 longer than 1000 bytes', '2 {}'])
  })
})
