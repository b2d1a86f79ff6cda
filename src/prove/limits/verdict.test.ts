import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Limit } from '../../engines/traffic/limit.ts'
import type { AccessLogCoverage } from '../../observe/access-log/told.ts'
import type { Proof } from '../proof.ts'
import { LimitReplay } from './replay.ts'
import { batchOf, FULL, type Given, inSeconds, nginx } from './testing.ts'
import type { Trial } from './trial.ts'
import { limitProof, type VerdictOptions } from './verdict.ts'

const T = FULL.from
const flood = (count: number, client = 1): readonly Given[] =>
  Array.from({ length: count }, (_, at) => ({ at: T + at * 10, client }))

function proofOf(
  limits: readonly Limit[],
  given: readonly Given[],
  coverage: Partial<AccessLogCoverage> = {},
  options: Partial<VerdictOptions> & { readonly inForce?: boolean } = {},
): Proof {
  const nameOf = (client: number): string => `203.0.113.${client}`
  const replay = new LimitReplay([{ id: 'a', limits, inForce: options.inForce ?? false }], nameOf)
  replay.add(batchOf(given))
  const full = { route: 'shop', nameOf, minDays: 7, ...options }
  return limitProof(replay.trials[0] as Trial, undefined, { ...FULL, ...coverage }, full)
}

test('holds where nothing is refused and nothing speaks against it', () => {
  const { verdict, reasons, replayed } = proofOf([nginx(10, 50)], flood(50))
  assert.deepEqual([verdict, reasons, replayed], ['holds', [], 50])
})

test('breaks with each client that is refused, the worst first', () => {
  const { verdict, counterexamples } = proofOf([nginx(1, 4)], [...flood(10), ...flood(20, 2)])
  assert.equal(verdict, 'breaks')
  assert.deepEqual(
    counterexamples.map(({ what, times, place }) => [what, times, place.line]),
    [
      ['203.0.113.2 at shop', 15, 16],
      ['203.0.113.1 at shop', 5, 6],
    ],
  )
})

describe('unknown', () => {
  const cases: Readonly<Record<string, readonly [reason: RegExp, proof: () => Proof]>> = {
    'of no request': [/no request of this route/, () => proofOf([nginx(10, 50)], [])],
    'over too few days': [/3 of at least 7 days/, () => proofOf([nginx(10, 50)], flood(5), { days: 3 })],
    'with lines unread': [/12 lines of the log/, () => proofOf([nginx(10, 50)], flood(5), { unread: 12 })],
    'with requests out of turn': [/2 requests came to light/, () => proofOf([nginx(10, 50)], flood(5), { late: 2 })],
    'where seconds decide': [/tells seconds only/, () => proofOf([nginx(10, 12)], inSeconds(flood(20)))],
    'of a header': [
      /do not tell the header x-key/,
      () => proofOf([nginx(1, 0, { key: { kind: 'header', name: 'x-key' } })], flood(50)),
    ],
    'of only some requests': [
      /only for some requests \(POST\)/,
      () => proofOf([nginx(1, 0, { only: 'POST' })], flood(50)),
    ],
    'of clients behind a proxy': [
      /speaks for many/,
      () => proofOf([nginx(10, 50)], flood(5), { relayed: 5, relays: ['203.0.113.1'] }),
    ],
    'of addresses of a CDN': [
      /addresses of Cloudflare/,
      () => proofOf([nginx(10, 50)], flood(5), {}, { standIn: () => 'Cloudflare' }),
    ],
    'of a CDN that comes from more addresses than are looked at': [
      /addresses of Cloudflare/,
      () =>
        proofOf(
          [nginx(10, 50)],
          Array.from({ length: 400 }, (_, client) => flood(2, client)).flat(),
          {},
          { standIn: () => 'Cloudflare' },
        ),
    ],
    'of fewer clients than were asked for': [
      /what 1 client did says little of others/,
      () => proofOf([nginx(10, 50)], flood(5), {}, { minClients: 10 }),
    ],
    'of replicas that were not seen': [/3 replicas/, () => proofOf([nginx(10, 50)], flood(5), {}, { replicas: 3 })],
    'where the limits do not explain the log': [
      /do not explain the log/,
      () => proofOf([nginx(1, 0)], flood(50), {}, { inForce: true }),
    ],
    'where nobody knows whether the limit works': [
      /no workload/,
      () => proofOf([nginx(1, 0)], flood(50), {}, { doubts: ['no workload'] }),
    ],
  }
  for (const [name, [reason, proof]] of Object.entries(cases))
    test(name, () => {
      const { verdict, reasons } = proof()
      assert.equal(verdict, 'unknown')
      assert.match(reasons.join('\n'), reason)
    })
})

test('a limit of all clients together does not mind who they are', () => {
  const everyone = nginx(10, 50, { key: { kind: 'everyone' } })
  assert.equal(
    proofOf([everyone], flood(5), { relayed: 5, relays: ['x'] }, { standIn: () => 'Cloudflare' }).verdict,
    'holds',
  )
})

test('who is meant to be refused breaks nothing', () => {
  assert.equal(proofOf([nginx(1, 4)], [...flood(40), ...flood(3, 2)], {}, { meant: new Set([1]) }).verdict, 'holds')
  assert.equal(proofOf([nginx(1, 4)], [...flood(40), ...flood(9, 2)], {}, { meant: new Set([1]) }).verdict, 'breaks')
})

test('a log without durations holds as to the ends of requests', () => {
  assert.match(proofOf([nginx(10, 50)], flood(5), { untimed: 5 }).reasons[0] ?? '', /^as to when requests ended/)
})
