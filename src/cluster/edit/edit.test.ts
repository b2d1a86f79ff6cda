import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { applyEdits, Impossible } from './apply.ts'
import type { Edit } from './change.ts'
import { append, edited, remove, set } from './laws.testing.ts'

/** The text after edits, or why there are none. */
function change(text: string, ...edits: readonly Edit[]): string {
  const bytes = Buffer.from(text)
  const made = edited(bytes, { source: 0, start: 0, end: bytes.length, inner: [] }, edits)
  return 'why' in made ? `refused: ${made.why}` : made.toString('utf8')
}

const CASES: readonly (readonly [string, string, readonly Edit[], string])[] = [
  ['a new key goes after the last one', 'a: 1\n\n# end\n', [set(['b'], 2)], 'a: 1\nb: 2\n\n# end\n'],
  [
    'comments of inner values stay with them',
    'a:\n  b: 1\n  # c: 2\n',
    [set(['d'], 2)],
    'a:\n  b: 1\n  # c: 2\nd: 2\n',
  ],
  ['mappings are made on the way', 'a: 1\n', [set(['b', 'c', 'd'], true)], 'a: 1\nb:\n  c:\n    d: true\n'],
  ['as deep as the neighbours', 'a:\n    b: 1\n', [set(['c', 'd'], 1)], 'a:\n    b: 1\nc:\n    d: 1\n'],
  ['lists as the neighbours', 'a:\n  - 1\n', [set(['b'], [2])], 'a:\n  - 1\nb:\n  - 2\n'],
  ['lists not indented', 'a:\n- 1\nb: 1\n', [set(['b'], [{ c: 1, d: [2] }])], 'a:\n- 1\nb:\n- c: 1\n  d:\n  - 2\n'],
  [
    'gaps after dashes',
    'a:\n  -   b: 1\n',
    [append(['a'], { b: 2, c: 3 })],
    'a:\n  -   b: 1\n  -   b: 2\n      c: 3\n',
  ],
  ['quotes stay', 'a: \'x\'\nb: "y"\n', [set(['a'], "it's"), set(['b'], 'z')], "a: 'it''s'\nb: \"z\"\n"],
  [
    'text that would be something else is quoted',
    'a: []\n',
    [set(['a'], ['yes', 'on', '0400', '1e3', '2001-01-01', '=', '~', 'a: b', '', '12:30', 'x:y', '100m'])],
    'a:\n- "yes"\n- "on"\n- "0400"\n- "1e3"\n- "2001-01-01"\n- "="\n- "~"\n- "a: b"\n- ""\n- "12:30"\n- x:y\n- 100m\n',
  ],
  ['keys as well', 'a: 1\n', [set(['on'], 1), set(['0'], 2)], 'a: 1\n"on": 1\n"0": 2\n'],
  ['lines as a block', 'a: 1\n', [set(['a'], 'x\ny\n')], 'a: |\n  x\n  y\n'],
  ['a block stays a block', 'a: | # c\n    x\n    y\nb: 1\n', [set(['a'], 'z\n')], 'a: | # c\n    z\nb: 1\n'],
  ['a block can become a line', 'a: |- # c\n  x\n\nb: 1\n', [set(['a'], 1)], 'a: 1 # c\n\nb: 1\n'],
  ['an empty value', 'a:   # c\nb: 1\n', [set(['a', 'x'], 1)], 'a:   # c\n  x: 1\nb: 1\n'],
  ['null', 'a: ~ # c\n', [set(['a', 'x'], 1)], 'a: # c\n  x: 1\n'],
  ['an empty mapping', 'a: {} # c\n', [set(['a', 'x'], [1])], 'a: # c\n  x:\n  - 1\n'],
  ['an empty list', 'a: []\n', [append(['a'], { b: 1, c: 2 })], 'a:\n- b: 1\n  c: 2\n'],
  ['a list is made', 'a: 1\n', [append(['b', 'c'], 'x')], 'a: 1\nb:\n  c:\n  - x\n'],
  ['the last key of a mapping', 'a: # c\n  b: 1 # d\nc: 2\n', [remove(['a', 'b'])], 'a: {} # c\nc: 2\n'],
  ['the last item of a list', 'a:\n# c\n- 1\nb: 2\n', [remove(['a', 0])], 'a: []\n# c\nb: 2\n'],
  ['the last key of all', '# c\na: 1\n', [remove(['a'])], '# c\n{}\n'],
  [
    'a key with all it holds',
    'a: 1\nb: # x\n  c:\n  - 1\n  # deep\n# next\nd: 2\n',
    [remove(['b'])],
    'a: 1\n# next\nd: 2\n',
  ],
  ['the key on a dash', '- a: 1 # x\n  b: 2\n', [remove([0, 'a'])], '- b: 2\n'],
  ['with a comment before the next', '- a: 1 # x\n  # y\n  b: 2\n', [remove([0, 'a'])], '- # y\n  b: 2\n'],
  ['a list in a list', 'a:\n- - 1\n  - 2\n- - 3\n', [remove(['a', 0, 0]), remove(['a', 1, 0])], 'a:\n- - 2\n- []\n'],
  ['at the end without newline', 'a: 1\nb: 2', [remove(['b']), set(['c'], 3)], 'a: 1\nc: 3'],
  ['no comment becomes text', 'a: |\n  x\nb: 1\n  # deep\nc: 1\n', [remove(['b'])], 'a: |\n  x\nc: 1\n'],
  ['no white space becomes text', 'a: 1\n   ', [set(['b'], 'x\ny\n')], 'a: 1\nb: "x\\ny\\n"\n   '],
  ['kept blank lines are a value', 'a: |+\n  x\n\nb: 1\n', [remove(['b']), set(['c'], 2)], 'a: |+\n  x\n\nc: 2\n'],
  ['nor do they come to another', 'a: |+\n  x\nb: 1\n\nc: 1\n', [remove(['b'])], 'a: |+\n  x\nc: 1\n'],
  ['the last of duplicate keys counts', 'a: 1\na: 2\n', [set(['a'], 3)], 'a: 1\na: 3\n'],
  ['all duplicate keys go', 'a: 1\nb: 1\na: 2\n', [remove(['a'])], 'b: 1\n'],
  ['carriage returns', 'a:\r\n  b: 1\r\n', [set(['a', 'c'], { d: 1 })], 'a:\r\n  b: 1\r\n  c:\r\n    d: 1\r\n'],
  ['a byte order mark', '\ufeffa: 1\n', [set(['b'], 2)], '\ufeffa: 1\nb: 2\n'],
  [
    'a directive and three dots',
    '%YAML 1.1\n---\na: 1\n...\nrest: [\n',
    [set(['b'], 2)],
    '%YAML 1.1\n---\na: 1\nb: 2\n...\nrest: [\n',
  ],
  ['a document on its separator', '--- {a: 1}\n', [set(['b'], 2)], '--- {a: 1, b: 2}\n'],
  ['an indented document', '  a: 1\n', [set(['b'], 2)], '  a: 1\n  b: 2\n'],
  ['tabs in comments', 'a:\t1\t#\tx\nb: 1\n', [set(['a'], 2)], 'a:\t2\t#\tx\nb: 1\n'],
  ['an explicit key', '? a\n: b: 1\n', [set(['a', 'c'], 2)], '? a\n: b: 1\n  c: 2\n'],
  ['a value on the next line', 'a:\n  # c\n  x\n', [set(['a'], 'z')], 'a:\n  # c\n  z\n'],
  ['a scalar that becomes a mapping', 'a: x # c\n', [set(['a'], { b: 1 })], 'a: # c\n  b: 1\n'],
  ['a mapping that becomes a list', 'a: # c\n  b: 1\nd: 1\n', [set(['a'], [1])], 'a: # c\n- 1\nd: 1\n'],
  ['a tag goes with its value', 'a: !!str 5\nb: &x !!str 6\n', [set(['a'], 7), set(['b'], 8)], 'a: 7\nb: &x 8\n'],
  [
    'only what differs is written',
    'a: {b: "1", c: 2} # x\n',
    [set(['a'], { b: '1', c: 3 })],
    'a: {b: "1", c: 3} # x\n',
  ],
  [
    'items are kept by what they are',
    'a:\n- x # 1\n- y # 2\n- z # 3\n',
    [set(['a'], ['x', 'z'])],
    'a:\n- x # 1\n- z # 3\n',
  ],
  ['of a longer list too', 'a:\n- x # 1\n', [set(['a'], ['x', 'z'])], 'a:\n- x # 1\n- z\n'],
  ['a list that is cut and changed', 'a:\n- x\n- y # 2\n- z\n', [set(['a'], ['y', 'x'])], 'a:\n- "y"\n- x # 2\n'],
]

const FLOW: readonly (readonly [string, string, readonly Edit[], string])[] = [
  ['a key', 'a: { b: 1 }\n', [set(['a', 'c'], ['x,y'])], 'a: { b: 1, c: ["x,y"] }\n'],
  ['after a trailing comma', 'a: { b: 1, }\n', [set(['a', 'c'], 2)], 'a: { b: 1, c: 2, }\n'],
  [
    'on lines',
    'a: {\n  b: 1, # x\n  c: 2 # y\n}\n',
    [set(['a', 'd'], 3)],
    'a: {\n  b: 1, # x\n  c: 2, # y\n  d: 3\n}\n',
  ],
  ['on lines with commas', 'a: [\n  1,\n  2,\n]\n', [append(['a'], 3)], 'a: [\n  1,\n  2,\n  3,\n]\n'],
  ['before a bracket', 'a: [\n  1,\n  2]\n', [append(['a'], 3)], 'a: [\n  1,\n  2,\n  3]\n'],
  ['the first', 'a: [1, 2]\n', [remove(['a', 0])], 'a: [2]\n'],
  ['the last', 'a: [1, 2]\n', [remove(['a', 1])], 'a: [1]\n'],
  ['the only one', 'a: [ 1 ]\n', [remove(['a', 0])], 'a: []\n'],
  ['the only one, with a comment', 'a: [\n  # c\n  1\n]\n', [remove(['a', 0])], 'a: [\n  # c\n]\n'],
  ['the last, on lines', 'a: [\n  1, # x\n  2 # y\n]\n', [remove(['a', 1])], 'a: [\n  1 # x\n]\n'],
  ['a value that is missing', 'a: {b, c: }\n', [set(['a', 'b'], 1), set(['a', 'c'], 2)], 'a: {b: 1, c: 2 }\n'],
  ['quoted like JSON', 'a: {"b": "x"}\n', [set(['a', 'c'], 'y')], 'a: {"b": "x", "c": "y"}\n'],
  [
    'minified JSON',
    '{"a":{"b":[1]}}',
    [set(['a', 'c'], { d: 'x' }), append(['a', 'b'], 2)],
    '{"a":{"b":[1,2],"c":{"d":"x"}}}',
  ],
  [
    'JSON on lines',
    '{\n\t"a": {},\n\t"b": [1, 2]\n}\n',
    [set(['a', 'c'], { d: [1] }), append(['b'], 3)],
    '{\n\t"a": {\n\t\t"c": {\n\t\t\t"d": [\n\t\t\t\t1\n\t\t\t]\n\t\t}\n\t},\n\t"b": [1, 2, 3]\n}\n',
  ],
  ['the last of JSON', '{\n  "a": 1,\n  "b": 2\n}', [remove(['b'])], '{\n  "a": 1\n}'],
]

describe('what stands in block style', () => {
  for (const [name, before, edits, after] of CASES) test(name, () => assert.equal(change(before, ...edits), after))
})

describe('what stands in flow style', () => {
  for (const [name, before, edits, after] of FLOW) test(name, () => assert.equal(change(before, ...edits), after))
})

describe('anchors', () => {
  const TIED = 'refused: anchors, aliases or merge keys tie the place to others, which would change as well'
  test('what others refer to is not changed under them', () => {
    assert.equal(change('a: &x {b: 1}\nc: *x\n', set(['a', 'b'], 2)), TIED)
    assert.equal(change('a: &x {b: 1}\nc: *x\n', remove(['a'])), TIED)
    assert.equal(change('a: &x {b: 1}\nc: {<<: *x}\n', remove(['a', 'b'])), TIED)
  })
  test('an anchor that nobody refers to stays', () => {
    assert.equal(change('a: &x {}\n', set(['a', 'b'], 2)), 'a: &x\n  b: 2\n')
    assert.equal(change('- &x b\n', set([0], { c: 1 })), '- &x\n  c: 1\n')
  })
  test('an alias is written out where its place alone is to change', () => {
    assert.equal(change('a: &x {b: 1}\nc: *x # d\n', set(['c', 'e'], 2)), 'a: &x {b: 1}\nc: # d\n  b: 1\n  e: 2\n')
    assert.equal(change('a: &x {b: 1}\nc: *x\n', remove(['c'])), 'a: &x {b: 1}\n')
  })
  test('what a merge brings gets a key of its own, and cannot be removed', () => {
    const text = 'a: &x\n  b: {c: 1}\nd:\n  <<: *x\n  f: 1\n'
    assert.equal(change(text, set(['d', 'b', 'e'], 2)), `${text}  b:\n    c: 1\n    e: 2\n`)
    assert.match(change(text, remove(['d', 'b'])), /^refused: d\.b comes from an anchor that is merged in/)
    assert.equal(change('a: &x {b: 1}\nd: {b: 2, <<: *x}\n', set(['d', 'b'], 3)), TIED)
  })
})

describe('what is no change', () => {
  const text = 'a: {x: 1, z: 2}\nb: [1]\nc: "yes"\n'
  test('a value that is there, in any order', () => {
    assert.equal(change(text, set(['a'], { z: 2, x: 1 }), set(['c'], 'yes'), set(['b'], [1])), text)
  })
  test('the removal of what is not there', () => {
    assert.equal(change(text, remove(['z']), remove(['a', 'z', 'z']), remove(['b', 3]), remove(['c', 'x'])), text)
  })
})

describe('the model', () => {
  test('shares what it does not change, and reads own keys only', () => {
    const before = { a: { b: 1 }, c: { d: [1, 2] } }
    const after = applyEdits(before, [set(['c', 'e'], 1)]) as typeof before
    assert.equal(after.a, before.a)
    assert.equal(after.c.d, before.c.d)
    assert.equal(applyEdits(before, [set(['a'], { b: 1 })]), before)
    const odd = applyEdits({}, [set(['__proto__', 'x'], 1), append(['constructor'], 1)])
    assert.deepEqual(Object.entries(odd as object), [
      ['__proto__', { x: 1 }],
      ['constructor', [1]],
    ])
    assert.equal(Object.hasOwn(applyEdits(odd, [remove(['__proto__'])]) as object, '__proto__'), false)
  })
  test('refuses what a value cannot hold', () => {
    for (const edit of [set(['a', 'b'], 1), set(['a', 0], 1), append(['a'], 1), set(['l', 2], 1), set(['l', 'x'], 1)])
      assert.throws(() => applyEdits({ a: 'x', l: [1] }, [edit]), Impossible)
    assert.match(change('a: x\n', set(['a', 'b'], 1)), /refused: a is no mapping/)
  })
})

test('a byte order mark before the first separator stays', () =>
  assert.equal(change('\ufeff---\na: 1\n', set(['a'], 2)), '\ufeff---\na: 2\n'))

test('several edits are all made, or none', () => {
  assert.match(change('a: 1\nb: x\n', set(['a'], 2), append(['b'], 1)), /^refused: b is no list/)
  assert.match(change('a: [\n', set(['a'], 2)), /^refused: /)
})
