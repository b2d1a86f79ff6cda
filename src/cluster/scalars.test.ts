import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { yamlPlaces } from './places.ts'
import { Scalars } from './scalars.ts'
import { parseYaml } from './yaml.ts'

const LONG = 'a text that is longer than what is remembered, '.repeat(10)

describe('scalars that are remembered', () => {
  test('mean what they mean where nothing is remembered', () => {
    const scalars = new Scalars()
    const places = yamlPlaces(Number.POSITIVE_INFINITY, scalars)
    const text = `a: [1, 0x10, 1_000, yes, ~, .5, "1", 'yes', "~", b c, 2024-01-01, "${LONG}", ${LONG.trim().replaceAll(',', ';')}]
? "a text in quotes"
: a text without quotes
1: true
<<: {c: null}
"<<": "\\0<<"
`
    const expected = parseYaml(text).value
    assert.ok(expected !== undefined)
    // The second time all of it is known.
    for (let time = 0; time < 2; time++) {
      assert.deepEqual(parseYaml(text, places, scalars).value, expected)
      assert.ok(places.root() !== undefined)
    }
    scalars.clear()
    assert.deepEqual(parseYaml(text, undefined, scalars).value, expected)
  })

  test('what was refused or was null does not colour what is read next', () => {
    const scalars = new Scalars()
    assert.equal(parseYaml('.nan', undefined, scalars).value, undefined)
    assert.deepEqual(parseYaml('a: ~', undefined, scalars).value, { a: null })
    assert.deepEqual(parseYaml('a: ~').value, { a: null })
  })
})

describe('a key that is a mapping is refused', () => {
  const refused = [
    '{ {a: b}, c }',
    '[ {a} : b ]',
    '{a: 1}: b',
    '? {a: b}\n: c',
    '[{}]: a',
    '{{}}',
    '{[{}]}',
    'name: {{ .Values.name }}',
    '{a: {},\n {} # b\n\n : 1}',
  ]
  for (const text of refused)
    test(JSON.stringify(text), () => assert.equal(parseYaml(text).problem?.message !== undefined, true))

  test('and no other', () => {
    assert.deepEqual(parseYaml('a: {}\nb: []\nc: {d: {}}\ne: [{}, {f: g}]\n"{}": 1\n').value, {
      a: {},
      b: [],
      c: { d: {} },
      e: [{}, { f: 'g' }],
      '{}': 1,
    })
  })
})
