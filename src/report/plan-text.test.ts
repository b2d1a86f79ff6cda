import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReportProof, ReportRejected, ReportStep } from './plan.ts'
import { planSentence } from './plan-text.ts'
import { verdictText } from './proof-text.ts'
import type { Report } from './report.ts'

const proof = (verdict: ReportProof['verdict'], reason?: string, days = 0): ReportProof => ({
  verdict,
  reasons: reason === undefined ? [] : [reason],
  window: { from: '', to: '', days, sources: days === 0 ? [] : ['audit log (a)'] },
  control: { explained: 0, unexplained: 0 },
  replayed: 0,
  counterexamples: [],
  blindSpots: [],
  unseenMass: null,
  recent: [],
})
const step = (share: number, of: ReportProof): ReportStep => ({
  rank: 1,
  id: 'a',
  title: 'A',
  kinds: [],
  objects: [],
  deletes: [],
  patches: [],
  cuts: [],
  adds: [],
  risk: { before: 1, after: 1 - share, share },
  relief: [],
  proof: of,
  notes: [],
})
const rejected = (count: number): ReportRejected[] =>
  Array.from({ length: count }, () => ({ id: 'b', title: 'B', why: 'breaks', reason: 'r', gain: 0.1 }))
const told = (plan: readonly ReportStep[], more: readonly ReportRejected[] = [], further = 0): string =>
  planSentence({ plan, rejected: more, residual: { risk: 0.1, share: 0.1, further, why: [] } } as unknown as Report) ??
  ''

const ADMISSION = 'as to admission only: the pods of the input are admitted; what their processes do is not recorded'
const NONE = proof('unknown', 'no recorded history was given')

describe('the sentence of the plan', () => {
  test('without a history', () => {
    assert.equal(
      told([step(0.5, NONE)]),
      'One change removes 50 % of the risk. It is unproven: no history was given (--history).',
    )
    assert.equal(
      told([step(0.5, proof('holds', ADMISSION)), step(0.4, NONE)]),
      'Two changes remove 90 % of the risk. One of them breaks nothing, as to admission only; one is unproven: no history was given (--history).',
    )
    assert.equal(
      told([step(0.5, proof('holds', ADMISSION))]),
      'One change removes 50 % of the risk. It breaks nothing, as to admission only.',
    )
  })
  test('with one', () => {
    assert.equal(
      told([step(0.5, proof('holds', ADMISSION, 14)), step(0.2, proof('holds', undefined, 14))]),
      'Two changes remove 70 % of the risk. Replayed over 14 days of recorded history, two of them break nothing (one as to admission only).',
    )
    assert.equal(
      told([step(0.5, proof('unknown', 'a was not due.', 1))], rejected(14)),
      'One change removes 50 % of the risk. Replayed over one day of recorded history, it is unproven, because a was not due. 14 more would help and would break what was recorded.',
    )
    assert.match(told([step(0.5, NONE)], rejected(1)), /One more would help and would break what was recorded\.$/)
  })
  test('of no plan', () => {
    assert.equal(told([]), 'No change that is known here lowers the risk.')
    assert.equal(told([], [], 3), 'No change is planned; three known ones may lower the risk.')
    assert.equal(planSentence({} as Report), undefined)
  })
})

test('a verdict in a table', () => {
  assert.equal(verdictText(proof('holds', ADMISSION)), 'holds, as to admission only')
  assert.equal(verdictText(proof('holds', ADMISSION, 14)), 'holds over 14 days, as to admission only')
  assert.equal(verdictText(proof('holds', undefined, 1)), 'holds over one day')
  assert.equal(verdictText(NONE), 'unproven: no recorded history was given')
})
