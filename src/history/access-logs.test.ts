import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { LINES, writeAccessLog } from '../../bench/access-log/lines.ts'
import { type Made, traffic } from '../../bench/access-log/traffic.ts'
import { type AccessLogOptions, type AccessLogs, openAccessLogs } from './access-logs.ts'

const folder = mkdtempSync(join(tmpdir(), 'bulkhead-access-'))
after(() => rmSync(folder, { recursive: true }))

interface Row {
  readonly start: number
  readonly early: number
  readonly width: number
  readonly client: string
  readonly status: number
  readonly duration: number
  readonly received: number
  readonly lane: number
  readonly line: number
}

async function rowsOf(logs: AccessLogs): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const batch of logs.requests())
    for (let row = 0; row < batch.count; row++)
      rows.push({
        start: batch.start[row] as number,
        early: batch.early[row] as number,
        width: batch.width[row] as number,
        client: logs.clients.name(batch.client[row] as number),
        status: batch.status[row] as number,
        duration: batch.duration[row] as number,
        received: batch.received[row] as number,
        lane: batch.lane[row] as number,
        line: batch.line[row] as number,
      })
  return rows
}

const open = (path: string, options?: AccessLogOptions): Promise<AccessLogs> => openAccessLogs([path], options)

const COUNT = 5_000
const MADE: readonly Made[] = [...traffic(COUNT)]
const BY_START = [...MADE].sort((a, b) => a.start - b.start)
/** What each format tells: milliseconds of the start, how long it took, the body’s size without headers. */
const TELLS: Readonly<
  Record<keyof typeof LINES, readonly [start: boolean, duration: boolean, received: number | undefined]>
> = {
  combined: [false, false, undefined],
  upstreaminfo: [false, true, 412],
  envoy: [true, true, 0],
  istioJson: [true, true, 0],
  haproxy: [true, true, undefined],
  traefik: [false, true, undefined],
  traefikJson: [true, true, 0],
  alb: [true, true, 412],
}

describe('what was generated is what is read', () => {
  for (const [format, [start, duration, received]] of Object.entries(TELLS))
    test(format, async () => {
      const path = join(folder, `${format}.log`)
      writeAccessLog(path, COUNT, format as keyof typeof LINES)
      const logs = await open(path)
      const rows = await rowsOf(logs)
      assert.equal(rows.length, COUNT)
      assert.equal(logs.coverage().unread, 0)
      assert.deepEqual(logs.problems, [])
      const byLine = new Map(rows.map((row) => [row.line, row]))
      for (const [at, made] of MADE.entries()) {
        const row = byLine.get(at + 1) as Row
        assert.equal(row.client, made.client)
        assert.equal(row.status, made.status)
        if (duration) assert.equal(row.duration, made.end - made.start)
        if (received !== undefined) assert.equal(row.received, made.received + received)
        if (start) assert.equal(row.start, made.start)
        else {
          // The second of the log is certain, and the time is within it.
          const told = format === 'traefik' ? made.start : duration ? made.start : made.end
          assert.ok(row.width === 1_000 && row.early >= 0 && row.early < 1_000)
          const lower = row.start - row.early
          assert.ok(lower <= told && told < lower + 1_000, `${lower} ${told}`)
        }
      }
      if (start)
        assert.deepEqual(
          rows.map((row) => row.start),
          BY_START.map((made) => made.start),
        )
    })
})

describe('logs of several files', () => {
  test('rotated and packed ones are one sequence, of one replica', async () => {
    const place = join(folder, 'rotated')
    mkdirSync(place)
    const lines = MADE.map(LINES.envoy)
    writeFileSync(join(place, 'access.log.2.gz'), gzipSync(`${lines.slice(0, 2_000).join('\n')}\n`))
    writeFileSync(join(place, 'access.log.1'), `${lines.slice(2_000, 4_000).join('\n')}\n`)
    writeFileSync(join(place, 'access.log'), lines.slice(4_000).join('\n'))
    writeFileSync(join(place, 'README'), 'nothing of the kind\n')
    const logs = await open(place)
    const rows = await rowsOf(logs)
    assert.deepEqual(
      rows.map((row) => row.start),
      BY_START.map((made) => made.start),
    )
    assert.equal(logs.coverage().lanes, 1)
    assert.deepEqual(logs.other, [join(place, 'README')])
    // Again, with the same numbers.
    assert.deepEqual(await rowsOf(logs), rows)
  })

  test('a rotation in the middle of what is served makes no replica', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-rotated-'))
    // Requests of up to 20 s, so that the first lines of each file began before the last of the one before ended.
    const lines = Array.from({ length: 4_000 }, (_, at) => {
      const duration = (at * 7_919) % 20_000
      const end = Date.parse('2026-11-01T00:00:00Z') + at * 25
      return `[${new Date(end - duration).toISOString()}] "GET / HTTP/1.1" 200 - 0 1 ${duration} 1 "203.0.113.${at % 9}" "ua" "id" "shop" "10.0.0.1:80"\n`
    })
    for (let file = 0; file < 4; file++)
      writeFileSync(
        join(folder, `access.log${file === 3 ? '' : `.${3 - file}`}`),
        lines.slice(file * 1_000, (file + 1) * 1_000).join(''),
      )
    const logs = await open(folder)
    const rows = await rowsOf(logs)
    assert.equal(rows.length, 4_000)
    assert.ok(rows.every(({ start }, at) => at === 0 || start >= (rows[at - 1] as Row).start))
    assert.deepEqual([logs.coverage().lanes, logs.coverage().late], [1, 0])
    rmSync(folder, { recursive: true })
  })

  test('of the same time are merged, each a replica', async () => {
    const place = join(folder, 'replicas')
    mkdirSync(place)
    for (const each of [0, 1, 2])
      writeFileSync(
        join(place, `pod-${'abc'[each]}.log`),
        MADE.filter(({ id }) => id % 3 === each)
          .map(LINES[each === 1 ? 'traefikJson' : 'istioJson'])
          .join('\n'),
      )
    const logs = await open(place)
    const rows = await rowsOf(logs)
    assert.deepEqual(
      rows.map((row) => row.start),
      BY_START.map((made) => made.start),
    )
    assert.equal(logs.coverage().lanes, 3)
    assert.deepEqual(new Set(rows.map((row) => row.lane)), new Set([0, 1, 2]))
    assert.deepEqual(
      logs
        .coverage()
        .formats.map(({ name }) => name)
        .sort(),
      ['Envoy (JSON)', 'Traefik (JSON)'],
    )
  })

  test('standard input is read as often as asked', async () => {
    const text = readFileSync(join(folder, 'envoy.log'))
    const logs = await openAccessLogs(['-'], { stdin: Readable.from([text.subarray(0, 1_000), text.subarray(1_000)]) })
    assert.equal((await rowsOf(logs)).length, COUNT)
    assert.equal((await rowsOf(logs)).length, COUNT)
  })
})

describe('what cannot be read is counted and told', () => {
  test('garbage, lines of the controller, a line of two mebibytes, a cut last line', async () => {
    const path = join(folder, 'mixed.log')
    const lines = MADE.slice(0, 100).map(LINES.upstreaminfo)
    writeFileSync(
      path,
      `I1121 14:02:11.000000 7 controller.go:210] "Configuration changes detected"\n\n${lines.slice(0, 50).join('\n')}\n`,
    )
    appendFileSync(path, `203.0.113.7 - - [${'x'.repeat(2 << 20)}]\n`)
    appendFileSync(path, `${lines.slice(50).join('\r\n')}\r\n203.0.113.7 - - [21/Nov/2026:14:0`)
    const logs = await open(path)
    const rows = await rowsOf(logs)
    const { unread, notices, problems } = logs.coverage()
    assert.equal(rows.length, 100)
    assert.deepEqual([unread, notices], [2, 1])
    assert.deepEqual(
      problems.map(({ line }) => line),
      [53, 104],
    )
    assert.ok(rows.some(({ line }) => line === 54))
  })

  test('a packed file that is cut, a file that is no log, one that is not there', async () => {
    const path = join(folder, 'cut.log.gz')
    const packed = gzipSync(MADE.map(LINES.combined).join('\n'))
    writeFileSync(path, packed.subarray(0, packed.length >> 1))
    writeFileSync(join(folder, 'none.txt'), 'a\nb\n')
    const logs = await openAccessLogs([path, join(folder, 'none.txt'), join(folder, 'missing')])
    assert.ok((await rowsOf(logs)).length > 100)
    assert.deepEqual(logs.coverage().problems.filter(({ code }) => code === 'BH_GZIP').length, 1)
    assert.deepEqual(logs.problems.map(({ code }) => code).sort(), ['BH_HISTORY', 'BH_READ'])
  })

  test('one line of another century does not make the others late', async () => {
    const path = join(folder, 'century.log')
    const lines = MADE.map(LINES.combined)
    lines.splice(2_000, 0, lines[2_000]?.replace('/2026:', '/2099:') ?? '')
    writeFileSync(path, lines.join('\n'))
    const logs = await open(path)
    assert.equal((await rowsOf(logs)).length, COUNT + 1)
    assert.equal(logs.coverage().late, 0)
  })
})

test('who speaks for many others is known by X-Forwarded-For', async () => {
  const path = join(folder, 'cdn.log')
  const lines = MADE.slice(0, 200).map(
    (each, at) => `${LINES.combined({ ...each, client: '104.16.0.1' })} "198.51.100.${at}"`,
  )
  writeFileSync(path, lines.join('\n'))
  const logs = await open(path)
  await rowsOf(logs)
  assert.deepEqual(logs.coverage().relays, ['104.16.0.1'])
  assert.ok(logs.coverage().relayed > 150)
})

test('a limit of what one file may hold after unpacking', async () => {
  const path = join(folder, 'bomb.log.gz')
  writeFileSync(path, gzipSync(`${LINES.combined(MADE[0] as Made)}\n`.repeat(20_000)))
  const logs = await open(path, { limits: { unpacked: 1 << 20 } })
  assert.ok((await rowsOf(logs)).length < 20_000)
  assert.deepEqual(
    logs.coverage().problems.map(({ code }) => code),
    ['BH_TOO_LARGE'],
  )
})

test('a line of 300 MB is told and never held', () => {
  // In a process of its own, whose memory can be measured.
  const path = join(folder, 'long.log')
  const piece = 'x'.repeat(1 << 20)
  writeFileSync(path, `${LINES.combined(MADE[0] as Made)}\n`)
  for (let each = 0; each < 300; each++) appendFileSync(path, piece)
  appendFileSync(path, `\n${LINES.combined(MADE[1] as Made)}\n`)
  const module = new URL('access-logs.ts', import.meta.url).href
  const script = `
    const { openAccessLogs } = await import(${JSON.stringify(module)})
    const logs = await openAccessLogs([${JSON.stringify(path)}])
    let count = 0
    for await (const batch of logs.requests()) count += batch.count
    console.log(JSON.stringify([count, logs.coverage().unread, process.resourceUsage().maxRSS / 1024]))`
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  const [count, unread, peak] = JSON.parse(ran.stdout) as [number, number, number]
  assert.deepEqual([count, unread], [2, 1])
  assert.ok(peak < 150, `${peak} MiB`)
  rmSync(path)
})
