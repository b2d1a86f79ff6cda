import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isObject, type Json, type JsonObject, object } from '../../cluster/json.ts'
import { isAuditEvent } from './native.ts'
import { readAll } from './testing.ts'

const corpus = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const skip = existsSync(corpus) ? false : `no corpus at ${corpus} (set BULKHEAD_CORPUS)`
const TIME = '2026-05-01T10:00:00Z'

/**
 * Logs of Panther's rule tests are cut down to what a rule asks: what they lack of an event is given to them, nothing
 * that they have is changed.
 */
function completed(log: JsonObject): JsonObject {
  if (isObject(log.protoPayload)) return { timestamp: TIME, ...log }
  if (log.properties !== undefined) return { time: TIME, ...log }
  return { auditID: 'given', verb: 'get', requestReceivedTimestamp: TIME, ...log }
}

interface RuleTest {
  readonly rule: string
  readonly log: JsonObject
}

describe('audit logs of the corpus', { skip }, () => {
  test('all 175 events of Panther are read in their form, and denials stay denials', () => {
    const tests = readFileSync(join(corpus, 'audit/panther-rule-tests.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RuleTest)
    const forms = new Map<string, number>()
    let denied = 0
    for (const { rule, log } of tests) {
      const { events, unread, leftOut } = readAll(completed(log))
      const service = object(log.protoPayload).serviceName
      if (service !== undefined && service !== 'k8s.io') {
        assert.deepEqual([events.length, unread, leftOut.length], [0, [], 1], rule)
        forms.set('other service', (forms.get('other service') ?? 0) + 1)
        continue
      }
      assert.deepEqual([events.length, unread, leftOut], [1, [], []], `${rule} ${JSON.stringify(log)}`)
      const { form, access } = events[0] as (typeof events)[number]
      forms.set(form, (forms.get(form) ?? 0) + 1)
      const payload = object(log.protoPayload)
      if (form.startsWith('gke')) {
        const asked = payload.authorizationInfo ?? log.authorizationInfo
        const isGranted = !JSON.stringify(asked ?? []).includes('"granted":false')
        const isDenied = object(payload.status).code === 7 || !isGranted
        assert.equal(access.decision === 'forbid', isDenied, rule)
        if (isDenied) denied++
        assert.ok(access.resource !== '' || access.path.startsWith('/'), rule)
        continue
      }
      const inner = form.startsWith('aks') ? innerOf(object(log.properties).log) : log
      assert.ok(isAuditEvent({ verb: 'get', auditID: '', ...inner }), rule)
      assert.equal(access.user, object(inner.user).username ?? '', rule)
      assert.equal(access.resource, object(inner.objectRef).resource ?? '', rule)
      assert.equal(access.code, object(inner.responseStatus).code ?? 0, rule)
      if (access.code === 403) denied++
    }
    assert.deepEqual(Object.fromEntries(forms), {
      native: 109,
      aks: 24,
      'gke-activity': 28,
      'gke-data-access': 9,
      'other service': 5,
    })
    assert.equal(denied, 28)
  })

  test('all 8,281 rows of PerfSPEC are events, as its policy and its columns tell', () => {
    const rows = readFileSync(join(corpus, 'audit/perfspec-audit-logs.csv'), 'utf8').trimEnd().split('\n').map(cells)
    assert.equal(rows.length, 8281)
    let denied = 0
    for (const row of rows) {
      const [, time = '', user = '', verb = '', resource = '', namespace = '', name = '', subresource = ''] = row
      const [uri = '', id = '', stage = '', code = ''] = row.slice(8)
      const { accesses, unread } = readAll({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'Metadata',
        auditID: id,
        stage,
        requestURI: uri,
        verb,
        user: { username: user },
        ...(resource === '' ? {} : { objectRef: { resource, namespace, name, subresource } }),
        responseStatus: { code: Number(code) },
        requestReceivedTimestamp: time,
      })
      assert.deepEqual(unread, [])
      const [access] = accesses
      assert.deepEqual(
        [access?.user, access?.verb, access?.resource, access?.code],
        [user, verb, resource, Number(code)],
      )
      assert.equal(access?.time, Date.parse(time))
      if (code === '403') denied++
    }
    assert.ok(denied > 0)
  })
})

function innerOf(log: Json | undefined): JsonObject {
  return typeof log === 'string' ? (JSON.parse(log) as JsonObject) : object(log)
}

/** Of a row in which a cell may be quoted and a quote is doubled. */
function cells(row: string): readonly string[] {
  return [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  )
}
