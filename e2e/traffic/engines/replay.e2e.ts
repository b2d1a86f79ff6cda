// What an engine's own access log says of its limit: the model, fed with it, predicts each answer. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Limit } from '../../../src/engines/traffic/limit.ts'
import { REFUSED } from '../../../src/engines/traffic/models/limiter.ts'
import { Together } from '../../../src/engines/traffic/models/together.ts'
import { seeded } from '../../policy/random.ts'
import { type Recorded, recorded } from './access-logs.ts'
import { ENGINES, missing } from './all.ts'
import { type Backend, startBackend } from './backend.ts'
import { paced } from './load.ts'

const REQUESTS = 400
const CLIENTS = ['127.0.0.11', '127.0.0.12', '127.0.0.13'] as const
const CLIENT = { kind: 'client-address' } as const

const RATE: Limit = {
  kind: 'requests',
  algorithm: 'leaky-bucket',
  rate: 10,
  period: 1,
  burst: 50,
  key: CLIENT,
  code: 429,
  scope: 'replica',
}
const PER_MINUTE: Limit = { ...RATE, rate: 300, period: 60, burst: 120 }
const AT_ONCE: Limit = {
  kind: 'connections',
  algorithm: 'concurrent',
  connections: 4,
  key: CLIENT,
  code: 429,
  scope: 'replica',
}

let quick: Backend
let slow: Backend
before(async () => {
  quick = await startBackend()
  slow = await startBackend(400)
})
after(async () => {
  await quick.stop()
  await slow.stop()
})

/**
 * Bursts of up to seventy requests some milliseconds apart, and pauses of up to two seconds. The logs of nginx and
 * HAProxy are in milliseconds: which of two requests a millisecond apart came when the next was due cannot be told from
 * them, so that of a client that stays over a limit of N a second about N in a thousand are mistaken for a neighbour.
 */
function bursts(seed: number): (n: number) => number {
  const random = seeded(seed)
  let left = 0
  return () => {
    if (left-- > 0) return 1 + random.below(9)
    left = random.below(70)
    return 200 + random.below(2000)
  }
}

/**
 * How many answers the machine gives as the engine did. Requests of one client in one millisecond have no order in a log
 * of milliseconds: of those, as many as were admitted.
 */
function predicted(all: readonly Recorded[], machine: Together): number {
  const moments = new Map<string, { asked: number; admitted: number; passed: number }>()
  for (const { client, at, tookMs, code } of all) {
    const moment = moments.get(`${client} ${at}`) ?? { asked: 0, admitted: 0, passed: 0 }
    moments.set(`${client} ${at}`, moment)
    moment.asked++
    if (machine.admit(client, at, at + tookMs) !== REFUSED) moment.admitted++
    if (code === 200) moment.passed++
  }
  return [...moments.values()].reduce(
    (sum, { asked, admitted, passed }) => sum + asked - Math.abs(admitted - passed),
    0,
  )
}

for (const [product, run] of ENGINES) {
  describe(product, { skip: missing(run) }, () => {
    for (const [name, limits, backend] of [
      ['a rate', [RATE], () => quick],
      ['two rates and connections', [RATE, PER_MINUTE, AT_ONCE], () => slow],
    ] as const) {
      test(`${name}: bursts of three clients, each request`, async (context) => {
        const { engine, written } = await run!(limits, backend().port)
        try {
          await Promise.all(
            CLIENTS.map((from, index) =>
              paced({ url: engine.url, perSecond: REQUESTS, seconds: 1, from, gap: bursts(index + 1) }),
            ),
          )
          const all = recorded(product, await engine.logged(REQUESTS * CLIENTS.length))
          const agreed = predicted(all, new Together(written.kept))
          const refused = all.filter(({ code }) => code !== 200).length
          context.diagnostic(`${product}: ${name}: ${agreed} of ${all.length} predicted, ${refused} were refused`)
          assert.ok(all.length >= REQUESTS * CLIENTS.length - 2, `${all.length} requests in the log`)
          assert.ok(refused > 100, 'the load must refuse enough to tell')
          assert.ok(agreed >= all.length * 0.99, `${agreed} of ${all.length}`)
        } finally {
          await engine.stop()
        }
      })
    }
  })
}
