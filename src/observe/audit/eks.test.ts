import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../cluster/json.ts'
import { nativeEvent, readAll } from './testing.ts'

const STREAM = 'kube-apiserver-audit-0f1e2d3c'
const ids = (...values: readonly Json[]): readonly string[] => readAll(...values).accesses.map(({ id }) => id)
const message = (auditID: string): string => JSON.stringify(nativeEvent({ auditID }))
const logEvent = (auditID: string): Json => ({ timestamp: 1777629600000, message: `${message(auditID)}\n` })

describe('an audit log of EKS', () => {
  test('comes as the command line prints it, with the stream of each event or without', () => {
    const filtered = {
      events: [
        { ...(logEvent('a') as object), logStreamName: STREAM, eventId: '1', ingestionTime: 1777629600001 },
        {
          logStreamName: 'authenticator-0f1e',
          timestamp: 1,
          message: 'time="2026-05-01T10:00:00Z" level=info msg="x"',
        },
        { logStreamName: 'kube-apiserver-0f1e', timestamp: 1, message: 'I0501 10:00:00.000000 11 x.go:1] x' },
      ],
      searchedLogStreams: [],
    }
    const { accesses, events, leftOut, unread } = readAll(filtered)
    assert.deepEqual(
      accesses.map(({ id }) => id),
      ['a'],
    )
    assert.deepEqual([events[0]?.form, unread], ['eks', []])
    assert.deepEqual(leftOut, ['log of aws-iam-authenticator', 'log of kube-apiserver'])
    assert.deepEqual(ids({ events: [logEvent('a'), logEvent('b')], nextForwardToken: 'f/1' }), ['a', 'b'])
    assert.deepEqual(readAll({ events: [], searchedLogStreams: [] }).unread, [])
  })

  test('comes from subscriptions, whose control messages are none', () => {
    const data = { messageType: 'DATA_MESSAGE', logGroup: '/aws/eks/x/cluster', logStream: STREAM }
    assert.deepEqual(ids({ ...data, logEvents: [logEvent('a'), logEvent('b')] }), ['a', 'b'])
    const other = { ...data, logStream: 'authenticator-0f1e', logEvents: [{ id: '1', timestamp: 1, message: 'time=' }] }
    assert.deepEqual(readAll(other).leftOut, ['log of aws-iam-authenticator'])
    const untold = {
      ...data,
      logStream: '',
      logEvents: [{ message: 'time="2026-05-01T10:00:00Z" level=info msg="x"' }],
    }
    assert.deepEqual(readAll(untold).leftOut, ['log of aws-iam-authenticator'])
    assert.deepEqual(readAll({ messageType: 'CONTROL_MESSAGE', logEvents: [] }).leftOut, [
      'control message of a subscription',
    ])
  })

  test('comes with the time before each line, as exported to S3, and with the stream as `aws logs tail` prints it', () => {
    assert.deepEqual(ids(`2026-05-01T10:00:00.123Z ${message('a')}`), ['a'])
    assert.deepEqual(ids(`2026-05-01T10:00:00.123000+00:00 ${STREAM} ${message('b')}`), ['b'])
    const other = readAll(
      '2026-05-01T10:00:00Z authenticator-0f1e time="2026-05-01T10:00:00Z" level=info msg="granted"',
    )
    assert.deepEqual([other.unread, other.leftOut], [[], ['log of aws-iam-authenticator']])
    assert.deepEqual(readAll('2026-05-01 10:00:00 hello', 'hello').unread, ['not JSON', 'not JSON'])
  })

  test('comes as rows of Logs Insights', () => {
    const results = [
      [
        { field: '@timestamp', value: '2026-05-01 10:00:00.123' },
        { field: '@message', value: message('a') },
      ],
    ]
    assert.deepEqual(ids({ results, status: 'Complete' }), ['a'])
    assert.deepEqual(ids({ '@timestamp': '2026-05-01 10:00:00.123', '@message': JSON.parse(message('b')) }), ['b'])
  })

  test('that was cut is counted as cut', () => {
    const cut = readAll({ timestamp: 1, message: message('a').slice(0, 200) })
    assert.deepEqual([cut.events.length, cut.leftOut], [0, []])
    assert.match(cut.unread[0] ?? '', /cut before its end/)
  })

  test('tells who is behind a name that several share, and takes the time of the log event where there is no other', () => {
    const extra = {
      accessKeyId: ['ASIA1'],
      sessionName: ['bob@example.com'],
      arn: ['arn:aws:sts::1:assumed-role/x/bob'],
    }
    const event = nativeEvent({
      user: { username: 'admin', extra },
      requestReceivedTimestamp: null,
      stageTimestamp: null,
    })
    const [access] = readAll({ timestamp: 1777629600000, message: JSON.stringify(event) }).accesses
    assert.deepEqual(
      [access?.credential, access?.session, access?.time],
      ['AKID=ASIA1', 'bob@example.com', 1777629600000],
    )
  })

  test('is not whatever else has events or a message', () => {
    for (const value of [{ events: [7] }, { message: 'hello' }, { events: [{ message: 'x' }] }, { logEvents: 'x' }])
      assert.deepEqual(readAll(value).unread, ['not an audit event'])
  })
})
