import { gives } from './evaluate.testing.ts'

gives('lists of Kubernetes', [
  ['[1, 3, 3].isSorted()', true],
  ['[true, false].isSorted()', false],
  ["['b', 'a'].isSorted()", false],
  ['[1, 2, 3].sum()', 6],
  ['[].sum()', 0],
  ["string([duration('1s'), duration('2s')].sum())", '3s'],
  ['[9223372036854775807, 1].sum()', 'error: integer overflow'],
  ['[1.5, 0.5].min()', 0.5],
  ["['a', 'c', 'b'].max()", 'c'],
  ['[].max()', 'error: max called on empty list'],
  ["[dyn(1), dyn('a')].max()", 1],
  ['[dyn(1), dyn(null)].max()', 'error: no such overload'],
  ["[double('NaN'), 1.0].max() == 1.0", false],
  ["['a', 'b', 'b'].indexOf('b')", 1],
  ["['a', 'b', 'b'].lastIndexOf('b')", 2],
  ["['a'].indexOf(dyn(1))", -1],
  ['[[1], [2]].indexOf([2])', 1],
  ["[ip('::1')].indexOf(dyn(1))", -1],
])

gives(
  'includes came with 1.37',
  [
    ['[1, 2].includes(2)', true],
    ["'a'.includes('a')", true],
    ["'a'.includes(1)", false],
  ],
  { minor: 37 },
)

gives('and is unknown to 1.36', [
  ['[1, 2].includes(2)', "issues: undeclared reference to 'includes' (in container '')"],
])

gives('lists of cel-go', [
  ['[1, 2, 3].slice(1, 3)', [2, 3]],
  ['[1, 2, 3].slice(1, 4)', 'error: cannot slice(1, 4), list is length 3'],
  ['[1, 2, 3].slice(2, 1)', 'error: cannot slice(2, 1), start index must be less than or equal to end index'],
  ['[1, 2, 3].slice(-1, 1)', 'error: cannot slice(-1, 1), negative indexes not supported'],
  ['[[1], [2, 3]].flatten()', [1, 2, 3]],
  ['dyn([[[1]], [[2]]]).flatten(1)', [[1], [2]]],
  ['dyn([[[1]], [[2]]]).flatten(9)', [1, 2]],
  ['dyn([[1]]).flatten(-1)', 'error: level must be non-negative'],
  ['[3, 1, 2].sort()', [1, 2, 3]],
  ["['b', 'a'].sort()", ['a', 'b']],
  ["[dyn(1), dyn('a')].sort()", 'error: list elements must have the same type'],
  ['[dyn([1])].sort()', 'error: list elements must be comparable'],
  ['lists.range(3)', [0, 1, 2]],
  ['lists.range(-1)', []],
  ['[1, 2, 3].reverse()', [3, 2, 1]],
  ['[[1], [2], [1]].distinct()', [[1], [2]]],
])

gives(
  'a range is bounded since 1.37',
  [
    ['lists.range(-1)', 'error: lists.range: size must be non-negative, got -1'],
    ['lists.range(1000001)', 'error: lists.range: size 1000001 exceeds maximum allowed (1000000)'],
  ],
  { minor: 37 },
)

gives('a range beyond the budget is stopped', [['lists.range(2000000).size()', 'cost']])
gives('a range beyond all bounds is not made', [
  ['lists.range(9223372036854775807).size()', 'unknown: the result: more work than an evaluation may take'],
])

gives('sets', [
  ['sets.contains([1, 2], [2, 1, 1])', true],
  ['sets.contains([1], [2])', false],
  ['sets.contains([], [])', true],
  ['sets.equivalent([1, 1, 2], [2, 1])', true],
  ['sets.intersects([1, 2], [2, 3])', true],
  ['sets.intersects([], [1])', false],
  ['sets.contains([dyn(1.0)], [dyn(1)])', true],
])

gives('maps made by macros with two variables', [
  ["{'a': 1}.transformMap(k, v, v + 1)['a']", 2],
  ["{'a': 1, 'b': 2}.transformMapEntry(k, v, {v: k})[2]", 'b'],
  ["{'a': 1, 'b': 1}.transformMapEntry(k, v, {v: k})", 'error: insert failed: key 1 already exists'],
  ['[1, 2].transformMap(i, v, i * v)[1]', 2],
])

gives('a key of a JSON pointer', [["jsonpatch.escapeKey('a/b~c~1')", 'a~1b~0c~01']])
