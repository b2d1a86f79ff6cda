import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Limit } from '../../engines/traffic/limit.ts'
import { MARK } from '../../observe/access-log/request.ts'
import { LimitReplay } from './replay.ts'
import { batchOf, type Given, inSeconds, nginx, random } from './testing.ts'
import type { Trial } from './trial.ts'

const T = 1_760_000_000_000

function trialOf(limits: readonly Limit[], given: readonly Given[], inForce = false): Trial {
  const replay = new LimitReplay([{ id: 'a', limits, inForce }], (client) => `10.0.${client >> 8}.${client & 255}`)
  replay.add(batchOf(given))
  return replay.trials[0] as Trial
}

/** Bursts of several clients over a minute, in order. */
function bursts(seed: number, clients = 4, count = 400): readonly Given[] {
  const draw = random(seed)
  const made: Given[] = []
  for (let at = T; made.length < count; at += draw() * draw() * 900) {
    const client = Math.floor(draw() * clients)
    const size = draw() < 0.1 ? 1 + Math.floor(draw() * 25) : 1
    for (let each = 0; each < size; each++) made.push({ at: Math.floor(at + each * 3 * draw()), client, duration: 5 })
  }
  return made.sort((a, b) => a.at - b.at)
}

/** nginx in plain words: who comes while more than the burst is ahead of the rate is refused, and counts nothing. */
function naive(given: readonly Given[], rate: number, burst: number): ReadonlyMap<number, number> {
  const state = new Map<number, { last: number; ahead: number }>()
  const refused = new Map<number, number>()
  for (const { at, client } of given) {
    const known = state.get(client)
    const ahead = known ? Math.max(0, known.ahead - ((at - known.last) * rate) / 1000 + 1) : 0
    if (ahead > burst) refused.set(client, (refused.get(client) ?? 0) + 1)
    else state.set(client, { last: at, ahead })
  }
  return refused
}

test('which requests of which clients: as the plain model says', () => {
  for (let seed = 1; seed <= 40; seed++) {
    const given = bursts(seed)
    const expected = naive(given, 5, 10)
    const trial = trialOf([nginx(5, 10)], given)
    assert.equal(
      trial.refused,
      [...expected.values()].reduce((sum, each) => sum + each, 0),
    )
    assert.equal(trial.tally.refusedClients, expected.size)
    for (const { client, refused, requests } of trial.tally.worst(10)) {
      assert.equal(refused, expected.get(client))
      assert.equal(requests, given.filter((each) => each.client === client).length)
    }
    assert.deepEqual([trial.leastRefused, trial.mostRefused], [trial.refused, trial.refused])
  }
})

test('the first refusal of a client is told by its place', () => {
  const given = Array.from({ length: 10 }, (_, at) => ({ at: T + at, client: 1 }))
  const [worst] = trialOf([nginx(1, 4)], given).tally.worst(1)
  assert.deepEqual([worst?.line, worst?.first, worst?.last, worst?.refused], [6, T + 5, T + 9, 5])
})

describe('a log that tells seconds gives bounds that hold what happened', () => {
  const limits: Readonly<Record<string, Limit>> = {
    'leaky bucket': nginx(5, 10),
    'leaky bucket a minute': nginx(120, 20, { period: 60 }),
    'token bucket': nginx(4, 8, { algorithm: 'token-bucket' }),
    'sliding window': nginx(20, 0, { algorithm: 'sliding-window', period: 2 }),
    'fixed window': nginx(20, 0, { algorithm: 'fixed-window', period: 2 }),
  }
  for (const [name, limit] of Object.entries(limits))
    test(name, () => {
      let seen = 0
      for (let seed = 1; seed <= 150; seed++) {
        const given = bursts(seed).map(({ at, client }) => ({ at, client }))
        const exact = trialOf([limit], given).refused
        const { leastRefused, mostRefused } = trialOf([limit], inSeconds(given))
        assert.ok(leastRefused <= exact && exact <= mostRefused, `${seed}: ${leastRefused} ${exact} ${mostRefused}`)
        seen += exact
      }
      assert.ok(seen > 0)
    })
})

describe('what a limit counts', () => {
  const flood = (clients: number, each: Partial<Given> = {}): readonly Given[] =>
    Array.from({ length: 40 }, (_, at) => ({ at: T + at, client: at % clients, ...each }))
  test('each client, all together, or a network', () => {
    const refused = (key: Limit['key']): number => trialOf([nginx(1, 4, { key })], flood(8)).refused
    assert.equal(refused({ kind: 'client-address' }), 0)
    assert.equal(refused({ kind: 'everyone' }), 35)
    assert.equal(refused({ kind: 'client-address', prefix4: 30 }), 30)
    assert.equal(refused({ kind: 'client-address', prefix4: 24 }), 35)
  })
  test('not whose network is exempt', () => {
    const trial = trialOf([nginx(1, 0, { exempt: ['10.0.0.0/31'] })], flood(4))
    assert.deepEqual([trial.exempt, trial.refused, trial.tally.refusedClients], [20, 18, 2])
  })
  test('each replica by itself, or all together', () => {
    const given = flood(1).map((each, at) => ({ ...each, lane: at % 4 }))
    assert.equal(trialOf([nginx(1, 9)], given).refused, 0)
    assert.equal(trialOf([nginx(1, 9, { scope: 'global' })], given).refused, 30)
  })
  test('what is answered at once', () => {
    const limit: Limit = {
      kind: 'connections',
      algorithm: 'concurrent',
      connections: 5,
      key: { kind: 'client-address' },
      scope: 'replica',
    }
    assert.equal(trialOf([limit], flood(1, { duration: 1_000 })).refused, 35)
    assert.equal(trialOf([limit], flood(1, { duration: 5 })).refused, 0)
  })
  test('several limits together', () => {
    const limit: Limit = {
      kind: 'connections',
      algorithm: 'concurrent',
      connections: 5,
      key: { kind: 'client-address' },
      scope: 'replica',
    }
    assert.equal(trialOf([nginx(1, 20), limit], flood(1, { duration: 1_000 })).refused, 35)
    assert.equal(trialOf([nginx(1, 2), limit], flood(1, { duration: 1_000 })).refused, 37)
  })
})

test('the log’s own refusals are compared, by mark and by status', () => {
  const given: readonly Given[] = [
    { at: T, client: 1, mark: MARK.passed },
    { at: T + 1, client: 1, mark: MARK.refused, status: 503 },
    { at: T + 2, client: 1, mark: MARK.own, status: 503 },
    { at: T + 3, client: 1, mark: MARK.backend, status: 503 },
    { at: T + 4, client: 1, status: 503 },
    { at: T + 5, client: 1, mark: MARK.own, status: 404 },
    { at: T + 6, client: 2, mark: MARK.wouldRefuse },
  ]
  const { logged } = trialOf([nginx(1, 0)], given, true)
  assert.deepEqual(
    [logged.bothAdmit, logged.bothRefuse, logged.onlyLog, logged.onlyModel, logged.byStatus],
    [1, 3, 1, 2, 1],
  )
  assert.equal(trialOf([nginx(1, 0)], given).logged.compared, 0)
})

test('routes count alone, with their own clients, and bodies by size', () => {
  const replay = new LimitReplay(
    [
      { id: 'a', limits: [nginx(1, 0)] },
      {
        id: 'b',
        limits: [],
        body: { kind: 'body', algorithm: 'threshold', body: 100, key: { kind: 'everyone' }, scope: 'replica' },
      },
    ],
    (client) => `client ${client}`,
  )
  replay.add(
    batchOf([
      { at: T, client: 7, route: 0 },
      { at: T + 1, client: 9, route: 1, received: 101 },
      { at: T + 2, client: 7, route: 1, received: 100 },
      { at: T + 3, client: 9, route: 0 },
      { at: T + 4, client: 9, route: 0 },
      { at: T + 5, client: 9, route: 5 },
    ]),
  )
  assert.equal(replay.unrouted, 1)
  assert.equal(replay.trials[0]?.refused, 1)
  assert.equal(replay.namesOf(0)(replay.trials[0]?.tally.worst(1)[0]?.client as number), 'client 9')
  assert.deepEqual([replay.bodies[1]?.refused, replay.bodies[1]?.sized, replay.bodies[1]?.largest], [1, 2, 101])
  assert.equal(replay.namesOf(1)(replay.bodies[1]?.tally.worst(1)[0]?.client as number), 'client 9')
})
