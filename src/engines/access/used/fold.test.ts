import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildCluster } from '../../../cluster/cluster.ts'
import type { Access } from '../../../history/history.ts'
import { account, daily, memory, START } from '../../../prove/testing.ts'
import { Samples } from '../../seen.ts'
import { policyOf } from '../policy.ts'
import type { AccessBehaviour } from './behaviour.ts'
import { accessFold } from './fold.ts'
import { splitByNames } from './split.ts'

const CI = account('shop', 'ci')
const GET = { ...CI, verb: 'get', resource: 'secrets', namespace: 'shop' }

async function folded(accesses: readonly Partial<Access>[]) {
  const policy = policyOf(buildCluster({ objects: [] }))
  const fold = accessFold({ policy, workloadOf: () => '', samples: new Samples(0), detailed: true })
  for await (const batch of memory({ accesses }).accesses()) for (const access of batch) fold.add(access)
  return fold.finish()
}

const named = ({ request, times, hidesNames }: AccessBehaviour) => [
  'name' in request ? request.name : '',
  times,
  hidesNames,
]

describe('a detailed fold', () => {
  test('keeps names with their days, the first place of each, and no sample', async () => {
    const { whos } = await folded([...daily(3, { ...GET, name: 'db' }), { ...GET, name: 'mail' }])
    const [behaviour] = whos[0]?.behaviours ?? []
    assert.deepEqual([behaviour?.times, behaviour?.raw, whos[0]?.behaviours.length], [4, '', 1])
    const db = behaviour?.names?.kept.get('db')
    assert.deepEqual([db?.times, db?.days.length, db?.line, behaviour?.names?.kept.get('mail')?.line], [3, 3, 1, 4])
  })

  test('keeps so many names, and what the others begin with', async () => {
    const { whos } = await folded(Array.from({ length: 260 }, (_, at) => ({ ...GET, name: `tenant-${at}` })))
    const names = whos[0]?.behaviours[0]?.names
    assert.deepEqual([names?.kept.size, names?.beyond?.times, names?.beyond?.prefix], [200, 60, 'tenant-2'])
  })

  test('keeps what the authorizer said, each once', async () => {
    const { whos } = await folded([
      { ...GET, name: 'db', reason: 'one' },
      { ...GET, name: 'db', reason: 'two', time: START + 5 },
      { ...GET, name: 'db', reason: 'one', time: START + 9 },
    ])
    assert.deepEqual(whos[0]?.behaviours[0]?.reasons, [
      { reason: 'one', times: 2, first: START, last: START + 9 },
      { reason: 'two', times: 1, first: START + 5, last: START + 5 },
    ])
  })

  test('tells refusals apart up to a bound, and says when there were more', async () => {
    const refused = (count: number) =>
      Array.from({ length: count }, (_, at) => ({
        ...GET,
        resource: `r-${at}`,
        decision: 'forbid' as const,
        code: 403,
      }))
    const few = (await folded(refused(50))).whos[0]
    assert.deepEqual([few?.behaviours.length, few?.refusedMore], [50, false])
    const many = (await folded(refused(500))).whos[0]
    assert.deepEqual([many?.behaviours.length, many?.refusedMore], [201, true])
    assert.equal(
      many?.behaviours.reduce((sum, { times }) => sum + times, 0),
      500,
    )
  })

  test('is told apart by names: times and days add up', async () => {
    const facts = await folded([
      ...daily(3, { ...GET, name: 'db' }),
      ...daily(5, { ...GET, name: 'mail' }),
      { ...GET, name: 'web' },
    ])
    const split = splitByNames(facts, new Set(['db', 'other']))
    assert.deepEqual(split.whos[0]?.behaviours.map(named), [
      ['db', 3, false],
      ['', 6, true],
    ])
    assert.deepEqual(
      split.whos[0]?.behaviours.map(({ days }) => days.length),
      [3, 5],
    )
    assert.deepEqual(splitByNames(facts, new Set(['db', 'mail', 'web'])).whos[0]?.behaviours.length, 3)
  })
})
