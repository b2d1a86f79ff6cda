import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject } from '../../cluster/json.ts'
import { columnsOf, recordOf } from './columns.ts'
import { auditTime } from './reader.ts'
import { nativeEvent, readAll } from './testing.ts'

const row = (fields: Readonly<Record<string, string>>): JsonObject =>
  recordOf(columnsOf(Object.keys(fields)), Object.values(fields))
const event = nativeEvent()
const texts = Object.fromEntries(
  Object.entries(event).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
)

describe('a row of a table that was written as text', () => {
  test('is the event whose fields its columns are, however they are written', () => {
    const lower = Object.fromEntries(Object.entries(texts).map(([name, value]) => [name.toLowerCase(), value]))
    for (const each of [lower, texts, { ...lower, partition_0: '2026' }]) {
      const { accesses, unread } = readAll(row(each))
      const [access] = accesses
      assert.deepEqual(unread, [])
      assert.deepEqual(
        [access?.user, access?.groups, access?.resource, access?.code, access?.decision, access?.sources],
        ['alice', ['dev', 'system:authenticated'], 'secrets', 200, 'allow', ['198.51.100.7']],
      )
      assert.equal(auditTime(row(each)), Date.parse('2026-05-01T10:00:00.123Z'))
    }
  })

  test('without who or what it was, or with structures that cannot be read back, is counted', () => {
    const { user: _, ...without } = texts
    const unread = [
      row({ ...texts, user: '{username=alice, groups=[dev]}' }),
      row({ ...texts, objectRef: '{resource=secrets' }),
      row(without),
      row({ ...without, 'user.username': 'alice' }),
      row({ ...texts, user: 'null' }),
    ].flatMap((each) => readAll(each).unread)
    assert.deepEqual(unread, [
      'a row whose column user is no JSON',
      'a row whose column objectref is no JSON',
      'a row without the column user',
      'a row without the column user',
      'a row without the column user',
    ])
    assert.equal(readAll(row({ ...texts, requestObject: '{kind=Pod}' })).accesses.length, 1)
  })

  test('may carry the event in one column, whatever that is called', () => {
    const text = JSON.stringify(event)
    for (const each of [
      { '@timestamp': '2026-05-01 10:00:00.123', '@message': text },
      { '@message': text },
      { timestamp: '1777629600123', message: text },
      { _raw: text, _time: 'x' },
      { line: text },
      { log_s: text, 'TimeGenerated [Local Time]': '5/1/2026, 10:00:00.123 AM' },
      { message: text, 'agent.name': 'x', '@timestamp': 'May 1, 2026 @ 10:00:00.123' },
    ]) {
      const { accesses, unread, leftOut } = readAll(row(each))
      assert.deepEqual([accesses.map(({ id }) => id), unread, leftOut], [['a'], [], []])
      assert.equal(typeof auditTime(row(each)), 'number')
    }
  })

  test('of single fields is counted', () => {
    const fields = { '@timestamp': '2026-05-01 10:00:00.123', verb: 'get', 'user.username': 'alice' }
    const { unread, leftOut } = readAll(row(fields))
    assert.deepEqual([unread.length, leftOut], [1, []])
    assert.match(unread[0] ?? '', /^single fields of events/)
  })

  test('of the portal of Azure has times as it writes them', () => {
    const at = (time: string): unknown => row({ 'TimeGenerated [UTC]': time }).TimeGenerated
    assert.equal(at('5/1/2026, 10:00:00.123 AM'), '2026-05-01T10:00:00.123Z')
    assert.equal(at('12/31/2026, 12:05:09 AM'), '2026-12-31T00:05:09Z')
    assert.equal(at('12/31/2026, 12:05:09 PM'), '2026-12-31T12:05:09Z')
    assert.equal(at('12/31/2026, 11:59:59.999 PM'), '2026-12-31T23:59:59.999Z')
    assert.equal(at('31.12.2026 23:59'), '31.12.2026 23:59')
    const table = row({
      ...{ AuditId: 'a', Verb: 'get', User: '{"username":"alice"}', ObjectRef: '{"resource":"pods"}' },
      'RequestReceivedTime [Local Time]': '5/1/2026, 10:00:00.123 AM',
    })
    assert.deepEqual(readAll(table).unread, ['an event without a time'])
  })
})

describe('a row of a log entry', () => {
  const entry = {
    insertId: 'a',
    'labels.authorization.k8s.io/decision': 'allow',
    'labels."authorization.k8s.io/reason"': 'RBAC: x',
    logName: 'projects/p/logs/cloudaudit.googleapis.com%2Factivity',
    'protoPayload.@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
    'protoPayload.authenticationInfo.principalEmail': 'alice@example.com',
    'protoPayload.authorizationInfo[0].granted': 'true',
    'protoPayload.authorizationInfo[0].permission': 'io.k8s.core.v1.secrets.create',
    'protoPayload.methodName': 'io.k8s.core.v1.secrets.create',
    'protoPayload.requestMetadata.callerIp': '198.51.100.7',
    'protoPayload.resourceName': 'core/v1/namespaces/shop/secrets/db',
    'protoPayload.serviceName': 'k8s.io',
    'protoPayload.status.code': '7',
    'resource.labels.cluster_name': 'c',
    timestamp: '2026-05-01T10:00:00.123456Z',
  }

  test('is read as the entry that it was', () => {
    const list = JSON.stringify([{ granted: true, permission: 'io.k8s.core.v1.secrets.create' }])
    const {
      'protoPayload.authorizationInfo[0].granted': _,
      'protoPayload.authorizationInfo[0].permission': __,
      ...rest
    } = entry
    for (const each of [entry, { ...rest, 'protoPayload.authorizationInfo': list }]) {
      const [access] = readAll(row(each)).accesses
      assert.deepEqual(
        [
          access?.user,
          access?.verb,
          access?.resource,
          access?.namespace,
          access?.decision,
          access?.reason,
          access?.code,
        ],
        ['alice@example.com', 'create', 'secrets', 'shop', 'allow', 'RBAC: x', 403],
      )
      assert.equal(auditTime(row(each)), Date.parse('2026-05-01T10:00:00.123Z'))
    }
  })

  test('may have its payload as text', () => {
    const protoPayload = JSON.stringify({
      serviceName: 'k8s.io',
      methodName: 'io.k8s.core.v1.pods.create',
      resourceName: 'core/v1/namespaces/shop/pods/a',
      authenticationInfo: { principalEmail: 'bob' },
    })
    const [access] = readAll(row({ insertId: 'x', timestamp: '2026-05-01T10:00:00Z', protoPayload })).accesses
    assert.deepEqual([access?.user, access?.resource], ['bob', 'pods'])
  })

  test('with columns of any name is bounded', () => {
    const deep = `protoPayload.${'a.'.repeat(5000)}b`
    const hostile = { ...entry, [deep]: 'x', 'protoPayload.__proto__.x': 'y', 'protoPayload.status': 'z', '': 'w' }
    assert.equal(readAll(row(hostile)).accesses.length, 1)
  })
})
