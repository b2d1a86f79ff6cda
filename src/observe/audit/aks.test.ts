import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../cluster/json.ts'
import { nativeEvent, readAll } from './testing.ts'

const record = (log: Json, category = 'kube-audit', fields: object = {}): Json => ({
  time: '2026-05-01T10:00:01.0000000Z',
  category,
  operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read',
  properties: { log, stream: 'stdout', pod: 'kube-apiserver-1' },
  ...fields,
})

describe('an audit log of AKS', () => {
  test('has the event as a string or as an object, alone or among records', () => {
    const text = `${JSON.stringify(nativeEvent())}\n`
    const { events, unread } = readAll(
      record(text),
      record(nativeEvent()),
      { records: [record(text), record(text, 'kube-audit-admin')] },
      { Category: 'kube-audit', log_s: text, TimeGenerated: '2026-05-01T10:00:01Z' },
    )
    assert.deepEqual(unread, [])
    assert.deepEqual(
      events.map(({ form }) => form),
      ['aks', 'aks', 'aks', 'aks-admin', 'aks'],
    )
    for (const { access } of events) assert.deepEqual([access.user, access.name, access.code], ['alice', 'db', 200])
  })

  test('takes the time of the record where the event has none', () => {
    const bare = JSON.stringify({
      kind: 'Event',
      verb: 'get',
      objectRef: { resource: 'pods' },
      user: { username: 'x' },
    })
    assert.equal(readAll(record(bare)).accesses[0]?.time, Date.parse('2026-05-01T10:00:01Z'))
  })

  test('comes as rows of Log Analytics, whose dynamic columns may be texts', () => {
    const event = nativeEvent()
    const row = {
      TimeGenerated: '2026-05-01T10:00:01Z',
      AuditId: 'a',
      Level: 'Metadata',
      Stage: 'ResponseComplete',
      Verb: 'get',
      RequestUri: event.requestURI as string,
      User: event.user as Json,
      SourceIps: '["198.51.100.7"]',
      UserAgent: 'kubectl',
      ObjectRef: JSON.stringify(event.objectRef),
      ResponseStatus: JSON.stringify(event.responseStatus),
      RequestReceivedTime: '2026-05-01T10:00:00.123456Z',
      StageReceivedTime: '2026-05-01T10:00:00.223456Z',
      Annotations: JSON.stringify(event.annotations),
      RequestObject: 'skipped-too-big-size-object',
      Type: 'AKSAuditAdmin',
    }
    const { events } = readAll([row])
    const [native] = readAll(event).events
    assert.equal(events[0]?.form, 'aks-table-admin')
    for (const field of ['id', 'time', 'end', 'user', 'groups', 'name', 'decision', 'code', 'sources', 'path'] as const)
      assert.deepEqual(events[0]?.access[field], native?.access[field], field)
    assert.deepEqual([events[0]?.high, events[0]?.low], [native?.high, native?.low])
  })

  test('comes as the command line prints the answer of a query, and as its API sends it', () => {
    const event = nativeEvent()
    const columns = {
      TimeGenerated: '2026-05-01T10:00:01Z',
      AuditId: 'a',
      Level: 'Metadata',
      Stage: 'ResponseComplete',
      Verb: 'get',
      RequestUri: event.requestURI as string,
      User: JSON.stringify(event.user),
      SourceIps: '["198.51.100.7"]',
      UserAgent: 'kubectl',
      ObjectRef: JSON.stringify(event.objectRef),
      ResponseStatus: JSON.stringify(event.responseStatus),
      RequestObject: null,
      RequestReceivedTime: '2026-05-01T10:00:00.123456Z',
      StageReceivedTime: '2026-05-01T10:00:00.223456Z',
      Annotations: JSON.stringify(event.annotations),
      Type: 'AKSAudit',
    }
    const printed = Object.entries({ TableName: 'PrimaryResult', ...columns, ImpersonatedUser: null })
    const table = {
      name: 'PrimaryResult',
      columns: Object.keys(columns).map((name) => ({ name, type: 'string' })),
      rows: [Object.values(columns), Object.values(columns)],
    }
    const [native] = readAll(event).events
    const { events, unread } = readAll([Object.fromEntries(printed.map(([key, value]) => [key, value ?? 'None']))], {
      tables: [table],
    })
    assert.deepEqual(unread, [])
    assert.deepEqual(
      events.map(({ form, access }) => [form, access.place.item]),
      [
        ['aks', undefined],
        ['aks-table', '1'],
        ['aks-table', '2'],
      ],
    )
    for (const { access, high, low, level, body } of events) {
      assert.deepEqual([high, low, level, body], [native?.high, native?.low, native?.level, native?.body])
      for (const field of ['user', 'groups', 'impersonator', 'name', 'decision', 'code', 'sources', 'path'] as const)
        assert.deepEqual(access[field], native?.access[field], field)
    }
    const hostile = {
      columns: [{ name: '__proto__' }, { name: 'AuditId' }, { name: 'Verb' }, 7],
      rows: [[{ Type: 'AKSAudit' }, 'a', 'get'], 7],
    }
    assert.deepEqual(readAll({ tables: [hostile] }).unread, [
      'an event without a time',
      'not a record of a diagnostic log',
    ])
  })

  test('of a query that left out the category or the table hides reads, until it shows one', () => {
    const row = (verb: string): Record<string, Json> => ({
      AuditId: 'a',
      Verb: verb,
      TimeGenerated: '2026-05-01T10:00:01Z',
    })
    const log = (verb: string): Json => ({ TimeGenerated: 'x', log_s: JSON.stringify(nativeEvent({ verb })) })
    const { events } = readAll(row('create'), row('watch'), row('list'), log('create'), log('get'))
    assert.deepEqual(
      events.map(({ form }) => form),
      ['aks-table-admin', 'aks-table-admin', 'aks-table', 'aks-admin', 'aks'],
    )
    assert.deepEqual(readAll({ log_s: 'hello', TimeGenerated: 'x' }).unread, ['not an audit event'])
    for (const User of ['{"username":"al', "{'username': 'alice'}", 'alice'])
      assert.deepEqual(readAll({ ...row('get'), User }).unread, ['a row with a column that is no JSON'])
    assert.equal(readAll({ ...row('get'), User: '', RequestObject: '{"cut' }).events.length, 1)
  })

  test('counts other categories, text that is no event, and what was cut', () => {
    const { events, leftOut, unread } = readAll(
      record('I0501 10:00:00.000000       1 trace.go:219] Trace'),
      record('{"level":"info"}', 'guard'),
      record('{"kind":"Event","auditID":"a'),
      { records: [7, record(nativeEvent()), { Type: 'AKSControlPlane', Category: 'kube-apiserver', Message: 'x' }] },
      { Type: 'AKSControlPlane', Category: 'guard', Message: 'x' },
    )
    assert.equal(events.length, 1)
    assert.deepEqual(leftOut, [
      'text that is no event',
      'log of category guard',
      'row of the table AKSControlPlane',
      'row of the table AKSControlPlane',
    ])
    assert.deepEqual(unread, ['an event that was cut before its end', 'not a record of a diagnostic log'])
  })
})
