import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluate } from './evaluate.testing.ts'

const OVERLOAD = 'error: no such overload'
const unlisted = (type: string, method: string): string =>
  `error: internal error: interface conversion: ${type} is not traits.Lister: missing method ${method}`

/** What the checker cannot know, by the answers and costs of k8s.io/apiserver of each release. */
const TABLE: readonly (readonly [minor: number, text: string, told: unknown, cost: number])[] = [
  [36, 'dyn(1).sort()', `${OVERLOAD}: sort`, 1],
  [36, "dyn('a').sort()", OVERLOAD, 1],
  [36, 'dyn(1).sortBy(x, x)', "error: got 'types.Int', expected iterable type", 3],
  [36, 'dyn(1).flatten()', `${OVERLOAD}: int.flatten()`, 12],
  [37, "dyn('a').flatten(1)", `${OVERLOAD}: string.flatten(int)`, 12],
  [36, 'dyn(1).distinct()', unlisted('types.Int', 'Contains'), 0],
  [36, 'dyn({}).distinct()', unlisted('*types.baseMap', 'Add'), 0],
  [36, "dyn(quantity('1')).distinct()", unlisted('cel.Quantity', 'Add'), 2],
  [36, 'dyn(null).distinct() == [] || true', unlisted('types.Null', 'Add'), 0],
  [36, 'true || dyn(null).distinct() == []', true, 0],
  [
    36,
    "[1].flatten(dyn('a'))",
    'error: internal error: interface conversion: ref.Val is types.String, not types.Int',
    0,
  ],
  [36, "'a'.findAll('a', dyn('x'))", OVERLOAD, 1],
  [36, "object[?quantity('1')]", 'error: invalid qualifier type: cel.Quantity', 2],
  [36, "matches('abcabcabcabcabcabc', 'bcabcabc')", true, 1],
  [37, "matches('abcabcabcabcabcabc', 'bcabcabc')", true, 4],
  [37, "matches('abcabcabcabcabcabc', 'bc' + 'abcabc')", true, 5],
  [36, 'dyn(1).or(optional.of(2))', 1, 0],
  [37, 'dyn(1).or(optional.of(2))', OVERLOAD, 0],
  [36, 'dyn(1).orValue(2)', 1, 0],
  [37, 'dyn(1).orValue(2)', OVERLOAD, 0],
  [28, '!dyn([1])', `${OVERLOAD}: !_`, 1],
  [28, '!dyn(1)', OVERLOAD, 1],
  [29, '!dyn([1])', OVERLOAD, 1],
  [28, 'optional_type', "issues: undeclared reference to 'optional_type' (in container '')", 0],
  [30, 'optional_type', "issues: undeclared reference to 'optional_type' (in container '')", 0],
  [36, 'optional_type + 1', "issues: found no matching overload for '_+_' applied to '(type(optional_type), int)'", 0],
  [31, 'optional.of(1).optFlatMap(x, optional.of(x))', { some: 1 }, 6],
  [32, 'optional.none().optMap(x, x + 1)', 'none', 3],
  [32, '[1].all(i, v, v == 1)', true, 6],
  [32, 'dyn([1]).all(i, v, v == 1)', "issues: found no matching overload for '_==_' applied to '(, int)'", 0],
  [32, "object.items.all(i, c, c.name == 'a')", "issues: type '' does not support field selection", 0],
  [32, 'dyn([1]).transformList(i, v, v)', 'issues: unexpected compilation error: missing type conversion to proto:', 0],
  [32, 'object.nope.all(i, c, true)', 'error: unsupported comprehension range type: *types.Err', 2],
  [33, 'object.nope.all(i, c, true)', 'error: no such key: nope', 2],
  [36, "url('😀b')", 'error: URL parse error during conversion from string: parse "😀b": invalid URI for request', 1],
  [
    36,
    "url('http://h/a%zé')",
    'error: URL parse error during conversion from string: parse "http://h/a%zé": invalid URL escape "%z\\xc3"',
    2,
  ],
]

for (const [minor, text, told, cost] of TABLE)
  test(`1.${minor}: ${text}`, () => {
    assert.deepEqual(evaluate(text, { minor, object: {} }), { told, cost })
  })
