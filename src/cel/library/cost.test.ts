import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate } from './evaluate.testing.ts'

/** An expression, what it costs from 1.32 on, and what it cost in 1.31. */
const COSTS: readonly (readonly [text: string, charged: number, before: number | undefined])[] = [
  ["'0123456789a'.lowerAscii()", 2, 1],
  ["'0123456789a'.replace('a', 'b')", 3, 1],
  ["'0123456789'.indexOf('9')", 1, 1],
  ["'012345678'.indexOf('9')", 0, 1],
  ["['éééééééééé'].isSorted()", 2, 1],
  ["'0123456789'.charAt(1)", 1, 1],
  ["'0123456789a'.find('[0-9]{2}')", 4, 1],
  ["['aaaa', 'bbbb'].join(',')", 2, 1],
  ['sets.contains([1, 2, 3], [1, 2])', 7, 7],
  ['sets.equivalent([1, 2, 3], [1, 2])', 13, 13],
  ["quantity('0123456789a')", 2, 1],
  ["quantity('1').add(1)", 2, 2],
  ["cidr('10.0.0.0/8').containsIP('10.0.0.1')", 3, 2],
  ["cidr('::/128').containsCIDR('::/128')", 9, 2],
  ["format.uri().validate('x')", 277, 2],
  ['[1, 2, 3].sort()', 29, undefined],
  ["['a', 'b'].distinct()", 19, undefined],
  ['[1, 2, 3].slice(0, 2)', 13, undefined],
  ['lists.range(5)', 16, undefined],
  ['[[1], [2]].flatten()', 13, undefined],
]

test('calls are charged from 1.32', () => {
  for (const [text, charged, before] of COSTS) {
    assert.equal(evaluate(text).cost, charged, text)
    if (before !== undefined) assert.equal(evaluate(text, { minor: 31 }).cost, before, `1.31: ${text}`)
  }
})
