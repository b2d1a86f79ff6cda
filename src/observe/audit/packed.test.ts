import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Json } from '../../cluster/json.ts'
import { auditTime } from './reader.ts'
import { nativeEvent, readAll } from './testing.ts'

const STREAM = 'kube-apiserver-audit-0f1e'
const packed = (value: Json | string): string =>
  gzipSync(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64')
const subscription = (logStream: string, ...messages: readonly string[]): Json => ({
  messageType: 'DATA_MESSAGE',
  logGroup: '/aws/eks/x/cluster',
  logStream,
  logEvents: messages.map((message, at) => ({ id: `${at}`, timestamp: 1777629600000, message })),
})
const audit = (...ids: readonly string[]): Json =>
  subscription(STREAM, ...ids.map((auditID) => JSON.stringify(nativeEvent({ auditID }))))
const kinesis = (data: string): Json => ({ kinesis: { data, sequenceNumber: '1' }, eventSource: 'aws:kinesis' })
const places = (value: Json): readonly (string | undefined)[] =>
  readAll(value).events.map(({ access }) => `${access.id} ${access.place.line} ${access.place.item}`)

describe('a record that carries Base64', () => {
  test('is read as what it carries, with its place', () => {
    assert.deepEqual(places({ Records: [kinesis(packed(audit('a', 'b'))), kinesis(packed(audit('c')))] }), [
      'a 1 1.1',
      'b 1 1.2',
      'c 1 2',
    ])
    assert.deepEqual(places({ records: [{ recordId: '1', data: packed(audit('a')) }] }), ['a 1 undefined'])
    assert.deepEqual(places({ records: [{ data: packed(audit('a')) }] }), ['a 1 undefined'])
    assert.deepEqual(places({ Records: [{ Data: packed(audit('a', 'b')), SequenceNumber: '1', PartitionKey: 'x' }] }), [
      'a 1 1',
      'b 1 2',
    ])
    assert.deepEqual(places({ awslogs: { data: packed(audit('a')) } }), ['a 1 undefined'])
  })

  test('may carry one event, or lines, compressed or not', () => {
    const lines = `${JSON.stringify(nativeEvent({ auditID: 'a' }))}\n\n2026-05-01T10:00:00.123Z ${JSON.stringify(nativeEvent({ auditID: 'b' }))}\nhello\n`
    const plain = readAll(kinesis(Buffer.from(lines).toString('base64')))
    assert.deepEqual(
      plain.accesses.map(({ id }) => id),
      ['a', 'b'],
    )
    assert.deepEqual(plain.unread, ['not JSON'])
    assert.deepEqual(places(kinesis(packed(nativeEvent({ auditID: 'c' })))), ['c 1 undefined'])
  })

  test('of other streams, or of none, is counted by name', () => {
    const { unread, leftOut } = readAll({
      Records: [
        kinesis(packed(subscription('authenticator-1', 'time='))),
        kinesis(packed(subscription('kube-scheduler-1', 'I0501'))),
        kinesis(packed({ messageType: 'CONTROL_MESSAGE', logEvents: [] })),
      ],
    })
    assert.deepEqual(unread, [])
    assert.deepEqual(leftOut, [
      'log of aws-iam-authenticator',
      'log of kube-scheduler',
      'control message of a subscription',
    ])
  })

  test('that is broken is told to be, and loses nothing beside it', () => {
    const whole = packed(audit('a'))
    const cut = Buffer.from(whole, 'base64').subarray(0, 60).toString('base64')
    const records = ['not Base64!', '', 'AAAAA', cut, Buffer.from([0xff, 0xfe, 1]).toString('base64'), packed('{"a":')]
    const { accesses, unread, leftOut } = readAll({ Records: [...records.map(kinesis), kinesis(whole), {}] })
    assert.deepEqual(
      accesses.map(({ id }) => id),
      ['a'],
    )
    assert.deepEqual(leftOut, [])
    assert.deepEqual(unread, [
      'data that is not Base64',
      'data that is not Base64',
      'data that is not Base64',
      'data that is not whole gzip',
      'data that is neither text nor gzip of it',
      'not JSON',
      'a record without data',
    ])
  })

  test('unpacks to so much and no more', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2, 0x20)).toString('base64')
    const small = gzipSync(Buffer.alloc(1024 ** 2, 0x20)).toString('base64')
    const before = process.memoryUsage().rss
    const { unread } = readAll({ Records: [kinesis(small), ...new Array<Json>(20).fill(kinesis(bomb))] })
    assert.equal(unread.length, 21)
    for (const why of unread) assert.match(why, /^data that unpacks to more than \d+ bytes$/)
    assert.ok(process.memoryUsage().rss - before < 150 * 1024 ** 2)
  })

  test('is not unpacked inside of another, however it is nested', () => {
    const inner: Json = { Records: [kinesis(packed(audit('a')))] }
    assert.deepEqual(readAll({ Records: [kinesis(packed(inner))] }).unread, ['packed data within packed data'])
    const message: Json = { message: { data: packed(inner), messageId: '1' } }
    assert.deepEqual(readAll(message).unread, ['packed data within packed data'])
    const records: Json = { Records: [{ Records: [{ Records: [{ Records: [kinesis(packed(audit('a')))] }] }] }] }
    assert.deepEqual(readAll(records).unread, ['not an audit event'])
    assert.equal(auditTime({ Records: [kinesis(packed(inner))] }), undefined)
  })

  test('makes a file an audit log only by what it carries', () => {
    const time = Date.parse('2026-05-01T10:00:00.123Z')
    const control = packed({ messageType: 'CONTROL_MESSAGE', logEvents: [] })
    assert.equal(
      auditTime({ Records: [kinesis('broken'), kinesis(packed({ some: 'thing' })), kinesis(packed(audit('a')))] }),
      1777629600000,
    )
    assert.equal(auditTime({ Records: [kinesis(packed(nativeEvent()))] }), time)
    assert.equal(auditTime({ Records: [kinesis(control)] }), 0)
    for (const other of [
      { Records: [kinesis(packed({ level: 'info' }))] },
      { Records: [{ eventSource: 'aws:s3', s3: { bucket: {} } }] },
      { Records: [{ eventVersion: '1.08', eventSource: 'eks.amazonaws.com', userIdentity: {} }] },
      { records: [{ data: 'hello' }] },
      { data: packed(audit('a')).slice(0, 40) },
      { message: { data: 'aGVsbG8=', messageId: '1' } },
      { message: { text: 'hello' } },
    ] satisfies readonly Json[])
      assert.equal(auditTime(other), undefined, JSON.stringify(other))
  })
})
