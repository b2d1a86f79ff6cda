import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Answer, decide } from './decide.ts'
import { contextOf, KEYS, naive, type Small, small, statementOf, worldOf } from './naive.testing.ts'

const RUNS = 4000
const caller = (each: Small) =>
  each.caller.includes(':user/')
    ? ({ kind: 'user', arn: each.caller } as const)
    : ({ kind: 'role', arn: each.caller } as const)
const ask = (each: Small, values: Small['values'] = each.values): Answer =>
  decide(
    { principal: caller(each), action: each.action, resource: each.resource, context: contextOf(values) },
    worldOf(each),
  ).answer
const rank = { no: 0, maybe: 1, yes: 2 } as const
/** Documents whose variables have no value in a negated place are not told by the user guide. */
const told = (each: Small): boolean =>
  each.values['app:level'] !== null || !JSON.stringify(each).includes('NotResource":"arn:aws:s3:::$')

describe('decisions, against an evaluator that reads like the user guide', () => {
  test('where all is known the two agree', () => {
    const seen = { yes: 0, no: 0, maybe: 0 }
    fc.assert(
      fc.property(small, (each) => {
        fc.pre(told(each))
        const expected = naive(each)
        const answer = ask(each)
        seen[answer] += 1
        assert.equal(answer, expected === undefined ? 'maybe' : expected ? 'yes' : 'no')
      }),
      { numRuns: RUNS },
    )
    assert.ok(seen.yes > RUNS / 40 && seen.no > RUNS / 4, JSON.stringify(seen))
  })

  test('what is not known is sure only where every value gives the same', () => {
    let doubts = 0
    fc.assert(
      fc.property(small, fc.subarray([...KEYS], { minLength: 1, maxLength: 2 }), (each, hidden) => {
        fc.pre(told(each) && told({ ...each, values: { ...each.values, 'app:level': null } }))
        const known = Object.fromEntries(Object.entries(each.values).filter(([key]) => !hidden.includes(key as never)))
        const answer = ask(each, known)
        if (answer === 'maybe') doubts += 1
        let completions: Small['values'][] = [known]
        for (const key of hidden)
          completions = completions.flatMap((values) =>
            [null, ['a'], ['b'], ['ab'], ['true']].map((value) => ({ ...values, [key]: value })),
          )
        for (const values of completions) {
          const actual = naive({ ...each, values })
          if (answer === 'yes') assert.equal(actual, true, JSON.stringify(values))
          if (answer === 'no') assert.equal(actual, false, JSON.stringify(values))
        }
      }),
      { numRuns: RUNS },
    )
    assert.ok(doubts > RUNS / 100, `${doubts}`)
  })
})

describe('laws of decisions', () => {
  const law = (
    name: string,
    change: (each: Small, statement: typeof statementOf extends fc.Arbitrary<infer T> ? T : never) => Small,
    way: 'up' | 'down',
  ): void => {
    test(name, () => {
      fc.assert(
        fc.property(small, statementOf, fc.subarray([...KEYS]), (each, statement, shown) => {
          const values = Object.fromEntries(Object.entries(each.values).filter(([key]) => shown.includes(key as never)))
          const before = rank[ask(each, values)]
          const after = rank[ask(change(each, statement), values)]
          assert.ok(way === 'up' ? after >= before : after <= before)
        }),
        { numRuns: RUNS / 4 },
      )
    })
  }
  law(
    'another denial never widens',
    (each, one) => ({ ...each, identity: [...each.identity, { ...one, Effect: 'Deny' }] }),
    'down',
  )
  law(
    'another allowance never narrows',
    (each, one) => ({ ...each, identity: [...each.identity, { ...one, Effect: 'Allow' }] }),
    'up',
  )
  law(
    'a boundary never widens',
    (each, one) => (each.boundary === undefined ? { ...each, boundary: [one] } : each),
    'down',
  )
  law(
    'another level of control policies never widens',
    (each, one) => ({ ...each, scps: [...each.scps, [[one]]] }),
    'down',
  )
  law(
    'an allowance in the policy of the resource never narrows',
    (each, one) => ({
      ...each,
      resourcePolicy: [...(each.resourcePolicy ?? []), { ...one, Effect: 'Allow', Principal: '*' }],
    }),
    'up',
  )
  law('the order of statements does not matter', (each) => ({ ...each, identity: [...each.identity].reverse() }), 'up')
})
