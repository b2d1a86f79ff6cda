import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../cluster/json.ts'
import { auditTime } from './reader.ts'
import { readAll } from './testing.ts'

const METHOD = 'io.k8s.core.v1.serviceaccounts.token.create'
const RESOURCE = 'core/v1/namespaces/shop/serviceaccounts/web/token'
const LOG = 'projects/p/logs/cloudaudit.googleapis.com%2Factivity'
const ENTRY = {
  insertId: 'i',
  labels: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: allowed' },
  logName: LOG,
  operation: { id: 'i', producer: 'k8s.io', first: true, last: true },
  protoPayload: {
    serviceName: 'k8s.io',
    methodName: METHOD,
    resourceName: RESOURCE,
    authenticationInfo: { principalEmail: 'alice', authoritySelector: 'bob' },
    authorizationInfo: [{ granted: true, permission: METHOD, resource: RESOURCE }],
    requestMetadata: { callerIp: '198.51.100.7', callerSuppliedUserAgent: 'kubectl' },
    status: { code: 0 },
    request: { spec: { audiences: ['x'] } },
    response: { status: { expirationTimestamp: '2026-05-01T11:00:00Z' } },
  },
  timestamp: '2026-05-01T10:00:00.120Z',
}
/** As a sink writes it and `bq query` prints it. */
const ROW = {
  insertId: 'i',
  labels: { authorization_k8s_io_decision: 'allow', authorization_k8s_io_reason: 'RBAC: allowed' },
  logName: LOG,
  operation: { id: 'i', producer: 'k8s.io', first: 'true', last: 'true' },
  protopayload_auditlog: {
    serviceName: 'k8s.io',
    methodName: METHOD,
    resourceName: RESOURCE,
    authenticationInfo: { principalEmail: 'alice', authoritySelector: 'bob', serviceAccountKeyName: null },
    authorizationInfo: [{ granted: 'true', permission: METHOD, resource: RESOURCE, resourceAttributes: null }],
    requestMetadata: { callerIp: '198.51.100.7', callerSuppliedUserAgent: 'kubectl' },
    status: { code: '0', message: null },
    requestJson: '{"spec":{"audiences":["x"]}}',
    responseJson: '{"status":{"expirationTimestamp":"2026-05-01T11:00:00Z"}}',
  },
  severity: null,
  timestamp: '2026-05-01 10:00:00.120000',
}
const lower = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(lower)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.toLowerCase(), lower(each)]))
}
const ANALYTICS = {
  insert_id: 'i',
  labels: JSON.stringify(ENTRY.labels),
  log_name: LOG,
  operation: ROW.operation,
  proto_payload: {
    type: 'type.googleapis.com/google.cloud.audit.AuditLog',
    audit_log: {
      service_name: 'k8s.io',
      method_name: METHOD,
      resource_name: RESOURCE,
      authentication_info: { principal_email: 'alice', authority_selector: 'bob' },
      authorization_info: [{ granted: 'true', permission: METHOD, resource: RESOURCE }],
      request_metadata: { caller_ip: '198.51.100.7', caller_supplied_user_agent: 'kubectl' },
      status: { code: '0' },
      request: '{"spec":{"audiences":["x"]}}',
      response: { status: { expirationTimestamp: '2026-05-01T11:00:00Z' } },
    },
  },
  timestamp: '2026-05-01 10:00:00.12 UTC',
}

const shown = (row: Json): Json[] =>
  readAll(row).events.map(({ access, ...event }) =>
    JSON.parse(JSON.stringify({ ...event, ...access, time: access.time })),
  )
const payload = (fields: Readonly<Record<string, Json>>): Json => ({
  ...ROW,
  protopayload_auditlog: { ...ROW.protopayload_auditlog, ...fields },
})

describe('a row of BigQuery', () => {
  test('tells what its log entry tells, by its table or its view, whatever the case of its names', () => {
    const [entry] = shown(ENTRY)
    for (const row of [ROW, ANALYTICS, { ...ROW, protopayload_auditlog: lower(ROW.protopayload_auditlog) }, lower(ROW)])
      assert.deepEqual(shown(row), [entry])
    assert.equal(auditTime([ROW]), Date.parse('2026-05-01T10:00:00.120Z'))
  })

  test('has a denial as a denial, a status without a field as success, and an answer that is not there as none', () => {
    const codes = (fields: Readonly<Record<string, Json>>): Json =>
      readAll(payload(fields)).accesses.map(({ code }) => code)
    assert.deepEqual(codes({ status: { code: '7', message: 'no' } }), [403])
    assert.deepEqual(codes({ status: { code: 7 } }), [403])
    assert.deepEqual(codes({ status: null }), [200])
    assert.deepEqual(codes({ status: { code: null, message: null } }), [200])
    const { status: _, ...rest } = ROW.protopayload_auditlog
    assert.deepEqual(
      readAll({ ...ROW, protopayload_auditlog: rest }).accesses.map(({ code }) => code),
      [0],
    )
    const bare = (granted: Json): Json => ({
      ...(payload({ authorizationInfo: [{ granted }] }) as object),
      labels: null,
    })
    assert.deepEqual(
      [bare('false'), bare(false), bare('true'), bare(null)].map((row) => readAll(row).accesses[0]?.decision),
      ['forbid', 'forbid', 'allow', 'untold'],
    )
  })

  test('without a time, of another service, or broken, is told to be', () => {
    assert.deepEqual(readAll({ ...ROW, timestamp: '1.7E9' }).unread, ['an event without a time'])
    const other = payload({ serviceName: 'compute.googleapis.com', methodName: 'v1.compute.instances.insert' })
    assert.deepEqual(readAll(other).leftOut, ['the audit log of compute.googleapis.com, not of Kubernetes'])
    assert.equal(auditTime(other), undefined)
    for (const broken of [
      { protopayload_auditlog: 7 },
      { protopayload_auditlog: {} },
      { proto_payload: { audit_log: [] } },
    ])
      assert.equal(readAll(broken as Json).unread.length, 1)
    const hostile = JSON.parse(
      `{"__proto__": {"x": 1}, "protopayload_auditlog": {"__proto__": {"serviceName": "k8s.io"}, "constructor": 1}, "timestamp": {}}`,
    ) as Json
    assert.deepEqual(readAll(hostile).events, [])
    assert.equal(readAll(payload({ requestJson: '{"broken' })).events.length, 1)
  })
})

describe('a message of Pub/Sub', () => {
  const data = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64')
  const message = (value: Json, id = '1'): Json => ({ data: data(value), messageId: id, attributes: {} })

  test('tells what its log entry tells, pushed, pulled or alone', () => {
    const expected = shown(ENTRY)
    for (const value of [
      { message: message(ENTRY), subscription: 'projects/p/subscriptions/s' },
      { receivedMessages: [{ ackId: 'a', message: message(ENTRY) }] },
      [{ ackId: 'a', message: message(ENTRY) }],
      message(ENTRY),
      { message: { data: data(ENTRY), message_id: '1', publish_time: '2026-05-01T10:00:01Z' } },
    ])
      assert.deepEqual(shown(value), expected)
    const several: Json = {
      receivedMessages: [{ message: message(ENTRY) }, { message: message({ ...ENTRY, insertId: 'j' }) }],
    }
    assert.deepEqual(
      readAll(several).accesses.map(({ place }) => place.item),
      ['1', '2'],
    )
  })

  test('of another service is counted by name, and without data as not read', () => {
    const other = { ...ENTRY, protoPayload: { ...ENTRY.protoPayload, serviceName: 'storage.googleapis.com' } }
    const { leftOut, unread } = readAll({
      receivedMessages: [{ message: message(other) }, { message: { messageId: '2' } }],
    })
    assert.deepEqual(leftOut, ['the audit log of storage.googleapis.com, not of Kubernetes'])
    assert.deepEqual(unread, ['a message without data'])
    assert.deepEqual(readAll([{ ackId: 'a', message: { data: '***', messageId: '1' } }]).unread, [
      'data that is not Base64',
    ])
  })
})
