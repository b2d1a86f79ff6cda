// Admitted and refused under evenly paced load: real engines against their models. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Limit } from '../../../src/engines/traffic/limit.ts'
import { REFUSED } from '../../../src/engines/traffic/models/limiter.ts'
import { limiterOf } from '../../../src/engines/traffic/models/limiter-of.ts'
import { ENGINES, missing } from './all.ts'
import { type Backend, startBackend } from './backend.ts'
import { count, hey, paced, total } from './load.ts'

const RATE = 100
const SECONDS = 4
const RUNS = 3
/** Shares of the rate, in per cent. */
const LOADS = [90, 110, 200] as const

/** 100 a second, and as many at once: a limit that each of the engines can keep. */
const LIMIT: Limit = {
  kind: 'requests',
  algorithm: 'leaky-bucket',
  rate: RATE,
  period: 1,
  burst: RATE - 1,
  key: { kind: 'client-address' },
  code: 429,
  scope: 'replica',
}

let backend: Backend
before(async () => {
  backend = await startBackend()
})
after(() => backend.stop())

function expected(limit: Limit, offered: number): number {
  const limiter = limiterOf(limit)
  let admitted = 0
  for (let n = 0; n < offered; n++)
    if (limiter?.admit(0, 1_700_000_000_000 + (n * SECONDS * 1000) / offered) !== REFUSED) admitted++
  return admitted
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] as number

/** Within 3 %, and two requests where that is less: the first and the last of a run fall to either side. */
function near(measured: number, model: number, what: string): void {
  assert.ok(Math.abs(measured - model) <= Math.max(2, model * 0.03), `${what}: ${measured}, the model says ${model}`)
}

for (const [product, run] of ENGINES) {
  describe(product, { skip: missing(run) }, () => {
    test('evenly paced, by three clients at once', async (context) => {
      const { engine, written } = await run!([LIMIT], backend.port)
      const kept = written.kept[0] as Limit
      try {
        const runs: number[][] = LOADS.map(() => [])
        for (let n = 0; n < RUNS; n++) {
          const answers = await Promise.all(
            LOADS.map((share, index) =>
              paced({
                url: engine.url,
                perSecond: (RATE * share) / 100,
                seconds: SECONDS,
                // A client of its own for each load and run, so that each begins with a full bucket.
                from: `127.0.${n + 1}.${index + 1}`,
              }),
            ),
          )
          for (const [index, each] of answers.entries()) {
            assert.equal(total(each), (RATE * (LOADS[index] as number) * SECONDS) / 100)
            assert.equal(count(each, 200) + count(each, kept.code as number), total(each), [...each].join(' '))
            runs[index]?.push(count(each, 200))
          }
        }
        for (const [index, share] of LOADS.entries()) {
          const offered = (RATE * share * SECONDS) / 100
          const admitted = median(runs[index] as number[])
          const model = expected(kept, offered)
          context.diagnostic(`${product}: ${share} % of the rate: ${admitted} of ${offered} admitted, model ${model}`)
          near(admitted, model, `admitted at ${share} %`)
          near(offered - admitted, offered - model, `refused at ${share} %`)
        }
      } finally {
        await engine.stop()
      }
    })

    test('by hey, at twice the rate', async (context) => {
      const runs: { offered: number; admitted: number; model: number }[] = []
      for (let n = 0; n < RUNS; n++) {
        const { engine, written } = await run!([LIMIT], backend.port)
        try {
          const answers = await hey(engine.url, RATE * 2, SECONDS)
          if (answers === undefined) return context.skip('hey is not installed')
          const offered = total(answers)
          const model = expected(written.kept[0] as Limit, offered)
          runs.push({ offered, admitted: count(answers, 200), model })
        } finally {
          await engine.stop()
        }
      }
      const of = (field: 'offered' | 'admitted' | 'model'): number => median(runs.map((each) => each[field]))
      context.diagnostic(`${product}: hey: ${of('admitted')} of ${of('offered')} admitted, model ${of('model')}`)
      near(of('admitted'), of('model'), 'admitted')
      near(of('offered') - of('admitted'), of('offered') - of('model'), 'refused')
    })
  })
}
