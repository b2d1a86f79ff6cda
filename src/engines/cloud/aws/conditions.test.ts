import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer } from './answer.ts'
import { conditionHolds } from './conditions.ts'
import { lookupIn } from './context.ts'

type Row = readonly [
  operator: string,
  operand: string | readonly string[],
  value: readonly string[] | null | undefined,
  expected: Answer,
]

/** A row for what the IAM user guide says of each operator ("IAM JSON policy elements: Condition operators"). */
const ROWS: readonly Row[] = [
  ['StringEquals', 'a', ['a'], 'yes'],
  ['StringEquals', 'a', ['A'], 'no'],
  ['StringEquals', 'a*', ['ab'], 'no'],
  ['StringEquals', ['a', 'b'], ['b'], 'yes'],
  ['StringEquals', 'a', null, 'no'],
  ['StringEquals', 'a', undefined, 'maybe'],
  ['StringEqualsIgnoreCase', 'a', ['A'], 'yes'],
  ['StringNotEqualsIgnoreCase', 'a', ['A'], 'no'],
  ['StringNotEquals', ['a', 'b'], ['b'], 'no'],
  ['StringNotEquals', ['a', 'b'], ['c'], 'yes'],
  ['StringNotEquals', 'a', null, 'yes'],
  ['StringNotEquals', 'a', undefined, 'maybe'],
  ['StringLike', 'a*c', ['abbc'], 'yes'],
  ['StringLike', 'a?c', ['abbc'], 'no'],
  ['StringNotLike', 'a*', ['b'], 'yes'],
  ['StringEqualsIfExists', 'a', null, 'yes'],
  ['StringEqualsIfExists', 'a', ['b'], 'no'],
  ['StringEqualsIfExists', 'a', undefined, 'maybe'],
  ['NumericEquals', '10', ['10.0'], 'yes'],
  ['NumericLessThan', '10', ['9'], 'yes'],
  ['NumericLessThan', '10', ['10'], 'no'],
  ['NumericLessThanEquals', '10', ['10'], 'yes'],
  ['NumericGreaterThan', '10', ['9'], 'no'],
  ['NumericGreaterThanEquals', '10', ['10'], 'yes'],
  ['NumericNotEquals', '10', ['11'], 'yes'],
  ['NumericEquals', 'ten', ['10'], 'maybe'],
  ['DateLessThan', '2026-01-01T00:00:00Z', ['2025-12-31T23:59:59Z'], 'yes'],
  ['DateGreaterThan', '2026-01-01', ['2026-01-01T00:00:01'], 'yes'],
  ['DateEquals', '1767225600', ['2026-01-01T00:00:00Z'], 'yes'],
  ['DateLessThan', 'tomorrow', ['2026-01-01T00:00:00Z'], 'maybe'],
  ['Bool', 'true', ['TRUE'], 'yes'],
  ['Bool', 'false', ['true'], 'no'],
  ['Bool', 'true', null, 'no'],
  ['BoolIfExists', 'true', null, 'yes'],
  ['BinaryEquals', 'QmluYXJ5', ['QmluYXJ5'], 'yes'],
  ['IpAddress', '203.0.113.0/24', ['203.0.113.9'], 'yes'],
  ['IpAddress', '203.0.113.0/24', ['203.0.114.9'], 'no'],
  ['IpAddress', '2001:db8::/32', ['2001:db8:1::1'], 'yes'],
  ['IpAddress', '2001:db8::/32', ['203.0.113.9'], 'no'],
  ['IpAddress', '::ffff:203.0.113.0/120', ['::ffff:cb00:7109'], 'yes'],
  ['IpAddress', '203.0.113.0/33', ['203.0.113.9'], 'maybe'],
  ['NotIpAddress', '203.0.113.0/24', ['198.51.100.1'], 'yes'],
  ['ArnEquals', 'arn:aws:sns:*:111111111111:t*', ['arn:aws:sns:eu-west-1:111111111111:topic'], 'yes'],
  ['ArnLike', 'arn:aws:sns:*:t', ['arn:aws:sns:eu-west-1:111111111111:t'], 'no'],
  ['ArnLike', 'arn:aws:s3:::a/*', ['arn:aws:s3:::a/b:c/d'], 'yes'],
  ['ArnNotLike', 'arn:aws:iam::111111111111:role/*', ['arn:aws:iam::222222222222:role/x'], 'yes'],
  ['Null', 'true', null, 'yes'],
  ['Null', 'true', ['x'], 'no'],
  ['Null', 'false', ['x'], 'yes'],
  ['Null', 'true', undefined, 'maybe'],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['b', 'c'], 'yes'],
  ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'd'], 'no'],
  ['ForAnyValue:StringEquals', 'a', null, 'no'],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], 'yes'],
  ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], 'no'],
  ['ForAllValues:StringEquals', 'a', null, 'yes'],
  ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], 'yes'],
  ['ForAllValues:StringNotEquals', ['a', 'b'], ['a', 'd'], 'no'],
  ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'd'], 'yes'],
  ['ForAnyValue:StringNotLike', 'a*', null, 'no'],
  ['forallvalues:stringlike', 'a*', ['ab'], 'yes'],
  ['StringSounds', 'a', ['a'], 'maybe'],
  ['toString', 'a', ['a'], 'maybe'],
]

describe('condition operators', () => {
  for (const [operator, operand, value, expected] of ROWS)
    test(`${operator} ${operand} of ${value === null ? 'nothing' : (value ?? 'what is not known')}: ${expected}`, () => {
      const values = typeof operand === 'string' ? [operand] : operand
      const lookup = lookupIn(new Map(value === undefined ? [] : [['Key', value]]))
      assert.equal(conditionHolds({ operator, key: 'kEY', values }, true, lookup).answer, expected)
    })
})

describe('variables in conditions', () => {
  const condition = (operator: string) => ({ operator, key: 'a', values: [`\${aws:PrincipalTag/team}`] })
  const known = (value: readonly string[] | null | undefined) =>
    lookupIn(
      new Map<string, readonly string[] | null>([
        ['a', ['x']],
        ...(value === undefined ? [] : ([['aws:PrincipalTag/team', value]] as const)),
      ]),
    )
  test('are compared by value; what is not known is maybe, and named', () => {
    assert.equal(conditionHolds(condition('StringEquals'), true, known(['x'])).answer, 'yes')
    assert.equal(conditionHolds(condition('StringEquals'), true, known(['y'])).answer, 'no')
    assert.equal(conditionHolds(condition('StringEquals'), true, known(null)).answer, 'no')
    assert.deepEqual(conditionHolds(condition('StringEquals'), true, known(undefined)), {
      answer: 'maybe',
      unknown: ['aws:PrincipalTag/team'],
    })
    assert.equal(conditionHolds(condition('StringNotEquals'), true, known(null)).answer, 'maybe')
    assert.equal(conditionHolds(condition('StringEquals'), false, known(['x'])).answer, 'no')
  })
})
