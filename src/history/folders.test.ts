import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { avroFile, captured, tarFile } from '../../bench/audit/containers.ts'
import { temporaryFolder } from '../temporary.testing.ts'
import { openAccessLogs } from './access-logs.ts'
import { accessesOf, EMPTY_CLUSTER, event, linesOf, sourceOf } from './contract.testing.ts'
import { openHistory } from './files.ts'

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const made = temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(made, name)), { recursive: true })
    writeFileSync(join(made, name), text)
  }
  return made
}

async function read(path: string): Promise<{
  readonly ids: readonly string[]
  readonly problems: readonly string[]
  readonly unread: readonly string[]
  readonly leftOut: Readonly<Record<string, number>>
  readonly other: number
}> {
  const history = await openHistory([path], { cluster: EMPTY_CLUSTER })
  const accesses = await accessesOf(history)
  const source = history.coverage().sources.length > 0 ? sourceOf(history.coverage(), 'audit') : undefined
  return {
    ids: accesses
      .map(({ id, place }) => `${id} ${place.line}${place.item === undefined ? '' : `#${place.item}`}`)
      .sort(),
    problems: history.problems.map(({ code, message }) => `${code} ${message}`),
    unread: (source?.problems ?? []).map(({ code, message, line }) => `${code} ${line ?? ''} ${message}`),
    leftOut: source?.leftOut ?? {},
    other: history.other.length,
  }
}

const FINE = { problems: [], unread: [], leftOut: {}, other: 0 }
const line = (id: string): string => JSON.stringify(event(id, '10:00:00'))

describe('a folder as a service writes it', () => {
  test('of an export of a log group to S3', async () => {
    const folder = folderOf({
      'aws-logs-write-test': 'Permission Check Successful',
      'task/kube-apiserver-audit-1/000000.gz': gzipSync(
        `2026-05-01T10:00:00.123Z ${line('a')}\n2026-05-01T10:00:00.123Z ${line('b')}\n`,
      ),
      'task/authenticator-1/000000.gz': gzipSync('2026-05-01T10:00:00.123Z time="x" level=info msg=y\n'),
    })
    assert.deepEqual(await read(folder), { ...FINE, ids: ['a 1', 'b 2'], other: 2 })
  })

  test('of Firehose, its records with newlines between them and without', async () => {
    const record = (...ids: readonly string[]): string =>
      JSON.stringify({
        messageType: 'DATA_MESSAGE',
        logGroup: '/aws/eks/x/cluster',
        logStream: 'kube-apiserver-audit-1',
        logEvents: ids.map((id) => ({ id, timestamp: 1_777_629_600_000, message: line(id) })),
      })
    const control = JSON.stringify({
      messageType: 'CONTROL_MESSAGE',
      logEvents: [{ id: '', timestamp: 1, message: 'x' }],
    })
    const folder = folderOf({
      '2026/05/01/10/a': control + record('a', 'b') + record('c'),
      '2026/05/01/10/b.gz': gzipSync(gzipSync(`${record('d', 'e')}\n${record('f')}\n`)),
      '2026/05/01/11/c.zst': zstdCompressSync(`${record('g')}\n`),
    })
    const { ids, ...rest } = await read(folder)
    assert.deepEqual(ids, ['a 1#2.1', 'b 1#2.2', 'c 1#3', 'd 1#1', 'e 1#2', 'f 2', 'g 1'])
    assert.deepEqual(rest, { ...FINE, leftOut: { 'control message of a subscription': 1 } })
  })

  test('of a sink to Cloud Storage', async () => {
    const entry = (id: string): string =>
      JSON.stringify({
        insertId: id,
        logName: 'projects/p/logs/cloudaudit.googleapis.com%2Factivity',
        protoPayload: {
          serviceName: 'k8s.io',
          methodName: 'io.k8s.core.v1.pods.create',
          resourceName: 'core/v1/namespaces/a/pods/b',
        },
        timestamp: '2026-05-01T10:00:00.123Z',
      })
    const at = 'cloudaudit.googleapis.com/activity/2026/05/01'
    const folder = folderOf({
      [`${at}/10:00:00_10:59:59_S0.json`]: `${entry('a')}\n${entry('b')}\n`,
      [`${at}/10:00:00_10:59:59_A0:0_S1.json`]: `${entry('c')}\n`,
    })
    assert.deepEqual(await read(folder), { ...FINE, ids: ['a 1', 'b 2', 'c 1'] })
  })

  test('of diagnostic settings to a storage account, and of the capture of an event hub', async () => {
    const record = (id: string): string =>
      JSON.stringify({ time: '2026-05-01T10:00:00Z', category: 'kube-audit', properties: { log: `${line(id)}\n` } })
    const at = 'insights-logs-kube-audit/resourceId=/SUBSCRIPTIONS/0/y=2026/m=05/d=01/h=10/m=00'
    const guard = JSON.stringify({ time: '2026-05-01T10:00:00Z', category: 'guard', properties: { log: 'x' } })
    const folder = folderOf({
      [`${at}/PT1H.json`]: `${record('a')}\r\n${record('b')}\r\n`,
      'hub/0/2026/05/01/10/00/00.avro': captured(
        [`{"records":[${record('c')},${record('d')}]}`, `{"records":[${guard}]}`],
        'null',
      ),
      // One is written each time that nothing came.
      'hub/1/2026/05/01/10/00/00.avro': captured([], 'null'),
    })
    const { ids, ...rest } = await read(folder)
    assert.deepEqual(ids, ['a 1', 'b 2', 'c 1#1.1', 'd 1#1.2'])
    assert.deepEqual(rest, { ...FINE, leftOut: { 'log of category guard': 1 }, other: 1 })
  })

  test('of a node whose API server writes to its container', async () => {
    const long = JSON.stringify(event('b', '10:00:01', { userAgent: 'x'.repeat(40_000) }))
    const at = '2026-05-01T10:00:00.123456789Z'
    const folder = folderOf({
      'kube-apiserver/0.log': [
        `${at} stderr F I0501 10:00:00.1 1 server.go:1] Version: v1.36.0`,
        `${at} stdout F ${line('a')}`,
        `${at} stdout P ${long.slice(0, 16_384)}`,
        `${at} stderr F I0501 again`,
        `${at} stdout P ${long.slice(16_384, 32_768)}`,
        `${at} stdout F ${long.slice(32_768)}`,
        '',
      ].join('\n'),
      // All that it holds are parts.
      'docker/x-json.log': [long.slice(0, 16_384), `${long.slice(16_384).replaceAll('"b"', '"c"')}\n`]
        .map(
          (log) =>
            `${JSON.stringify({ log: log.replace('"auditID":"b"', '"auditID":"c"'), stream: 'stdout', time: at })}\n`,
        )
        .join(''),
    })
    const { ids, ...rest } = await read(folder)
    assert.deepEqual(ids, ['a 2', 'b 3', 'c 1'])
    assert.deepEqual(rest, { ...FINE, leftOut: { 'text that is no event': 2 } })
  })
})

describe('what is not read of logs', () => {
  test('is said, not passed over', async () => {
    const folder = folderOf({
      'a.log': linesOf(event('a', '10:00:00')),
      'b.log.bz2': Buffer.from('BZh91AY&SYxxxx'),
      'c.log.xz': Buffer.from('fd377a585a000004', 'hex'),
      'd.zip': Buffer.from('504b03041400', 'hex'),
      'e.lz4': Buffer.from('04224d186440', 'hex'),
      'f.snappy': Buffer.from('ff060000734e61507059', 'hex'),
      'g.parquet': Buffer.from('PAR1xxxx'),
      'h.avro': avroFile('{"type":"record","name":"R","fields":[]}', 'snappy', []),
      'i.csv': '@timestamp,verb,user.username\n2026-05-01 10:00:00.000,get,alice\n',
      'k.json': JSON.stringify({ Records: [{ eventVersion: '1.11', eventSource: 'eks.amazonaws.com' }] }),
      'l.json': JSON.stringify({ rule: 'x', output: 'y', output_fields: { 'ka.verb': 'get' } }),
      'j.tar': tarFile([['inner.tar', tarFile([['x', Buffer.from('x')]])]]),
    })
    const { ids, problems } = await read(folder)
    assert.deepEqual(ids, ['a 1'])
    assert.deepEqual(
      problems.map((each) => each.slice(0, 60)),
      [
        'BH_HISTORY holds data compressed with bzip2, which is not read: unpack',
        'BH_HISTORY holds data compressed with xz, which is not read: unpack it',
        'BH_HISTORY holds a zip archive, which is not read: unpack it and name the',
        'BH_HISTORY holds data compressed with LZ4, which is not read: unpack it',
        'BH_HISTORY holds data compressed with Snappy, which is not read: unpack',
        'BH_HISTORY holds a Parquet file, which is not read: export the log as JSON',
        'BH_HISTORY holds an Avro file of codec "snappy", which is not read',
        'BH_HISTORY holds single fields of events, not the events: let the query keep',
        'BH_ARCHIVE is an archive; unpack it and name the folder',
        'BH_HISTORY holds events of CloudTrail, which are calls to AWS, not to the API',
        'BH_HISTORY holds alerts of Falco, not the log that they were made of',
      ].map((each) => each.slice(0, 60)),
    )
  })

  test('of a file that ends too early, is said too', async () => {
    const logs = linesOf(event('a', '10:00:00'), event('b', '10:00:01')).repeat(400)
    const whole = zstdCompressSync(logs)
    const cut = await read(folderOf({ 'a.zst': whole.subarray(0, whole.length - 4), 'a.log': line('c') }))
    assert.deepEqual(cut.ids, ['a 1', 'b 2', 'c 1'])
    assert.ok(
      cut.unread.some((each) => each.startsWith('BH_ZSTD')),
      `${cut.unread}`,
    )
    // Of what has one block nothing is there before its end.
    const one = zstdCompressSync(linesOf(event('a', '10:00:00')))
    const none = await read(folderOf({ 'a.zst': one.subarray(0, one.length - 4), 'a.log': line('c') }))
    assert.deepEqual([none.ids, none.problems], [['c 1'], ['BH_ZSTD is not a whole zstd file: unexpected end of file']])
    const broken = gzipSync(line('a')).subarray(0, 60)
    const within = await read(
      folderOf({
        'a.tar': tarFile([
          ['b.gz', broken],
          ['c.log', Buffer.from(line('c'))],
        ]),
      }),
    )
    assert.deepEqual([within.ids, within.problems.length], [['c 1'], 1])
    assert.match(within.problems[0] ?? '', /^BH_GZIP/)
    const tar = gzipSync(
      tarFile([
        ['a.log', Buffer.from(`${line('a')}\n`)],
        ['b.log', Buffer.alloc(5000, `${line('b')}\n`)],
      ]),
    )
    const { ids, problems } = await read(folderOf({ 'a.tgz': tar.subarray(0, tar.length - 30) }))
    assert.deepEqual(ids.slice(0, 1), ['a 1'])
    assert.ok(
      problems.some((each) => each.startsWith('BH_GZIP')),
      `${problems}`,
    )
  })

  test('of an archive named itself, is told', async () => {
    const folder = folderOf({ 'a.tar': tarFile([['readme', Buffer.from('x')]]) })
    assert.deepEqual((await read(join(folder, 'a.tar'))).problems, [
      'BH_HISTORY is an archive without an audit log or a log of flows',
    ])
  })

  test('is told of access logs by the same words', async () => {
    const folder = folderOf({ 'a.tar': tarFile([['x', Buffer.from('x')]]), 'b.bz2': Buffer.from('BZh91AY&SYxxxx') })
    const { problems, other } = await openAccessLogs([folder])
    assert.deepEqual(
      problems.map(({ code, message }) => `${code} ${message}`),
      [
        'BH_ARCHIVE is an archive; unpack it and name the folder',
        'BH_HISTORY holds data compressed with bzip2, which is not read: unpack it (bunzip2)',
      ],
    )
    assert.deepEqual(other, [])
  })
})
