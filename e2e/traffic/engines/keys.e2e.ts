// By what a limit counts, whom it leaves out, and that in shadow mode it refuses nobody. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Limit } from '../../../src/engines/traffic/limit.ts'
import { ENGINES, missing } from './all.ts'
import { type Backend, startBackend } from './backend.ts'
import { type Answers, count, paced } from './load.ts'

const REQUESTS = 60
/** Ten at once, and no more within the second that a test takes. */
const LIMIT: Limit = {
  kind: 'requests',
  algorithm: 'leaky-bucket',
  rate: 10,
  period: 60,
  burst: 9,
  key: { kind: 'client-address' },
  code: 429,
  scope: 'replica',
}
const EXEMPT = '127.0.7.0/24'

let backend: Backend
before(async () => {
  backend = await startBackend()
})
after(() => backend.stop())

for (const [product, run] of ENGINES) {
  describe(product, { skip: missing(run) }, () => {
    async function ask(limit: Limit, from: readonly string[], keys: readonly string[]): Promise<readonly Answers[]> {
      const { engine, written } = await run!([limit], backend.port)
      try {
        assert.equal(written.kept.length, 1)
        return await Promise.all(
          from.map((address, index) =>
            paced({
              url: engine.url,
              perSecond: REQUESTS,
              seconds: 1,
              from: address,
              headers: () => ({ 'x-api-key': keys[index] as string }),
            }),
          ),
        )
      } finally {
        await engine.stop()
      }
    }
    const passed = (answers: readonly Answers[]): readonly number[] => answers.map((each) => count(each, 200))
    /** What F5's smallest burst and HAProxy Ingress's second make of ten at once: read from what is kept. */
    const refuses = (answers: Answers): boolean => count(answers, 200) < REQUESTS && count(answers, 429) > 0

    test('each address has its own', async () => {
      const both = await ask(LIMIT, ['127.0.6.1', '127.0.6.2'], ['a', 'a'])
      assert.equal(passed(both)[0], passed(both)[1])
      assert.ok(both.every(refuses), passed(both).join())
    })

    const byHeader = ['f5-nginx', 'envoy-gateway', 'traefik'].includes(product)
    test('each value of a header has its own', { skip: !byHeader && 'the product has no such key' }, async () => {
      const limit = { ...LIMIT, key: { kind: 'header', name: 'X-Api-Key' } } as const
      const apart = await ask(limit, ['127.0.6.1', '127.0.6.1'], ['a', 'b'])
      const shared = await ask(limit, ['127.0.6.1', '127.0.6.2'], ['a', 'a'])
      assert.ok([...apart, ...shared].every(refuses))
      const sum = (all: readonly Answers[]): number => passed(all).reduce((a, b) => a + b, 0)
      assert.equal(sum(apart), 2 * sum(shared))
    })

    const exempts = ['ingress-nginx', 'envoy-gateway', 'haproxy', 'haproxy-ingress'].includes(product)
    test('what is exempt is not counted', { skip: !exempts && 'the product exempts nobody here' }, async () => {
      const [inside, outside] = await ask({ ...LIMIT, exempt: [EXEMPT] }, ['127.0.7.9', '127.0.8.9'], ['a', 'a'])
      assert.equal(count(inside as Answers, 200), REQUESTS)
      assert.ok(refuses(outside as Answers))
    })

    const shadows = ['f5-nginx', 'envoy-gateway'].includes(product)
    test('in shadow mode nobody is refused', { skip: !shadows && 'the product has no shadow mode' }, async () => {
      assert.deepEqual(passed(await ask({ ...LIMIT, shadow: true }, ['127.0.6.1'], ['a'])), [REQUESTS])
    })
  })
}
