// The product's evaluator and the API server on the same pairs. Run: npm run e2e
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { type Agreement, agreement, validatingOf } from './agreement.ts'
import { type Api, connect } from './api.ts'
import { storedDifferences } from './as-stored.ts'
import { policyName } from './binding.ts'
import { readCatalogue } from './catalogue.ts'
import { readDocuments } from './documents.ts'
import { readCorpus, readExamples } from './pool.ts'

const MINOR = 36
const EACH_WAY = 20
/** One of so many objects of the corpus is asked. */
const CORPUS_SHARE = 7

/** What no object can show an API server of 1.36. */
const UNREACHABLE: Readonly<Record<string, 'allow' | 'deny' | 'both'>> = {
  // Versions that it does not serve.
  'api-version-removed': 'both',
  'api-version-deprecated': 'both',
  // It refuses these itself, before policies are asked.
  'claim-without-size': 'deny',
  'job-restart-policy': 'deny',
}

const policies = validatingOf((await readCatalogue()).map(({ body }) => body))
const folders = fileURLToPath(new URL('../../policies', import.meta.url))

let plane: ControlPlane
let api: Api
let found: Agreement
before(async () => {
  const files = policies
    .map((policy) => `${folders}/${policyName(policy)}/params.yaml`)
    .filter((file) => existsSync(file))
  const params = (await readDocuments(files)).map(({ body }) => body)
  const corpus = (await readCorpus()).filter((_, index) => index % CORPUS_SHARE === 0)
  plane = await startControlPlane({ components: ['apiserver'] })
  api = connect(plane)
  found = await agreement(api, {
    policies,
    params,
    examples: [...(await readExamples()), ...corpus],
    minor: MINOR,
    seed: 20261121,
    mutants: 300,
    eachWay: EACH_WAY + 2,
    allowedPerDenied: 1.4,
    alone: 0.03,
  })
})
after(async () => {
  api?.close()
  await plane?.stop()
})

describe('the catalogue, by the API server and by the product', () => {
  test('says the same of every pair, in the same words', (t) => {
    const matching = found.pairs.filter(({ ours }) => ours !== undefined)
    const denied = matching.filter(({ theirs }) => theirs.verdict === 'deny').length
    const alone = matching.filter(({ asked, theirs }) => asked === 'Deny' && theirs.verdict === 'deny').length
    t.diagnostic(
      `${matching.length} pairs of a check and an object that it matches, ${denied} denied, of which ${alone} by Deny; ` +
        `${found.pairs.length - matching.length} pairs of others; ${found.stored.length} objects taken, ${found.refused} refused`,
    )
    assert.deepEqual(found.disagreements.slice(0, 20), [])
    assert.ok(matching.length >= 5000 && denied >= 0.4 * matching.length && alone >= 200)
  })

  test('asks every check each way', () => {
    const short = policies.map(policyName).flatMap((name) => {
      const { allow, deny } = found.tally.get(name) ?? { allow: 0, deny: 0 }
      const spared = UNREACHABLE[name]
      const isShort =
        (allow < EACH_WAY && spared !== 'allow' && spared !== 'both') ||
        (deny < EACH_WAY && spared !== 'deny' && spared !== 'both')
      return isShort ? [`${name}: ${allow} allowed, ${deny} denied`] : []
    })
    assert.deepEqual(short, [])
  })

  test('sees objects as they would be stored', (t) => {
    const wrong = found.stored.flatMap(({ id, sent, stored }) =>
      storedDifferences(sent, stored, MINOR).map((difference) => ({ id, ...difference })),
    )
    t.diagnostic(`${found.stored.length} objects`)
    assert.deepEqual(wrong.slice(0, 20), [])
  })
})
