import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { MEBIBYTE } from '../observe/files/source.ts'
import { temporaryFolder } from '../temporary.testing.ts'
import type { HistoryLimits } from './bytes.ts'
import {
  accessesOf,
  clock,
  connectionsOf,
  EMPTY_CLUSTER,
  event,
  flow,
  historyContract,
  linesOf,
  SHOP,
  sourceOf,
} from './contract.testing.ts'
import { type FileHistory, openHistory } from './files.ts'

const corpus = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url))
const skip = existsSync(corpus) ? false : `no corpus at ${corpus} (set BULKHEAD_CORPUS)`

function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const made = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text)
  return made
}

const of = (files: Readonly<Record<string, string | Buffer>>, limits: Partial<HistoryLimits> = {}) =>
  openHistory([folder(files)], { cluster: SHOP, limits })

async function idsOf(history: FileHistory): Promise<readonly string[]> {
  return (await accessesOf(history)).map((each) => each.id)
}

historyContract((files, cluster) => openHistory([folder(files)], { cluster }))

describe('files of history', () => {
  test('are told apart by what they hold, and read in the order of their first records', async () => {
    const history = await of({
      'audit.log.1': linesOf(event('a', '10:00:00')),
      'audit.log': linesOf(event('b', '11:00:00')),
      'today.txt': linesOf(flow('10:00:00')),
      'policy.yaml': 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n',
      'README.md': '# logs\n',
      empty: '',
    })
    assert.deepEqual(await idsOf(history), ['a', 'b'])
    assert.equal((await connectionsOf(history)).length, 1)
    assert.deepEqual(
      history.other.map((each) => each.split('/').at(-1)),
      ['README.md', 'empty'],
    )
    assert.deepEqual(sourceOf(history.coverage(), 'audit').auditPolicy, {
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      rules: [{ level: 'Metadata' }],
    })
    assert.deepEqual(history.problems, [])
  })

  test('may be compressed, pretty-printed, lists, arrays, or end without a line end', async () => {
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [event('l1', 3), event('l2', 4)] }
    const history = await of({
      'a.log.gz': gzipSync(linesOf(event('gz', 0))),
      'b.json': `\uFEFF${JSON.stringify(event('pretty', 1000, { note: '}"{' }), null, 2)}`,
      'c.json': JSON.stringify(list),
      'd.json': JSON.stringify({ ...list, items: [event('p1', 5), event('p2', 6)] }, null, 2),
      'e.json': JSON.stringify([event('x1', 7), event('x2', 8)], null, 2),
      'f.log': `${JSON.stringify(event('crlf', 9))}\r\n\r\n${JSON.stringify(event('last', 10))}`,
    })
    const expected = ['crlf', 'gz', 'l1', 'l2', 'last', 'p1', 'p2', 'pretty', 'x1', 'x2']
    assert.deepEqual([...(await idsOf(history))].sort(), expected)
    assert.equal(sourceOf(history.coverage(), 'audit').unread, 0)
  })

  test('may be compressed twice, as Firehose does with what CloudWatch sends, but not more often', async () => {
    const lines = Array.from({ length: 3000 }, (_, at) => linesOf(event(`a${at}`, at)))
    const inner = lines.map((line) => gzipSync(line))
    const twice = gzipSync(Buffer.concat(inner))
    const history = await of({ 'a.gz': twice })
    for (let times = 0; times < 2; times++) assert.equal((await idsOf(history)).length, 3000)
    assert.deepEqual(sourceOf(history.coverage(), 'audit').problems, [])
    assert.deepEqual((await of({ 'a.gz': gzipSync(twice) })).other.length, 1)
    const cuts = [twice.subarray(0, -20), gzipSync(Buffer.concat(inner).subarray(0, -20))]
    for (const cut of cuts) {
      const broken = await of({ 'a.gz': cut })
      assert.ok((await idsOf(broken)).length > 2000)
      assert.equal(sourceOf(broken.coverage(), 'audit').problems[0]?.code, 'BH_GZIP')
    }
    const empty = gzipSync('')
    const bomb = gzipSync(Buffer.concat([...inner, ...new Array<Buffer>(400_000).fill(empty)]))
    const bounded = await of({ 'a.gz': bomb }, { unpacked: 2 * MEBIBYTE })
    assert.ok((await idsOf(bounded)).length > 0)
    assert.equal(sourceOf(bounded.coverage(), 'audit').problems[0]?.code, 'BH_TOO_LARGE')
  })

  test('are read once, and never outside of the folder', async () => {
    const inside = folder({ 'audit.log': linesOf(event('a', 0)) })
    const outside = folder({ 'audit.log': linesOf(event('b', 0)) })
    mkdirSync(join(inside, 'more'))
    symlinkSync(join(outside, 'audit.log'), join(inside, 'more', 'link.log'))
    symlinkSync(join(inside, 'audit.log'), join(inside, 'more', 'again.log'))
    const history = await openHistory([inside, join(inside, 'audit.log')], { cluster: SHOP })
    assert.deepEqual(await idsOf(history), ['a'])
    assert.deepEqual(
      history.problems.map((each) => each.code),
      ['BH_NOT_REGULAR'],
    )
  })

  test('that are named must be there and hold history', async () => {
    const named = folder({ 'notes.txt': 'nothing\n' })
    const history = await openHistory([join(named, 'gone.log'), join(named, 'notes.txt')], { cluster: SHOP })
    assert.deepEqual(
      history.problems.map((each) => each.code),
      ['BH_READ', 'BH_HISTORY'],
    )
    assert.deepEqual(history.coverage().sources, [])
  })

  test('report progress', async () => {
    const seen: string[] = []
    const path = folder({ 'audit.log': linesOf(event('a', 0)) })
    const history = await openHistory([path], { cluster: SHOP, progress: (file) => seen.push(file) })
    await accessesOf(history)
    assert.deepEqual(seen, [join(path, 'audit.log')])
  })
})

describe('standard input', () => {
  test('can be read more than once', async () => {
    for (const bytes of [Buffer.from(linesOf(event('a', 0))), gzipSync(linesOf(event('a', 0)))]) {
      const history = await openHistory(['-'], { cluster: SHOP, stdin: Readable.from([bytes]) })
      assert.deepEqual(await idsOf(history), ['a'])
      assert.deepEqual(await idsOf(history), ['a'])
      assert.deepEqual(history.problems, [])
    }
  })

  test('that never ends is bounded', async () => {
    const endless = Readable.from(
      (function* () {
        for (let at = 0; ; at++) yield Buffer.from(linesOf(event(`a${at}`, at)))
      })(),
    )
    const history = await openHistory(['-'], { cluster: SHOP, stdin: endless, limits: { stream: MEBIBYTE } })
    assert.ok((await accessesOf(history)).length > 1000)
    assert.deepEqual(
      history.problems.map((each) => each.code),
      ['BH_TOO_LARGE'],
    )
  })

  test('that gives nothing is given up', async () => {
    const silent = new Readable({ read() {} })
    const history = await openHistory(['-'], { cluster: SHOP, stdin: silent, limits: { stallMs: 20 } })
    assert.ok(history.problems.some((each) => each.code === 'BH_STALLED'))
  })
})

describe('a named pipe', () => {
  test('is read like a stream, and given up when nobody writes to it', async () => {
    const path = join(folder({}), 'pipe.log')
    execFileSync('mkfifo', [path])
    const writer = spawn('sh', ['-c', 'cat > "$0"', path], { stdio: ['pipe', 'ignore', 'ignore'] })
    writer.stdin.end(linesOf(event('a', 0)))
    assert.deepEqual(await idsOf(await openHistory([path], { cluster: SHOP })), ['a'])
    const opening = openHistory([path], { cluster: SHOP, limits: { stallMs: 50 } })
    assert.deepEqual(
      (await opening).problems.map((each) => each.code),
      ['BH_STALLED', 'BH_HISTORY'],
    )
  })
})

describe('hostile files', () => {
  const good = event('good', '10:00:00')

  test('a broken line never takes the rest with it', async () => {
    const notUtf8 = Buffer.concat([
      Buffer.from('{"auditID":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from(`",${JSON.stringify(event('x', 0)).slice(1)}\n`),
    ])
    const bad = [
      '{"kind":"Event"',
      'null',
      '[7]',
      '"text"',
      '{"kind":0}',
      JSON.stringify(event('no time', 0, { requestReceivedTimestamp: null, stageTimestamp: 'yesterday' })),
      JSON.stringify(event('zero', 0, { requestReceivedTimestamp: '0001-01-01T00:00:00Z', stageTimestamp: 7 })),
      `${'['.repeat(100_000)}`,
      `{"auditID":${'['.repeat(1000)}${']'.repeat(1000)}}`,
    ]
    const text = Buffer.concat([Buffer.from(linesOf(good, ...bad)), notUtf8, Buffer.from(linesOf(event('end', 1)))])
    const history = await of({ 'audit.log': text })
    assert.deepEqual(await idsOf(history), ['good', 'end'])
    const audit = sourceOf(history.coverage(), 'audit')
    assert.equal(audit.unread, bad.length + 1)
    assert.ok(audit.problems.some((each) => each.message.includes('UTF-8') && each.line === bad.length + 2))
  })

  test('a line that is too long is not held', async () => {
    const long = JSON.stringify(event('long', 1, { requestObject: 'x'.repeat(3 * MEBIBYTE) }))
    for (const size of [MEBIBYTE, 1000_000]) {
      const history = await of({ 'audit.log': linesOf(good, long, event('end', 2)) }, { line: size })
      assert.deepEqual(await idsOf(history), ['good', 'end'])
      assert.deepEqual(
        sourceOf(history.coverage(), 'audit').problems.map((each) => each.line),
        [2],
      )
    }
    const whole = await of({ 'audit.log': linesOf(good, long, event('end', 2)) })
    assert.deepEqual(await idsOf(whole), ['good', 'long', 'end'])
  })

  test('fields of any type, and names that objects inherit, are data', async () => {
    const odd = `{"auditID":"odd","verb":"get","stage":["x"],"requestReceivedTimestamp":"${clock(0)}","user":7,
      "objectRef":[],"annotations":"no","groups":{},"responseStatus":{"code":"200"},"requestURI":{},"__proto__":{"level":
      "x"},"constructor":1,"impersonatedUser":{"username":{}}}`.replaceAll('\n', '')
    const history = await of({ 'audit.log': linesOf(odd, good) })
    const [access] = await accessesOf(history)
    assert.deepEqual([access?.id, access?.user, access?.code, access?.impersonator], ['odd', '', 0, undefined])
    assert.deepEqual(Object.keys(sourceOf(history.coverage(), 'audit').levels), ['', 'Metadata'])
    assert.equal(Object.getPrototypeOf({}), Object.prototype)
  })

  test('counts are kept under any name', async () => {
    const history = await of({
      'audit.log': linesOf(event('a', 0, { level: '__proto__', verb: '__proto__', objectRef: { resource: 'x' } })),
    })
    await accessesOf(history)
    const audit = sourceOf(history.coverage(), 'audit')
    assert.deepEqual([Object.entries(audit.levels), audit.shown.get('__proto__ /x')], [[['__proto__', 1]], 1])
  })

  test('what is nested without end gives no text', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const line = JSON.stringify(event('deep', 0, { annotations: 'DEEP' })).replace('"DEEP"', deep)
    const flows = JSON.stringify(flow(0, { extensions: 'DEEP' })).replace('"DEEP"', deep)
    const history = await of({ 'audit.log': linesOf(line), 'flows.log': linesOf(flows) })
    const records = [...(await accessesOf(history)), ...(await connectionsOf(history))]
    assert.deepEqual(
      records.map((each) => each.raw()),
      ['', ''],
    )
  })

  test('a compressed file that was cut off gives what had come, and says so', async () => {
    const records = Array.from({ length: 5000 }, (_, index) => event(`${index}-${Math.sin(index)}`, index))
    const packed = gzipSync(linesOf(...records))
    const history = await of({ 'audit.log.gz': packed.subarray(0, packed.length / 2) })
    const found = await accessesOf(history)
    assert.ok(found.length > 500 && found.length < 5000)
    const audit = sourceOf(history.coverage(), 'audit')
    assert.ok(audit.problems.some((each) => each.code === 'BH_GZIP'))
    assert.equal(audit.unread, 1)
  })

  test('a small file that unpacks without end is bounded', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(linesOf(good)), Buffer.alloc(20 * MEBIBYTE, 0x20)]))
    const history = await of({ 'audit.log.gz': bomb }, { unpacked: 8 * MEBIBYTE })
    assert.deepEqual(await idsOf(history), ['good'])
    assert.ok(sourceOf(history.coverage(), 'audit').problems.some((each) => each.code === 'BH_TOO_LARGE'))
  })

  test('a value that never ends is told, after those that do', async () => {
    const pretty = (each: object): string => JSON.stringify(each, null, 1)
    const history = await of({ 'audit.json': `${pretty(good)}\n${pretty(event('cut', 1)).slice(0, -9)}` })
    assert.deepEqual(await idsOf(history), ['good'])
    assert.equal(sourceOf(history.coverage(), 'audit').unread, 1)
  })

  test('a reader may stop early', async () => {
    const history = await of({ 'audit.log': linesOf(...Array.from({ length: 5000 }, (_, i) => event(`${i}`, i))) })
    for await (const batch of history.accesses()) {
      assert.ok(batch.length > 0)
      break
    }
    assert.equal((await accessesOf(history)).length, 5000)
  })
})

describe('history of the corpus', { skip }, () => {
  test('audit events are all read', async () => {
    const history = await openHistory([join(corpus, 'audit')], { cluster: EMPTY_CLUSTER })
    const accesses = await accessesOf(history)
    const audit = sourceOf(history.coverage(), 'audit')
    assert.deepEqual([accesses.length, audit.unread, audit.problems, audit.leftOut], [43, 0, [], {}])
    assert.ok(audit.auditPolicy)
    assert.deepEqual(audit.levels, { RequestResponse: 28, Request: 8, Metadata: 7 })
    assert.deepEqual(
      audit.forms.map(({ form, records }) => [form, records]),
      [
        ['native', 42],
        ['gke-activity', 1],
      ],
    )
    for (const access of accesses) {
      assert.ok(access.user !== '' && access.verb !== '' && access.resource !== '' && access.time > 0)
      assert.ok(!access.raw().includes('requestObject'))
      if (access.verb === 'create' && access.subresource === '') assert.equal(access.name, '')
    }
    const nodes = history.problems.filter(({ message }) => message === 'holds the log of a node, not an audit log')
    const admission = history.problems.filter(({ message }) => message.startsWith('holds AdmissionReviews'))
    assert.deepEqual([nodes.length, admission.length, history.problems.length], [5, 1, 6])
  })

  test('all 1,088 flows of Hubble are connections, and their replies turned around', async () => {
    const history = await openHistory([join(corpus, 'flows/hubble')], { cluster: EMPTY_CLUSTER })
    const connections = await connectionsOf(history)
    const flows = sourceOf(history.coverage(), 'flows')
    assert.deepEqual([connections.length, flows.unread, flows.leftOut], [1088, 0, {}])
    // In the last of the files; nothing says that these came from the server.
    const ephemeral = connections.filter(({ port }) => port > 30_000)
    assert.ok(ephemeral.length <= 3 && ephemeral.every(({ direction }) => direction === 'untold'))
    assert.equal(connections.filter(({ port }) => port === 53).length, 330)
    assert.ok(connections.every(({ verdict }) => verdict === 'forwarded'))
  })
})
