import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { events } from '../../../../bench/audit/events.ts'
import { linesOf } from '../../../../bench/audit/write.ts'
import type { Json } from '../../../cluster/json.ts'
import type { AuditEvent } from '../event.ts'
import { decodeAuditEvent } from '../native.ts'
import { nativeEvent } from '../testing.ts'
import { Scanner } from './scanner.ts'

const corpus = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../../../shared/corpus', import.meta.url))
const skip = existsSync(corpus) ? false : `no corpus at ${corpus} (set BULKHEAD_CORPUS)`
const PLACE = { file: 'audit.log', line: 7 }

/** What an event says, in all that can be asked of it. */
function told(event: AuditEvent | undefined): object | undefined {
  if (!event) return undefined
  const { access, stage, level, form, high, low } = event
  const { id, time, end, user, groups, verb, resource, group, subresource, namespace, name, path, query } = access
  const { decision, reason, credential, session, issued, sources, code, dryRun, userAgent, place } = access
  return {
    ...{ stage, level, form, high, low, id, time, end, user, groups: [...groups], verb, resource, group, subresource },
    ...{
      namespace,
      name,
      path,
      query,
      waited: access.waited,
      decision,
      reason,
      credential,
      session,
      issued,
      sources: [...sources],
      code,
      dryRun,
    },
    ...{
      userAgent,
      place,
      impersonator: access.impersonator,
      pod: access.pod,
      review: access.review,
      until: access.issuedUntil,
      raw: access.raw(),
    },
  }
}

function parsedOf(line: string): AuditEvent | undefined {
  try {
    return decodeAuditEvent(JSON.parse(line) as Json, PLACE)
  } catch {
    return undefined
  }
}

/** Between other bytes, as lines stand in a chunk. */
function scannedOf(
  scanner: Scanner,
  line: string,
  before = 'x\n',
  after = '\n{"kind":"Event"}\n',
): AuditEvent | undefined {
  const bytes = Buffer.from(`${before}${line}${after}`)
  return scanner.read(bytes, before.length, before.length + Buffer.byteLength(line), PLACE.file, PLACE.line)
}

/** What is scanned is what would be parsed; whether it is scanned at all. */
function agrees(scanner: Scanner, line: string): boolean {
  const scanned = scannedOf(scanner, line)
  if (scanned) assert.deepEqual(told(scanned), told(parsedOf(line)), line)
  return scanned !== undefined
}

const generated = [...linesOf('v1', events(11, 4000))]
const odd: readonly Json[] = [
  nativeEvent({
    verb: 'create',
    objectRef: { resource: 'serviceaccounts', name: 'web', subresource: 'token' },
    responseObject: { status: { expirationTimestamp: '2026-05-01T11:00:00Z' } },
  }),
  nativeEvent({ impersonatedUser: { username: 'bob', groups: ['x'], extra: { arn: ['a', 'b'] } } }),
  nativeEvent({ impersonatedUser: { username: '' } }),
  nativeEvent({ user: { username: 'system:serviceaccount:shop:web', uid: 'u' } }),
  nativeEvent({
    user: { username: 'x', groups: [], extra: { arn: [], sessionName: ['s'], accessKeyId: ['AKIA'], y: null } },
  }),
  nativeEvent({
    verb: 'list',
    requestURI: '/api/v1/pods?fieldSelector=metadata.name%3Dx&limit=5',
    objectRef: { resource: 'pods' },
  }),
  nativeEvent({ verb: 'watch', requestURI: '/api/v1/watch/namespaces/shop/secrets/db' }),
  nativeEvent({ verb: 'list' }),
  nativeEvent({ verb: 'create', requestURI: '/api/v1/namespaces/shop/secrets?dryRun=All' }),
  nativeEvent({
    verb: 'create',
    requestObject: { a: [1, { b: '"\\}' }], c: -1.5e10 },
    responseObject: [[], {}, null, true],
  }),
  nativeEvent({ verb: 'delete', requestObject: { kind: 'DeleteOptions', dryRun: ['All'] } }),
  nativeEvent({ stage: 'RequestReceived', timestamp: '2018-10-26T13:25:18Z', requestReceivedTimestamp: null }),
  nativeEvent({ requestReceivedTimestamp: 'yesterday', timestamp: '2018-10-26T13:25:18Z' }),
  nativeEvent({ responseStatus: { code: '200' }, objectRef: {}, annotations: {}, sourceIPs: null, userAgent: '' }),
  nativeEvent({
    annotations: { a: 'b', 'authorization.k8s.io/reason': 'a "b"\\ &', 'authorization.k8s.io/decision': 'x' },
  }),
  nativeEvent({ annotations: { 'authentication.kubernetes.io/issued-credential-id': 'JTI=1' }, responseStatus: {} }),
  nativeEvent({ userAgent: 'ü', requestURI: '' }),
  nativeEvent({ requestURI: '/healthz?verbose', objectRef: null, level: 7 }),
]

describe('a scanned event', () => {
  test('is what would be parsed, and events of the API server are all scanned', () => {
    const scanner = new Scanner()
    for (const line of generated) assert.ok(agrees(scanner, line), line)
    // Nothing is left of an event in the next one.
    for (const line of [...generated.slice(0, 300).reverse(), ...generated.slice(0, 300)])
      assert.ok(agrees(scanner, line))
  })

  test('is what would be parsed, whatever it says', () => {
    const scanner = new Scanner()
    const some = generated.slice(0, 20)
    for (const event of odd) {
      const line = JSON.stringify(event)
      agrees(scanner, line)
      agrees(scanner, JSON.stringify(event, null, 2))
      agrees(scanner, line.replaceAll('&', '\\u0026').replaceAll('/', '\\/'))
      agrees(scanner, JSON.stringify(Object.fromEntries(Object.entries(event as object).reverse())))
      for (const other of some) assert.ok(agrees(scanner, other))
    }
  })

  test('counts what its body is made of as a parser does', () => {
    const body = { a: [1, { b: [] }], c: {}, d: '{[' }
    const line = JSON.stringify(nativeEvent({ requestObject: body, verb: 'update' }))
    assert.deepEqual([scannedOf(new Scanner(), line)?.body, parsedOf(line)?.body], [5, 5])
  })

  test('is what would be parsed when bytes of it were changed, and none where a parser finds a fault', () => {
    const scanner = new Scanner()
    const pieces = [
      '"',
      '\\',
      '\\u0026',
      '\\u00',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '0',
      'é',
      ' ',
      '\t',
      '\u0001',
      'null',
      '"verb":"x",',
    ]
    const lines = [...generated.slice(0, 200), ...odd.map((each) => JSON.stringify(each))]
    const change = fc.record({
      // A `double` would be near 0 mostly.
      at: fc.integer({ min: 0, max: 99_999 }),
      drop: fc.integer({ min: 0, max: 12 }),
      piece: fc.constantFrom('', ...pieces),
    })
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.array(change, { minLength: 1, maxLength: 3 }), (line, changes) => {
        let text = line
        for (const { at, drop, piece } of changes) {
          const place = Math.floor((at / 100_000) * text.length)
          text = text.slice(0, place) + piece + text.slice(place + drop)
        }
        // Twice: the second time some of it is known by its bytes.
        if (!text.includes('\n') && agrees(scanner, text)) assert.ok(agrees(scanner, text))
      }),
      { numRuns: 20_000, seed: 20260501 },
    )
  })

  test('is none when it was cut anywhere, also at the end of what was read', () => {
    const scanner = new Scanner()
    for (const line of [generated[0] as string, JSON.stringify(odd[9])]) {
      for (let length = 0; length < line.length; length++) {
        assert.equal(scannedOf(scanner, line.slice(0, length)), undefined)
        assert.equal(scannedOf(scanner, line.slice(0, length), '', ''), undefined)
      }
      assert.ok(scannedOf(scanner, line, '', ''))
      assert.equal(scannedOf(scanner, `${line}x`), undefined)
      assert.ok(scannedOf(scanner, `${line} \t`))
    }
  })

  test('shares texts with the events before it, and no log makes that grow', () => {
    const scanner = new Scanner()
    const line = JSON.stringify(nativeEvent())
    const [one, two] = [scannedOf(scanner, line), scannedOf(scanner, line)]
    assert.ok(one && two && one.access.groups === two.access.groups)
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 60_000; count++) {
      const each = `${count}-${'x'.repeat(200)}`
      const text = JSON.stringify(
        nativeEvent({
          user: { username: each, groups: [each] },
          userAgent: each,
          objectRef: { resource: 'pods', name: each },
        }),
      )
      assert.equal(scannedOf(scanner, text)?.access.user, each)
    }
    assert.ok(process.memoryUsage().heapUsed - before < 150 * 1024 ** 2)
    assert.ok(agrees(scanner, line))
  })

  test('of a user whose credential is another one, longer than is kept, or with an escape, is what would be parsed', () => {
    const scanner = new Scanner()
    const key = 'authentication.kubernetes.io/credential-id'
    const lineOf = (credential: string, sourceIPs: Json = ['198.51.100.7'], rest: object = {}): string =>
      JSON.stringify(
        nativeEvent({
          user: { username: 'alice', groups: ['dev'], extra: { [key]: [credential], ...rest } },
          sourceIPs,
        }),
      )
    const short = lineOf('JTI=1')
    const long = lineOf(`JTI=${'1'.repeat(2000)}`)
    const others = [
      lineOf('JTI=22'),
      lineOf(''),
      lineOf('a"],"uid":["b'),
      lineOf('\\'),
      lineOf('ü'),
      lineOf('JTI=1', null),
    ]
    const more = [lineOf('JTI=3', [], { arn: ['x'] }), lineOf('JTI=4', ['198.51.100.7', '1']), lineOf('JTI=1","x":["y')]
    for (const other of [...others, ...more, long])
      for (const line of [short, other, short, other, other, long, other, short, short]) agrees(scanner, line)
    assert.ok(agrees(scanner, long) && agrees(scanner, short) && agrees(scanner, lineOf('JTI=5')))
  })

  test('that says between its values what another said, but in another place, is what would be parsed', () => {
    const scanner = new Scanner()
    const line = JSON.stringify(nativeEvent())
    const twice = ['"verb":"get",', '"level":"Metadata",', '"sourceIPs":["198.51.100.7"],', '"userAgent":"kubectl",']
    for (const piece of [...twice, '"responseStatus":{"metadata":{},"code":200},', '"x":1,', '"verb" : "list" , '])
      for (let at = line.indexOf(',"'); at >= 0; at = line.indexOf(',"', at + 1)) {
        assert.ok(agrees(scanner, line))
        for (const from of [line, line.replace(piece, '')]) {
          const text = from.slice(0, at + 1) + piece + from.slice(at + 1)
          agrees(scanner, text)
          agrees(scanner, text)
        }
      }
  })

  test('about what was met under the same URI before, nearly or in full, is what would be parsed', () => {
    const scanner = new Scanner()
    const lineOf = (objectRef: Json, requestURI = '/api/v1/namespaces/shop/pods/web'): string =>
      JSON.stringify(nativeEvent({ verb: 'update', requestURI, objectRef }))
    const full = {
      ...{ resource: 'pods', namespace: 'shop', name: 'web', uid: 'u-1', apiGroup: 'x', apiVersion: 'v1' },
      ...{ resourceVersion: '7', subresource: 'status' },
    }
    const { uid: _, ...noUid } = full
    const { resourceVersion: __, ...noVersion } = full
    const { subresource: ___, ...noSubresource } = full
    const plain = [
      ...[full, noUid, noVersion, noSubresource, { ...full, uid: 'u-22' }, { ...full, resourceVersion: '' }],
      ...[{ ...full, name: 'we' }, { ...full, name: 'webs' }, { ...full, subresource: 'log' }, { resource: 'pods' }],
    ].map((each) => lineOf(each))
    const unusual = [
      ...[{ ...full, uid: 'u"' }, { ...full, uid: 'ü' }, { ...full, uid: 7 }, { ...full, resourceVersion: null }, {}],
      ...[{ ...full, uid: 'u","name":"x' }, { ...full, extra: 'x' }, [], 'pods', null],
    ].map((each) => lineOf(each))
    const line = lineOf(full)
    const twice = line.replace('"uid":"u-1"', '"uid":"u-1","name":"other"')
    const cut = line.replace('"resourceVersion":"7"', '"resourceVersion":"7')
    for (const each of [...plain, ...unusual, twice, cut])
      for (const other of [line, each, each, ...plain]) {
        const isPlain = plain.includes(other)
        assert.ok(agrees(scanner, other) || !isPlain, other)
      }
    // More URIs and objects than are remembered.
    for (let at = 0; at < 20_000; at++) {
      const name = `web-${at % 12_000}`
      assert.equal(scannedOf(scanner, lineOf({ ...full, name }, `/pods/${name}?watch=1`))?.access.name, name)
    }
  })

  test('that writes letters of its query by their codes is what would be parsed', () => {
    const scanner = new Scanner()
    const uris = [
      '/api?dryRun=All',
      '/api?a=1&dryRun=All',
      '/dryRun?a',
      '/ap\u0069?dry\u0052un=All',
      '/a?\u0064ryRun=All',
    ]
    const selected = '/api/v1/pods?field\u0053elector=metadata.name%3Dweb&a=%3F?'
    for (const uri of [...uris, selected, '/a\u003fdryRun=All', '/a/b?dry/Run=All'])
      for (const verb of ['create', 'list', 'update'])
        for (const spaces of ['', 'x', 'xx', 'xxx']) {
          const line = JSON.stringify(nativeEvent({ verb, requestURI: '#' }))
          assert.ok(agrees(scanner, line.replace('#', spaces + uri)), uri)
          assert.ok(agrees(scanner, line.replace('#', spaces + uri.replaceAll('&', '\\u0026'))), uri)
        }
  })

  test('tells the query, and the wait of the annotations alone', () => {
    const scanner = new Scanner()
    const key = 'apiserver.latency.k8s.io/apf-queue-wait'
    const body = { metadata: { annotations: { [key]: '9s' } } }
    const cases: readonly (readonly [fields: Parameters<typeof nativeEvent>[0], query: string, waited: number])[] = [
      [{ requestURI: '/api/v1/pods?limit=500&resourceVersion=0' }, 'limit=500&resourceVersion=0', 0],
      [{ requestURI: '/api/v1/pods' }, '', 0],
      [{ requestURI: '/api/v1/pods?' }, '', 0],
      [{ requestURI: '/api/v1/pods?a=b?c' }, 'a=b?c', 0],
      [{ requestURI: '/api/v1/pods', annotations: { [key]: '1m2.5s' } }, '', 62_500],
      [{ requestURI: '/api/v1/pods', annotations: { [key]: '731.25ms' }, requestObject: body }, '', 731.25],
      [{ requestURI: '/api/v1/pods', requestObject: body }, '', 0],
      [{ requestURI: `/x?"${key}":"3s"` }, `"${key}":"3s"`, 0],
      [{ requestURI: '/x', annotations: { [key]: '12' } }, '', 0],
      [{ requestURI: '/x', annotations: { [key]: `${'9'.repeat(50)}s` } }, '', 0],
    ]
    for (const [fields, query, waited] of cases) {
      const line = JSON.stringify(nativeEvent(fields))
      const scanned = scannedOf(scanner, line)
      assert.ok(scanned, line)
      assert.deepEqual([scanned.access.query, scanned.access.waited], [query, waited], line)
      assert.ok(agrees(scanner, line))
      scanned.access.detach()
      assert.deepEqual([scanned.access.query, scanned.access.waited], [query, waited])
    }
  })

  test('detached from its chunk tells the same', () => {
    const bytes = Buffer.from(`xx\n${generated[0]}\n`)
    const event = new Scanner().read(bytes, 3, bytes.length - 1, PLACE.file, PLACE.line)
    assert.ok(event)
    event.access.detach()
    bytes.fill(0)
    assert.deepEqual(told(event), told(parsedOf(generated[0] as string)))
  })

  test('of the corpus is what would be parsed', { skip }, () => {
    const scanner = new Scanner()
    let scanned = 0
    for (const folder of ['falco-traces', 'rbac-tool', 'kubesplaining/native']) {
      for (const name of readdirSync(join(corpus, 'audit', folder))) {
        for (const line of readFileSync(join(corpus, 'audit', folder, name), 'utf8').split('\n'))
          if (line.startsWith('{') && agrees(scanner, line)) scanned++
      }
    }
    // Those of 2018 have their keys in the order of the alphabet, for a parser.
    assert.equal(scanned, 15)
  })
})
