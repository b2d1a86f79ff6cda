import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Algorithm, Limit } from '../limit.ts'
import { ADMITTED, DELAYED, REFUSED, type Verdict } from './limiter.ts'
import { concurrencyLimiterOf, limiterOf } from './limiter-of.ts'
import { Together } from './together.ts'

/** Each machine against the rule of its engine in whole numbers, over everything that a client has done. */

interface Asked {
  readonly client: number
  readonly at: number
}

const START = 1_700_000_000_000
/** Rates of which a request takes a whole number of milliseconds, so that no rounding hides a difference. */
const rate = fc.constantFrom(1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200, 250, 500, 1000)

const gap = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 4000 }))
const asked: fc.Arbitrary<Asked[]> = fc
  .array(fc.record({ client: fc.integer({ min: 0, max: 2 }), gap }), { maxLength: 150, size: 'max' })
  .map((all) => {
    let at = START
    return all.map(({ client, gap: passed }) => {
      at += passed
      return { client: client * 1000, at }
    })
  })

const limit = (algorithm: Algorithm, more: Partial<Limit>): Limit => ({
  kind: 'requests',
  algorithm,
  period: 1,
  key: { kind: 'client-address' },
  scope: 'replica',
  ...more,
})

/** Asks the machine and the rule the same, the rule knowing all that came before of this client with its verdicts. */
function agree(machine: Limit, requests: readonly Asked[], rule: (past: readonly Past[], at: number) => Verdict): void {
  const limiter = limiterOf(machine)
  assert.ok(limiter)
  const past = new Map<number, Past[]>()
  for (const { client, at } of requests) {
    const mine = past.get(client) ?? []
    past.set(client, mine)
    const verdict = rule(mine, at)
    assert.equal(limiter.admit(client, at), verdict, `${JSON.stringify(machine)}: ${at - START} ms after the start`)
    mine.push({ at, verdict })
  }
}

interface Past {
  readonly at: number
  readonly verdict: Verdict
}

test('nginx: the excess of all that was admitted, in whole thousandths', () => {
  const burst = fc.integer({ min: 0, max: 30 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), fc.constantFrom(1, 60), burst, fc.option(burst), asked, (...args) => {
      const [n, period, most, undelayed, requests] = args
      const machine = limit('leaky-bucket', {
        rate: n,
        period,
        burst: most,
        ...(undelayed === null ? {} : { undelayed }),
      })
      const perSecond = (BigInt(n) * 1000n) / BigInt(period)
      agree(machine, requests, (past, at) => {
        let excess = 0n
        let last: number | undefined
        for (const each of past.filter(({ verdict }) => verdict !== REFUSED)) {
          if (last !== undefined) excess += 1000n - (perSecond * BigInt(each.at - last)) / 1000n
          if (excess < 0n) excess = 0n
          last = each.at
        }
        if (last !== undefined) excess += 1000n - (perSecond * BigInt(at - last)) / 1000n
        if (excess < 0n) excess = 0n
        if (excess > BigInt(most) * 1000n) return REFUSED
        const over = undelayed === null ? 0n : excess - BigInt(undelayed) * 1000n
        return over > 0n && (over * 1000n) / perSecond > 0n ? DELAYED : ADMITTED
      })
    }),
    { numRuns: 400 },
  )
})

test('Envoy: tokens that come back with time, up to a full bucket', () => {
  fc.assert(
    fc.property(rate, fc.integer({ min: 0, max: 30 }), asked, (n, burst, requests) => {
      agree(limit('token-bucket', { rate: n, burst }), requests, (past, at) => {
        // Thousandths of a token.
        const full = (burst + 1) * 1000
        let tokens = full
        let last = at
        for (const each of past.filter(({ verdict }) => verdict !== REFUSED)) {
          if (each !== past[0]) tokens = Math.min(full, tokens + (each.at - last) * n)
          tokens -= 1000
          last = each.at
        }
        return Math.min(full, tokens + (at - last) * n) >= 1000 ? ADMITTED : REFUSED
      })
    }),
    { numRuns: 400 },
  )
})

test('Traefik: tokens that may be reserved for half the time of one, a full bucket for whom it has forgotten', () => {
  fc.assert(
    fc.property(rate, fc.integer({ min: 0, max: 30 }), asked, (n, burst, requests) => {
      agree(limit('delaying-token-bucket', { rate: n, burst }), requests, (past, at) => {
        const full = (burst + 1) * 1000
        let tokens = full
        let last: number | undefined
        let seen: number | undefined
        const wait = (now: number): number => {
          const forgotten = seen === undefined || Math.floor(seen / 1000) + 2 <= Math.floor(now / 1000)
          tokens = forgotten || last === undefined ? full : Math.min(full, tokens + (now - last) * n)
          last = now
          seen = now
          return tokens >= 1000 ? 0 : 1000 - tokens
        }
        for (const each of past) {
          wait(each.at)
          if (each.verdict !== REFUSED) tokens -= 1000
        }
        const missing = wait(at)
        // Half a token, as Traefik rounds it: 1/(2 rate) seconds of waiting, in whole nanoseconds.
        return missing === 0 ? ADMITTED : missing * 2 <= 1000 ? DELAYED : REFUSED
      })
    }),
    { numRuns: 400 },
  )
})

test('HAProxy: every request counts, in this period and by its share of the last', () => {
  const periods = fc.constantFrom(1, 2, 5, 10, 60)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), periods, asked, (n, period, requests) => {
      const length = BigInt(period * 1000)
      agree(limit('sliding-window', { rate: n, period }), requests, (past, at) => {
        let start: bigint | undefined
        let counts = [0n, 0n]
        for (const each of [...past.map((one) => BigInt(one.at)), BigInt(at)]) {
          if (start === undefined || each - start >= 2n * length) {
            counts = [0n, 0n]
            start = each - (each % 2n)
          } else if (each - start >= length) {
            counts = [counts[1] as bigint, 0n]
            start = start + length - ((start + length) % 2n)
          }
          counts[1] = (counts[1] as bigint) + 1n
        }
        const left = (start as bigint) + length - BigInt(at)
        const estimate = ((counts[0] as bigint) * left + (counts[1] as bigint) * length) / length
        return estimate > BigInt(n) ? REFUSED : ADMITTED
      })
    }),
    { numRuns: 400 },
  )
})

test('Kong: what was admitted in this period of the clock', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 60, 3600), asked, (n, period, requests) => {
      agree(limit('fixed-window', { rate: n, period }), requests, (past, at) => {
        const window = (time: number): number => Math.floor(time / (period * 1000))
        const used = past.filter((each) => each.verdict === ADMITTED && window(each.at) === window(at)).length
        return used < n ? ADMITTED : REFUSED
      })
    }),
    { numRuns: 400 },
  )
})

const lasting = asked.chain((requests) =>
  fc
    .array(fc.integer({ min: 0, max: 300 }), { minLength: requests.length, maxLength: requests.length })
    .map((lengths) => requests.map((each, index) => ({ ...each, end: each.at + (lengths[index] as number) }))),
)

test('limit_conn: what was admitted and is not answered yet', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), fc.boolean(), lasting, (most, everyone, requests) => {
      const machine: Limit = {
        kind: 'connections',
        algorithm: 'concurrent',
        connections: most,
        key: { kind: everyone ? 'everyone' : 'client-address' },
        scope: 'replica',
      }
      const limiter = concurrencyLimiterOf(machine)
      assert.ok(limiter)
      const admitted: (Asked & { end: number })[] = []
      for (const each of requests) {
        const busy = admitted.filter(({ client, end }) => (everyone || client === each.client) && end > each.at).length
        const verdict = busy < most ? ADMITTED : REFUSED
        assert.equal(limiter.admit(each.client, each.at, each.end), verdict)
        if (verdict === ADMITTED) admitted.push(each)
      }
    }),
    { numRuns: 300 },
  )
})

test('replicas that count alone admit what each admits of its turns; one count of all does not multiply', () => {
  const algorithms = fc.constantFrom('leaky-bucket', 'token-bucket', 'sliding-window', 'fixed-window')
  fc.assert(
    fc.property(algorithms, rate, fc.integer({ min: 1, max: 4 }), asked, (algorithm, n, replicas, requests) => {
      const one = limit(algorithm, { rate: n, burst: 3 })
      const several = limiterOf(one, { replicas })
      const apart = Array.from({ length: replicas }, () => limiterOf(one))
      const together = limiterOf({ ...one, scope: 'global' }, { replicas })
      const alone = limiterOf(one)
      const turns = new Map<number, number>()
      for (const { client, at } of requests) {
        const turn = turns.get(client) ?? 0
        turns.set(client, turn + 1)
        assert.equal(several?.admit(client, at), apart[turn % replicas]?.admit(client, at))
        assert.equal(together?.admit(client, at), alone?.admit(client, at))
      }
    }),
    { numRuns: 200 },
  )
})

test('nginx: a request that one limit refuses counts in none, and limit_conn comes last', () => {
  fc.assert(
    fc.property(rate, rate, fc.integer({ min: 1, max: 5 }), lasting, (first, second, most, requests) => {
      const limits: Limit[] = [
        { ...limit('leaky-bucket', {}), kind: 'connections', algorithm: 'concurrent', connections: most },
        limit('leaky-bucket', { rate: first, burst: 4 }),
        limit('leaky-bucket', { rate: second, period: 60, burst: 9, key: { kind: 'everyone' } }),
      ]
      const [connections, perSecond, perMinute] = limits as [Limit, Limit, Limit]
      const machine = new Together(limits)
      // Each rate by a machine that hears only of what both let through: nobody else may change it.
      const heard: { client: number; at: number }[] = []
      const inFlight = concurrencyLimiterOf(connections)
      for (const { client, at, end } of requests) {
        const refused = [perSecond, perMinute].map((each) => {
          const replayed = limiterOf(each)
          for (const past of heard) replayed?.admit(past.client, past.at)
          return replayed?.admit(client, at) === REFUSED
        })
        const byRate = refused.indexOf(true)
        if (byRate === -1) heard.push({ client, at })
        const byConnections = byRate === -1 && inFlight?.admit(client, at, end) === REFUSED
        machine.admit(client, at, end)
        assert.equal(machine.refusedBy, byRate === -1 ? (byConnections ? 0 : -1) : byRate + 1)
      }
    }),
    { numRuns: 150 },
  )
})
