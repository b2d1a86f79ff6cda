import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressesOf } from '../../../cluster/addresses.ts'
import type { Connection, End } from '../../../history/history.ts'
import { LockFold, type LockReplay } from './shut-out.ts'

const DAY = 86_400_000
const START = Date.parse('2026-11-01T00:00:00Z')
const EDGE = 'Deployment/edge/nginx'

function connection(source: End, at: number, over: Partial<Connection> = {}): Connection {
  return {
    time: START + at,
    source,
    destination: { kind: 'workload', workload: EDGE, pod: '' },
    protocol: 'TCP',
    port: 443,
    verdict: 'forwarded',
    place: { file: 'flows.json', line: 1 },
    raw: () => '',
    ...over,
  }
}
const from = (address: string): End => ({ kind: 'address', address })

function replayed(...all: readonly Connection[]): LockReplay {
  const fold = new LockFold(addressesOf(['104.16.0.0/13']), [EDGE])
  for (const each of all) fold.add(each)
  return fold.finish(7)
}
const week = [connection(from('104.16.0.1'), 0), connection(from('104.17.0.1'), 8 * DAY)]

describe('who would be shut out', () => {
  test('nobody, in a week of edges only', () => {
    assert.deepEqual(replayed(...week).verdict, 'holds')
    assert.deepEqual(replayed(...week).reasons, [])
  })

  test('whoever came from elsewhere, most often first', () => {
    const found = replayed(
      ...week,
      connection(from('198.51.100.7'), DAY),
      connection(from('203.0.113.9'), 2 * DAY),
      connection(from('203.0.113.9'), 3 * DAY),
    )
    assert.equal(found.verdict, 'breaks')
    assert.deepEqual(
      found.shutOut.map(({ address, times, last }) => [address, times, (last - START) / DAY]),
      [
        ['203.0.113.9', 2, 3],
        ['198.51.100.7', 1, 1],
      ],
    )
    assert.equal(found.inside, 2)
  })

  test('unknown: less than a week, nothing at all, addresses that nodes replaced, private ones', () => {
    assert.equal(replayed(connection(from('104.16.0.1'), 0)).verdict, 'unknown')
    assert.equal(replayed().verdict, 'unknown')
    assert.deepEqual([replayed().from, replayed().to], [0, 0])
    const node: End = { kind: 'node', name: 'n1' }
    assert.match(replayed(...week, connection(node, DAY)).reasons.join(), /1 connections show a node/)
    const masked: End = { kind: 'unresolved', why: 'masked', namespace: '', address: '' }
    assert.equal(replayed(...week, connection(masked, DAY)).verdict, 'unknown')
    assert.match(replayed(...week, connection(from('10.0.0.9'), DAY)).reasons.join(), /1 came from private/)
    assert.equal(replayed(...week, connection(from('198.51.100.7'), DAY, { direction: 'untold' })).verdict, 'unknown')
  })

  test('what was dropped, came from a pod or went elsewhere says nothing', () => {
    const pod: End = { kind: 'workload', workload: 'Deployment/shop/web', pod: '' }
    const other: End = { kind: 'workload', workload: 'Deployment/shop/web', pod: '' }
    const found = replayed(
      ...week,
      connection(pod, DAY),
      connection(from('198.51.100.7'), DAY, { verdict: 'dropped' }),
      connection(from('198.51.100.7'), DAY, { destination: other }),
    )
    assert.equal(found.verdict, 'holds')
    assert.equal(found.seen, 2)
  })

  test('a million clients are counted, and few are kept', () => {
    const fold = new LockFold(addressesOf(['104.16.0.0/13']), [EDGE])
    for (let index = 0; index < 30_000; index++) fold.peer(`198.51.${index >> 8}.${index & 255}`, START + index, EDGE)
    fold.peerless(START)
    const found = fold.finish(7)
    assert.equal(found.shutOut.length, 10_000)
    assert.ok(found.more)
    assert.match(found.reasons[0] ?? '', /more than 10000 clients/)
  })
})
