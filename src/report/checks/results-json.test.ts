import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CheckItem } from '../../checks.ts'
import { because } from '../../cluster/because.ts'
import { jsonLines } from '../json.ts'
import { accepted, checkNamed, EVERY_KIND, everyResult, HOSTILE, type ItemText, judgedOf } from './judged.testing.ts'
import type { Judged } from './judged.ts'
import { policyResults } from './results.ts'
import { resultsJson } from './results-json.ts'

const WEB = 'Deployment/shop/web'
const SETTINGS = 'ConfigMap/shop/settings'
const BY_KIND = checkNamed('by-kind', { aliases: { popeye: 'ConfigMap=100, Deployment=200', trivy: 'KSV-1' } })
const BAD = checkNamed(HOSTILE, { aliases: { [HOSTILE]: HOSTILE, ['__proto__']: 'a', constructor: 'b' } })
const LONE = '\ud800 "\\ \u2028'

const fail = (object: string, rest: Partial<ItemText> = {}): ItemText => ({
  check: BY_KIND,
  object,
  result: 'fail',
  ...rest,
})

/** The same items, changed in what `judgedOf` does not make. */
function changed(judged: Judged, change: (item: CheckItem) => Partial<CheckItem>): Judged {
  const items = judged.results.items.map((item) => ({ ...item, ...change(item) }))
  return { ...judged, results: { ...judged.results, items } }
}

const several = judgedOf(EVERY_KIND, [
  fail(WEB, {
    at: [{ path: ['a', 0] }, { path: ['a', 0], container: 'x' }, { path: ['metadata', 'a.b/c'], container: LONE }],
  }),
  fail(SETTINGS, { at: [{ path: [] }, { path: [HOSTILE, LONE], container: HOSTILE }] }),
  fail(WEB, { check: BAD, message: HOSTILE, severity: HOSTILE }),
  fail(WEB, { message: LONE }),
  fail(SETTINGS, { result: 'pass' }),
  fail(WEB, { exception: { ...accepted, reason: HOSTILE, owner: LONE }, at: [{ path: ['a'], container: 'y' }] }),
  fail(WEB, { known: true }),
])
const { object: deployment } = several.results.items[0] as CheckItem

const runs: Readonly<Record<string, Judged>> = {
  'every result': everyResult(),
  'every result, passes too': everyResult({ withPasses: true }),
  nothing: judgedOf(EVERY_KIND, []),
  'several faults, hostile names, kinds in turn': several,
  'several faults, passes too': { ...several, withPasses: true },
  reasons: changed(several, ({ object }) => ({
    because: [because('says so', object, ['a', 0]), because(HOSTILE, deployment, [LONE]), { text: 'no object' }],
  })),
  'what no file holds': changed(several, ({ object: { origin: _, ...rest } }) => ({ object: rest })),
  'places that are not found': {
    ...several,
    locate: (_, path = []) => (path.length === 1 ? undefined : { file: HOSTILE, line: 1, column: 2 }),
  },
  'what a controller makes': changed(several, ({ object }) => ({
    object: {
      ...object,
      made: {
        by: deployment,
        places: [
          [['a'], ['spec', 'b']],
          [[], ['metadata']],
        ],
      },
    },
  })),
}

describe('the text of a result, written without making the result', () => {
  for (const [name, judged] of Object.entries(runs))
    test(`is the text of that result: ${name}`, () => {
      const text = [...resultsJson(judged)].join('')
      assert.equal(text, [...jsonLines(policyResults(judged))].join(''))
      assert.doesNotThrow(() => JSON.parse(text))
    })
})
