import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type AuditJson, events } from '../../bench/audit/events.ts'
import { random } from '../../bench/generate.ts'
import { temporaryFolder } from '../temporary.testing.ts'
import type { HistoryLimits } from './bytes.ts'
import { accessesOf, clock, EMPTY_CLUSTER, event, linesOf, sourceOf } from './contract.testing.ts'
import { type FileHistory, openHistory } from './files.ts'
import type { Access } from './history.ts'

async function of(text: string | Buffer, limits: Partial<HistoryLimits> = {}): Promise<FileHistory> {
  const path = join(temporaryFolder(), 'audit.log')
  writeFileSync(path, text)
  return openHistory([path], { cluster: EMPTY_CLUSTER, limits })
}

function shuffled<T>(all: readonly T[], draw: () => number): readonly T[] {
  const made = [...all]
  for (let at = made.length - 1; at > 0; at--) {
    const other = Math.floor(draw() * (at + 1))
    ;[made[at], made[other]] = [made[other] as T, made[at] as T]
  }
  return made
}

/** What passing records tell, asked for in time. */
async function passing(history: FileHistory): Promise<readonly string[]> {
  const told: string[] = []
  for await (const batch of history.accesses({ passing: true })) for (const each of batch) told.push(toldOf(each))
  return told
}

function toldOf(access: Access): string {
  const { id, path, time, end, user, groups, verb, resource, subresource, namespace, name, code, place } = access
  const { credential, sources, userAgent, pod, reason } = access
  const what = [id, path, time, end, user, groups, verb, resource, subresource, namespace, name, code, place.line]
  return JSON.stringify([...what, credential, sources, userAgent, pod, reason])
}

describe('a hostile log', () => {
  test('with stages in any order and copies of them tells each request once', async () => {
    const some = [...events(21, 400)]
    const staged = some.flatMap((each): readonly AuditJson[] =>
      each.stage === 'ResponseComplete' && each.verb !== 'watch'
        ? [{ ...each, stage: 'RequestReceived' }, each]
        : [each],
    )
    const requests = new Set(some.map(({ auditID }) => auditID)).size
    for (let seed = 0; seed < 24; seed++) {
      const order = shuffled(seed % 2 === 0 ? staged : [...staged, ...staged], random(seed))
      const history = await of(linesOf(...order))
      const accesses = await accessesOf(history)
      assert.equal(accesses.length, requests, `seed ${seed}`)
      assert.equal(new Set(accesses.map(({ id }) => id)).size, requests)
      const { records, unread } = sourceOf(history.coverage(), 'audit')
      assert.deepEqual([records, unread], [requests, 0])
    }
  })

  test('in which clients choose one auditID for all their requests loses none of them', async () => {
    const same = Array.from({ length: 3000 }, (_, at) =>
      event('chosen', at, { requestReceivedTimestamp: `2026-05-01T10:00:00.${String(at).padStart(6, '0')}Z` }),
    )
    const other = ['get', 'list', 'delete'].map((verb) => event('chosen', 0, { verb }))
    const bodies = [{ a: {} }, { a: { b: {} } }].map((requestObject) =>
      event('chosen', 1, { verb: 'update', requestObject }),
    )
    const history = await of(linesOf(...same, ...other, ...bodies))
    assert.equal((await accessesOf(history)).length, same.length + other.length + bodies.length)
  })

  test('with lines that were cut reads all others, and counts those', async () => {
    const lines = [...events(5, 300)].map((each) => JSON.stringify(each))
    const whole = lines.filter((_, at) => at % 3 !== 0)
    const text = lines.map((line, at) => (at % 3 === 0 ? line.slice(0, 40 + at) : line)).join('\n')
    const history = await of(text)
    const ids = new Set((await accessesOf(history)).map(({ id }) => id))
    for (const line of whole) assert.ok(ids.has((JSON.parse(line) as AuditJson).auditID))
    assert.equal(sourceOf(history.coverage(), 'audit').unread, lines.length - whole.length)
  })

  test('from servers whose clocks differ keeps the times that it has, and no request ends before it begins', async () => {
    const skewed = [0, -300_000, 300_000].map((skew, at) => event(`s${at}`, 3_600_000 + skew))
    const back = event('back', 3_600_000, { stageTimestamp: clock(3_000_000) })
    const accesses = await accessesOf(await of(linesOf(...skewed, back)))
    assert.deepEqual(
      accesses.map(({ time }) => time - Date.UTC(2026, 4, 1)),
      [3_600_000, 3_300_000, 3_900_000, 3_600_000],
    )
    assert.ok(accesses.every(({ time, end }) => end >= time))
  })

  test('with addresses and agents of a client’s making has them in their order, as they were written', async () => {
    const sourceIPs = ['127.0.0.1', '"},{"auditID":"x"', '203.0.113.9']
    const agents = ['kubelet/v1.36 (linux)', 'a"b\\c\n\u001b[31m', '{"auditID":"forged","verb":"get"}', '😀']
    const history = await of(linesOf(...agents.map((userAgent, at) => event(`a${at}`, at, { sourceIPs, userAgent }))))
    const accesses = await accessesOf(history)
    assert.deepEqual(
      accesses.map(({ userAgent }) => userAgent),
      agents,
    )
    for (const { sources } of accesses) assert.deepEqual(sources, sourceIPs)
  })

  test('tells the same when its records only pass by', async () => {
    const lines = [...events(8, 3000)].map((each, at) =>
      JSON.stringify(
        at % 50 === 0 ? { ...each, userAgent: 'ü' } : at % 71 === 0 ? { kind: 'EventList', items: [each] } : each,
      ),
    )
    const text = `${lines.join('\n')}\n`
    assert.ok(text.length > 3_000_000)
    const kept = (await accessesOf(await of(text))).map(toldOf)
    assert.deepEqual(await passing(await of(text)), kept)
  })

  test('of ever new users and long lines costs bounded memory', async () => {
    const lines = Array.from({ length: 40_000 }, (_, at) =>
      JSON.stringify(
        event(`a${at}`, at, {
          user: { username: `user-${at}-${'x'.repeat(100)}`, groups: [`g${at}`] },
          stage: 'ResponseStarted',
        }),
      ),
    )
    lines.splice(100, 0, JSON.stringify(event('long', 1, { requestObject: 'x'.repeat(20_000_000) })))
    const history = await of(lines.join('\n'))
    const before = process.memoryUsage().rss
    let count = 0
    for await (const batch of history.accesses({ passing: true })) count += batch.length
    assert.equal(count, 40_000)
    assert.ok(process.memoryUsage().rss - before < 200 * 1024 ** 2)
    assert.equal(sourceOf(history.coverage(), 'audit').unread, 1)
  })
})
