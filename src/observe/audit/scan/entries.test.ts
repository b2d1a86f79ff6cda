import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { events } from '../../../../bench/audit/events.ts'
import { linesOf } from '../../../../bench/audit/write.ts'
import type { Json } from '../../../cluster/json.ts'
import { readAudit } from '../reader.ts'
import { Entries } from './entries.ts'
import { heard } from './testing.ts'

const PLACE = { file: 'audit.log', line: 7 }

/** What is scanned is what would be parsed; whether it is scanned at all. Between other bytes, as lines stand in a chunk. */
function agrees(entries: Entries, line: string): boolean {
  const bytes = Buffer.from(`x\n${line}\n{"insertId":""}\n`)
  const event = entries.read(bytes, 2, 2 + Buffer.byteLength(line), PLACE.file, PLACE.line)
  if (!event) return false
  const [scanned, detached, parsed] = [heard(), heard(), heard()]
  scanned.event(event)
  event.access.detach()
  bytes.fill(0)
  detached.event(event)
  readAudit(JSON.parse(line) as Json, PLACE, parsed)
  assert.deepEqual(scanned.told, parsed.told, line)
  assert.deepEqual(detached.told, parsed.told, line)
  return true
}

const generated = [...linesOf('gke', events(13, 3000))]
type Fields = Readonly<Record<string, unknown>>
const entry = (payload: Fields = {}, fields: Fields = {}): Fields => ({
  insertId: 'i',
  labels: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'of "x"' },
  logName: 'projects/p/logs/cloudaudit.googleapis.com%2Factivity',
  operation: { first: true, id: 'o', last: true, producer: 'k8s.io' },
  protoPayload: {
    '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
    authenticationInfo: { principalEmail: 'alice@example.com' },
    authorizationInfo: [{ granted: true, permission: 'io.k8s.core.v1.secrets.get', resource: 'x' }],
    methodName: 'io.k8s.core.v1.secrets.get',
    requestMetadata: { callerIp: '203.0.113.9', callerSuppliedUserAgent: 'kubectl' },
    resourceName: 'core/v1/namespaces/shop/secrets/db',
    serviceName: 'k8s.io',
    status: {},
    ...payload,
  },
  timestamp: '2026-05-01T10:00:00.123456Z',
  ...fields,
})
/** With whether they are read from their bytes. */
const odd: readonly (readonly [value: Fields, isScanned: boolean])[] = [
  [entry(), true],
  [entry({ authenticationInfo: { principalEmail: 'alice', authoritySelector: 'system:serviceaccount:a:b' } }), true],
  [entry({ authenticationInfo: { principalEmail: null } }), false],
  [entry({ authenticationInfo: {} }), true],
  [entry({ authorizationInfo: [{ granted: true }, { granted: false }] }, { labels: { x: '1' } }), true],
  [entry({ authorizationInfo: [{ granted: true }, { permission: 'x' }] }, { labels: { x: '1' } }), true],
  [entry({ authorizationInfo: [{ granted: 'true' }] }, { labels: { x: '1' } }), true],
  [entry({ authorizationInfo: [] }), false],
  [entry({ authorizationInfo: [7] }), false],
  [entry({ authorizationInfo: undefined }, { authorizationInfo: [{ granted: false }], labels: undefined }), false],
  [entry({ status: { code: 7, message: 'no', details: [{}] } }, { labels: undefined }), true],
  [entry({ status: { code: 403 } }, { labels: undefined }), true],
  [entry({ status: { code: 1e9 } }), false],
  [entry({ status: null }), false],
  [entry({ status: undefined }), true],
  [
    entry({ methodName: 'io.k8s.core.v1.pods.eviction.create', request: { deleteOptions: { dryRun: ['All'] } } }),
    false,
  ],
  [entry({ methodName: 'io.k8s.core.v1.secrets.update', request: { a: [{}, { b: '{' }] }, response: {} }), true],
  [entry({ methodName: 'io.k8s.core.v1.secrets.update', request: null }), true],
  [entry({ methodName: '' }), false],
  [entry({ methodName: 'google.container.v1.ClusterManager.GetCluster' }), false],
  [entry({ methodName: 'io.k8s.get', resourceName: 'readyz' }), true],
  [entry({ resourceName: '' }), false],
  [entry({ serviceName: 'storage.googleapis.com' }), false],
  [entry({ serviceName: undefined }), false],
  [entry({ requestMetadata: { callerIP: '10.0.0.1' } }), true],
  [entry({ requestMetadata: { callerIP: '10.0.0.1', callerIp: '' } }), true],
  [entry({ requestMetadata: { callerSuppliedUserAgent: 'ü' } }), false],
  [entry({}, { operation: { id: 'o', first: true } }), true],
  [entry({}, { operation: { id: 'o', last: true, first: false } }), true],
  [entry({}, { operation: { id: '', first: 'true' } }), true],
  [entry({}, { operation: undefined, insertId: undefined }), true],
  [entry({}, { timestamp: '2026-05-01 10:00:00.5 UTC' }), true],
  [entry({}, { timestamp: 'x' }), false],
  [entry({}, { timestamp: undefined, receiveTimestamp: '2026-05-01T10:00:00Z' }), false],
  [entry({}, { verb: 'get' }), false],
  [entry({}, { labels: { 'authorization.k8s.io/decision': 7 } }), false],
  [entry({}, { severity: 'NOTICE', logName: 'x/data_access', resource: { type: 'k8s_cluster' } }), true],
]

describe('an entry of Cloud Audit Logs', () => {
  test('is read as it would be parsed, and those of GKE are all read', () => {
    const entries = new Entries()
    for (const line of [...generated, ...generated.slice(0, 100)]) assert.ok(agrees(entries, line), line)
  })

  test('is read as it would be parsed, whatever it says', () => {
    const entries = new Entries()
    for (const [value, isScanned] of odd) {
      const line = JSON.stringify(value)
      assert.equal(agrees(entries, line), isScanned, line)
      assert.ok(agrees(entries, generated[0] as string))
      agrees(entries, JSON.stringify(value, null, 2))
      agrees(entries, line.replaceAll('/', '\\/'))
      agrees(entries, JSON.stringify(Object.fromEntries(Object.entries(value).reverse())))
    }
  })

  test('is read as it would be parsed when bytes of it were changed, also with a key twice', () => {
    const entries = new Entries()
    const signs = ['"', '\\', '\\"', '\\u0041', ',', ':', '{', '}', '[', ']', '0', 'é', ' ', '\u0001', 'null', 'true,']
    const fields = [
      '"methodName":"x.v1.y.z",',
      '"granted":false,',
      '"code":7,',
      '"first":true,',
      '"id":"x",',
      '"verb":"get",',
    ]
    const lines = [...generated.slice(0, 200), ...odd.map(([value]) => JSON.stringify(value))]
    const change = fc.record({
      at: fc.integer({ min: 0, max: 99_999 }),
      drop: fc.integer({ min: 0, max: 12 }),
      piece: fc.constantFrom('', ...signs, ...fields),
      isField: fc.boolean(),
    })
    let read = 0
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.array(change, { minLength: 1, maxLength: 3 }), (line, changes) => {
        let text = line
        for (const { at, drop, piece, isField } of changes) {
          const place = Math.floor((at / 100_000) * text.length)
          // Before a key.
          const key = isField ? Math.max(text.indexOf('{', place), 0) + 1 : place
          text = text.slice(0, key) + piece + text.slice(isField ? key : key + drop)
        }
        if (agrees(entries, text)) read++
      }),
      { numRuns: 20_000, seed: 20260503 },
    )
    assert.ok(read > 1000, `${read}`)
  })

  test('is not read when it was cut anywhere', () => {
    const entries = new Entries()
    const line = generated[0] as string
    for (let length = 0; length < line.length; length++) {
      assert.equal(agrees(entries, line.slice(0, length)), false)
      const bytes = Buffer.from(line.slice(0, length))
      assert.equal(entries.read(bytes, 0, length, PLACE.file, PLACE.line), undefined)
    }
  })
})
