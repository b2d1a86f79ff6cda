import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { EQUAL } from '../radius/weights.ts'
import { generatedCluster } from './generated.testing.ts'
import type { Plan } from './ports.ts'
import { checkedPlan } from './reapply.testing.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const corpus = process.env.BULKHEAD_CORPUS ?? join(root, '../shared/corpus')

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-plan-'))
})
after(() => rmSync(folder, { recursive: true }))

function copyOf(source: string): string {
  const copy = mkdtempSync(join(folder, 'copy-'))
  cpSync(source, copy, { recursive: true })
  return copy
}

function written(files: ReadonlyMap<string, string>): string {
  const place = mkdtempSync(join(folder, 'made-'))
  for (const [name, text] of files) {
    mkdirSync(dirname(join(place, name)), { recursive: true })
    writeFileSync(join(place, name), text)
  }
  return place
}

const removed = ({ steps }: Plan, count = steps.length): number =>
  steps.slice(0, count).reduce((sum, { risk }) => sum + risk.share, 0)

describe('the first k patches give the figure of step k', () => {
  for (const set of ['kubernetes-goat', 'argo-cd', 'online-boutique', 'bank-of-anthos']) {
    const source = join(corpus, set)
    test(set, { skip: existsSync(source) ? false : `no ${source} (BULKHEAD_CORPUS)` }, async () => {
      // Its bindings name the service accounts of the namespace that it is installed in.
      const { plan, base } = await checkedPlan([copyOf(source)], set === 'argo-cd' ? { namespace: 'argocd' } : {})
      // online-boutique has a policy for each of its services, and nothing else that a change could take away.
      assert.equal(plan.steps.length > 0, set !== 'online-boutique')
      const share = removed(plan) + plan.residual.share
      assert.ok(Math.abs(share - 1) < 1e-9, `shares and residual add up to ${share}`)
      assert.equal(base.risk.total > plan.residual.risk, set !== 'online-boutique')
    })
  }

  test('the example', async () => {
    const { plan } = await checkedPlan([copyOf(join(root, 'examples/shop'))])
    assert.ok(plan.steps.length > 2)
  })

  // 200 in .ci/run: they take a minute.
  const clusters = Number(process.env.BULKHEAD_CLUSTERS ?? 30)
  test(`${clusters} generated clusters`, async () => {
    let steps = 0
    for (let seed = 1; seed <= clusters; seed++) {
      const { plan } = await checkedPlan([written(generatedCluster(seed))], {}, 6).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error })
      })
      steps += plan.steps.length
    }
    assert.ok(steps > 2 * clusters, `${steps} steps in all`)
  })
})

describe('kubernetes-goat', () => {
  const source = join(corpus, 'kubernetes-goat')
  for (const [name, weights] of [
    ['shipped', undefined],
    ['equal', EQUAL],
  ] as const)
    test(`three steps remove most of the risk, under ${name} weights`, {
      skip: existsSync(source) ? false : `no ${source} (BULKHEAD_CORPUS)`,
    }, async () => {
      const { plan } = await checkedPlan([copyOf(source)], weights ? { weights } : {}, 3)
      assert.ok(removed(plan, 3) > 0.6, `${removed(plan, 3)}`)
    })
})
