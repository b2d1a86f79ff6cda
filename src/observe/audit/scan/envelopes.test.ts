import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type AuditJson, events } from '../../../../bench/audit/events.ts'
import { type Form, linesOf } from '../../../../bench/audit/write.ts'
import type { Json } from '../../../cluster/json.ts'
import type { AuditEvent } from '../event.ts'
import { readAudit } from '../reader.ts'
import type { AuditSink } from '../sink.ts'
import { nativeEvent } from '../testing.ts'
import { Envelopes } from './envelopes.ts'
import { Scanner } from './scanner.ts'
import { heard } from './testing.ts'

const PLACE = { file: 'audit.log', line: 7 }

/** What is scanned is what would be parsed; whether it is scanned at all. Between other bytes, as lines stand in a chunk. */
function agrees(envelopes: Envelopes, line: string): boolean {
  const bytes = Buffer.from(`x\n${line}\n{"message":"{}"}\n`)
  const scanned = heard()
  const isRead = envelopes.read(bytes, 2, 2 + Buffer.byteLength(line), PLACE.file, PLACE.line, scanned)
  if (!isRead) {
    assert.deepEqual(scanned.told, [])
    return false
  }
  const parsed = heard()
  readAudit(JSON.parse(line) as Json, PLACE, parsed)
  assert.deepEqual(scanned.told, parsed.told, line)
  return true
}

const fresh = (): Envelopes => new Envelopes(new Scanner(), true)
const some: readonly AuditJson[] = [...events(12, 1200)]
const by = (form: Form, size: number): readonly string[] =>
  Array.from({ length: some.length / size }, (_, at) => [
    ...linesOf(form, some.slice(at * size, (at + 1) * size)),
  ]).flat()
const eks = by('eks', 3)
const aks = by('aks', 1)
const logEvent = (fields: object = {}): object => ({
  timestamp: 1777629600000,
  message: JSON.stringify(nativeEvent()),
  ...fields,
})
const STREAM = 'kube-apiserver-audit-0f1e'
const data = { messageType: 'DATA_MESSAGE', logStream: STREAM }
/** With whether they are read from their bytes. */
const odd: readonly (readonly [value: object, isScanned: boolean])[] = [
  [logEvent(), true],
  [logEvent({ logStreamName: STREAM, ingestionTime: 7, eventId: '1' }), true],
  [logEvent({ logStreamName: 'authenticator-0f1e', message: 'time="x"' }), true],
  [logEvent({ message: 'hello', timestamp: '2026-05-01T10:00:00Z' }), true],
  [logEvent({ message: '{"kind":"Event","auditID":"cut', timestamp: null }), true],
  [logEvent({ message: JSON.stringify(nativeEvent({ requestReceivedTimestamp: null, stageTimestamp: null })) }), true],
  [logEvent({ message: ` ${JSON.stringify(nativeEvent())} \n` }), true],
  [logEvent({ message: JSON.stringify(nativeEvent({ userAgent: 'ü' })) }), false],
  [logEvent({ message: '\u0001' }), false],
  [logEvent({ message: '' }), true],
  [logEvent({ message: nativeEvent() }), false],
  [logEvent({ verb: 'get' }), false],
  [{ message: JSON.stringify(nativeEvent()) }, false],
  [{ ...data, logEvents: [logEvent(), { message: 'x' }, logEvent({ logStreamName: 'authenticator-1' })] }, true],
  [{ logEvents: [logEvent()], logStream: 'kube-scheduler-1' }, true],
  [{ ...data, messageType: 'CONTROL_MESSAGE', logEvents: [logEvent()] }, false],
  [{ ...data, logEvents: [] }, false],
  [{ ...data, logEvents: [{ timestamp: 1 }] }, false],
  [{ ...data, logEvents: [logEvent()], timestamp: 1 }, false],
  [{ ...data, logEvents: [logEvent({ logEvents: [] })] }, false],
  [{ category: 'kube-audit-admin', properties: { log: JSON.stringify(nativeEvent()) } }, true],
  [{ category: 'kube-audit', properties: { log: nativeEvent() } }, false],
  [{ category: 'kube-apiserver', properties: { log: JSON.stringify(nativeEvent()) } }, false],
  [{ category: 'kube-audit', properties: { log: 'text' } }, false],
  [{ category: 'kube-audit', message: 'x', properties: { log: JSON.stringify(nativeEvent()) } }, false],
  [{ properties: { log: JSON.stringify(nativeEvent()) } }, false],
]

describe('an envelope', () => {
  test('is read as it would be parsed, and those of the clouds are all read', () => {
    const envelopes = fresh()
    for (const line of [...eks, ...aks, ...eks.slice(0, 50)]) assert.ok(agrees(envelopes, line), line)
  })

  test('is read as it would be parsed, whatever it carries', () => {
    const envelopes = fresh()
    for (const [value, isScanned] of odd) {
      const line = JSON.stringify(value)
      assert.equal(agrees(envelopes, line), isScanned, line)
      agrees(envelopes, JSON.stringify(value, null, 2))
      agrees(envelopes, line.replaceAll('/', '\\/'))
      agrees(envelopes, JSON.stringify(Object.fromEntries(Object.entries(value).reverse())))
      assert.ok(agrees(envelopes, eks[0] as string))
      assert.ok(agrees(envelopes, aks[0] as string))
    }
  })

  test('of a key twice, of a key that means something else, or of none is left to the parser', () => {
    const envelopes = fresh()
    const [message] = [JSON.stringify(JSON.stringify(nativeEvent()))]
    for (const line of [
      `{"timestamp":1,"message":${message},"message":"x"}`,
      `{"timestamp":1,"message":${message},"mess\\u0061ge":"x"}`,
      `{"timestamp":1,"message":${message},"__proto__":{}}`,
      `{"category":"kube-audit","properties":{"log":${message},"log":"x"}}`,
      `{"category":"kube-audit","properties":{"log":${message},"lo\\u0067":"x"}}`,
      `{"category":"kube-audit","properties":{"log":${message}},"records":[]}`,
      `{"timestamp":1,"message":${message},}`,
      `{"timestamp":1,"message":${message}} x`,
      `{"timestamp":01,"message":${message}}`,
      '{}',
      '[]',
    ])
      assert.equal(agrees(envelopes, line), false, line)
  })

  test('is read as it would be parsed when bytes of it were changed', () => {
    const envelopes = fresh()
    const pieces = [
      '"',
      '\\',
      '\\"',
      '\\\\',
      '\\n',
      '\\u0041',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '0',
      'é',
      ' ',
      '\u0001',
      'null',
    ]
    const lines = [...eks.slice(0, 60), ...aks.slice(0, 120), ...odd.map(([value]) => JSON.stringify(value))]
    const change = fc.record({
      // A `double` would be near 0 mostly.
      at: fc.integer({ min: 0, max: 99_999 }),
      drop: fc.integer({ min: 0, max: 12 }),
      piece: fc.constantFrom('', ...pieces),
    })
    let read = 0
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.array(change, { minLength: 1, maxLength: 3 }), (line, changes) => {
        let text = line
        for (const { at, drop, piece } of changes) {
          const place = Math.floor((at / 100_000) * text.length)
          text = text.slice(0, place) + piece + text.slice(place + drop)
        }
        if (agrees(envelopes, text)) read++
        envelopes.begin()
      }),
      { numRuns: 20_000, seed: 20260502 },
    )
    assert.ok(read > 1000, `${read}`)
  })

  test('is not read when it was cut anywhere', () => {
    const envelopes = fresh()
    for (const line of [JSON.stringify(odd[1]?.[0]), JSON.stringify(odd[13]?.[0]), aks[0] as string]) {
      for (let length = 0; length < line.length; length++) {
        assert.equal(agrees(envelopes, line.slice(0, length)), false)
        const bytes = Buffer.from(line.slice(0, length))
        assert.equal(envelopes.read(bytes, 0, length, PLACE.file, PLACE.line, heard()), false)
      }
      assert.ok(agrees(envelopes, line))
    }
  })

  test('whose events are kept tells the same after others were read', () => {
    const envelopes = new Envelopes(new Scanner(), false)
    const kept: AuditEvent[] = []
    const sink: AuditSink = { event: (event) => kept.push(event), unread: assert.fail, leftOut: assert.fail }
    const lines = aks.slice(0, 900)
    for (const line of lines) {
      const bytes = Buffer.from(`${line}\n`)
      envelopes.begin()
      assert.ok(envelopes.read(bytes, 0, bytes.length - 1, PLACE.file, PLACE.line, sink))
      bytes.fill(0)
    }
    const ids = some.slice(0, 900).map(({ auditID, requestURI }) => `${auditID} ${requestURI.split('?')[0]}`)
    assert.deepEqual(
      kept.map(({ access: { id, path } }) => `${id} ${path}`),
      ids,
    )
  })
})
