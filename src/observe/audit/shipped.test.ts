import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../cluster/json.ts'
import { auditTime } from './reader.ts'
import { nativeEvent, readAll } from './testing.ts'

const event = nativeEvent()
const text = JSON.stringify(event)
const AT = Date.parse('2026-05-01T10:00:00.123Z')
const ids = (value: Json): readonly string[] => readAll(value).accesses.map(({ id }) => id)

describe('a log as it was shipped or stored', () => {
  const carriers: Readonly<Record<string, Json>> = {
    'Fluent Bit': { date: 1, log: text },
    'Fluentd, with its level': { log: `${text}\n`, stream: 'stdout' },
    Vector: { file: 'x', message: text, source_type: 'file', timestamp: '2026-05-01T10:00:00Z' },
    'Filebeat, whose log is an object': { '@timestamp': '2026-05-01T10:00:00Z', message: text, log: { offset: 1 } },
    'the original of Elastic': { event: { original: text, dataset: 'x' }, message: 'x' },
    Elasticsearch: { _index: 'a', _source: { kubernetes: { audit: event } } },
    Splunk: { preview: false, result: { _raw: text, _time: '1' } },
    'a collector of Splunk': { time: 1, event },
    Datadog: { _id: 'a', attributes: { service: 'x', attributes: event } },
    'GELF, the whole message': { version: '1.1', host: 'x', short_message: 'x', full_message: text },
    'the journal': { _COMM: 'kube-apiserver', MESSAGE: [...Buffer.from(text)] },
    'Cloud Logging': { logName: 'x', textPayload: text, resource: {} },
    OpenTelemetry: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }] },
    'a push to Loki': { streams: [{ stream: {}, values: [['1', text]] }] },
    'GKE, stored elsewhere': {
      _source: {
        message: JSON.stringify({
          insertId: 'a',
          logName: 'x/activity',
          timestamp: '2026-05-01T10:00:00.123Z',
          protoPayload: {
            serviceName: 'k8s.io',
            methodName: 'io.k8s.core.v1.pods.create',
            resourceName: 'core/v1/pods/a',
          },
        }),
      },
    },
  }
  for (const [name, value] of Object.entries(carriers)) {
    test(`by ${name} is read`, () => {
      assert.deepEqual(ids(value), ['a'])
      assert.equal(auditTime(value), AT)
      assert.deepEqual([readAll(value).unread, readAll(value).leftOut], [[], []])
    })
  }

  test('is told as the API server’s own, and has the time of its carrier where it has none', () => {
    const { requestReceivedTimestamp: _, stageTimestamp: __, ...timeless } = event
    const { events } = readAll({ '@timestamp': '2026-05-01T10:00:00Z', message: JSON.stringify(timeless), log: {} })
    assert.deepEqual(
      events.map(({ form, access }) => [form, access.time]),
      [['native', Date.parse('2026-05-01T10:00:00Z')]],
    )
    assert.equal(auditTime({ host: 'x', message: JSON.stringify(timeless) }), undefined)
  })

  test('has its annotations under the names that they had', () => {
    const annotations = { 'authorization_k8s_io/decision': 'forbid', 'authorization_k8s_io/reason': 'no', a_b: 'c' }
    const [access] = readAll({ kubernetes: { audit: nativeEvent({ annotations }) } }).accesses
    assert.deepEqual([access?.decision, access?.reason], ['forbid', 'no'])
  })

  test('has places for each of several', () => {
    const value = { hits: { hits: [{ _source: event }, { _source: { message: text } }, { _source: { level: 'x' } }] } }
    const { events, unread } = readAll(value)
    assert.deepEqual(
      events.map(({ access }) => access.place.item),
      ['1', '2'],
    )
    assert.deepEqual(unread, ['a record that carries no event'])
  })

  test('may hold other text, and events that were cut', () => {
    const { accesses, unread, leftOut } = readAll(
      { log: 'I0501 klog', stream: 'stderr', time: '2026-05-01T10:00:00Z' },
      { message: text.slice(0, 300), host: 'x' },
      { MESSAGE: ['x'], _COMM: 'y' },
    )
    assert.deepEqual(accesses, [])
    assert.deepEqual(leftOut, ['text that is no event'])
    assert.deepEqual(unread, ['an event that was cut before its end', 'not an audit event'])
    assert.ok(auditTime({ message: text.slice(0, 300), host: 'x', time: '2026-05-01T10:00:00Z' }) !== undefined)
  })

  test('is not the log of a node', () => {
    const { leftOut } = readAll({ logName: 'x', textPayload: 'hello', resource: { type: 'k8s_node' } })
    assert.deepEqual(leftOut, ['the log of a node, not an audit log'])
  })

  test('is not whatever has a message', () => {
    for (const value of [{ message: 'hello' }, { log: {} }, { event: { a: 1 } }, { attributes: 'x' }, { result: {} }])
      assert.equal(auditTime(value), undefined)
    let deep: Json = event
    for (let depth = 0; depth < 5000; depth++) deep = { attributes: deep }
    assert.deepEqual(readAll(deep).unread, ['not an audit event'])
  })
})

describe('a line with something before its event', () => {
  const heads = [
    '2026-05-01T10:00:00.123456789Z stdout F ',
    '2026-05-01T10:00:00.123456789Z ',
    'ip-10-0-1-2.ec2.internal ',
    '[pod/kube-apiserver-cp-0/kube-apiserver] ',
    '2026-05-01T10:00:00+00:00\tkube.audit\t',
    '2026-05-01T10:00:00.123Z\t',
    '<134>1 2026-05-01T10:00:00.123Z cp-0 kube-apiserver 123 audit - ',
    '<134>May  1 10:00:00 cp-0 kube-apiserver[123]: ',
    'May 11 10:00:00 cp-0 k3s[1]: ',
    '2026-05-01T10:00:00+0000 cp-0 kube-apiserver[123]: ',
  ]
  for (const head of heads)
    test(`as ${JSON.stringify(head)} is read`, () => assert.deepEqual(ids(`${head}${text}`), ['a']))

  test('is never looked for in other text', () => {
    for (const head of ['hello, ', 'GET /a HTTP/1.1" "', 'I0501 10:00:00.1 1 a.go:1] ', 'x: ', '# '])
      assert.deepEqual(readAll(`${head}${text}`).unread, ['not JSON'])
  })

  test('may be cut, a part, or no event', () => {
    const { unread, leftOut } = readAll(
      `cp-0 ${text.slice(0, 200)}`,
      `2026-05-01T10:00:00.1Z stdout P ${text.slice(0, 200)}`,
      '2026-05-01T10:00:00.1Z stdout F klog',
      'cp-0 {"a":1}',
    )
    assert.deepEqual(unread, [
      'an event that was cut before its end',
      'a part of a line whose other parts stand elsewhere',
      'not an audit event',
    ])
    assert.deepEqual(leftOut, ['text that is no event'])
  })
})
