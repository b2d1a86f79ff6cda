import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { deflateSync, gzipSync } from 'node:zlib'
import { aggregated } from '../../../bench/audit/containers.ts'
import type { Json } from '../../cluster/json.ts'
import { deaggregated } from './kpl.ts'
import { auditTime } from './reader.ts'
import { nativeEvent, readAll } from './testing.ts'

const recordOf = (bytes: Buffer): Json => ({
  Records: [{ SequenceNumber: '1', PartitionKey: 'a', Data: bytes.toString('base64') }],
})
const eventOf = (auditID: string): Buffer => Buffer.from(JSON.stringify(nativeEvent({ auditID })))
/** With the checksum that it should have. */
function signed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), message, createHash('md5').update(message).digest()])
}

describe('a record of the Kinesis Producer Library', () => {
  test('is read as those that it holds, each packed or not, with its place', () => {
    const value = recordOf(aggregated([eventOf('a'), gzipSync(eventOf('b')), deflateSync(eventOf('c'))]))
    assert.deepEqual(
      readAll(value).events.map(({ access }) => `${access.id} ${access.place.item}`),
      ['a 1', 'b 2', 'c 3'],
    )
    assert.equal(auditTime(value), Date.parse('2026-05-01T10:00:00.123Z'))
    const bare = { data: aggregated([eventOf('a')]).toString('base64') }
    assert.deepEqual(
      readAll(bare).accesses.map(({ id }) => id),
      ['a'],
    )
    assert.deepEqual(readAll(recordOf(aggregated([]))).unread, [])
  })

  test('tells of each that is none', () => {
    const { accesses, unread } = readAll(recordOf(aggregated([eventOf('a'), Buffer.from([0xff]), eventOf('b')])))
    assert.deepEqual([accesses.length, unread], [2, ['data that is neither text nor gzip of it']])
  })

  test('that is broken is counted, and never read', () => {
    const whole = aggregated([eventOf('a')])
    assert.equal(deaggregated(Buffer.from('{"a":1}'.repeat(5))), undefined)
    assert.equal(deaggregated(whole.subarray(0, 19)), undefined)
    for (const at of [4, 40, whole.length - 1]) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] as number) ^ 1
      assert.deepEqual(readAll(recordOf(changed)).unread, ['a record of several with a wrong checksum'])
    }
    const hostile = [
      '1a',
      '1aff',
      '1affffffff07',
      '1affffffffffffffffffff01',
      '1a020801ff',
      '1b',
      '00',
      '1a03 1aff01'.replace(' ', ''),
    ]
    for (const hex of hostile)
      assert.equal(deaggregated(signed(Buffer.from(hex, 'hex'))), 'a record of several that is broken', hex)
    // Fields of every other kind are skipped.
    const others = Buffer.from(`0801${'11'}${'00'.repeat(8)}${'15'}${'00'.repeat(4)}`, 'hex')
    assert.deepEqual(deaggregated(signed(others)), [])
  })
})
