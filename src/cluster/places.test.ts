import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json, Path } from './json.ts'
import { yamlPlaces } from './places.ts'
import { offsetPositions, yamlPositions } from './positions.ts'
import { parseYaml } from './yaml.ts'

const TEXTS = {
  block: '# a\n---\na: 1\nb:\n- c: x\n  d: [1, {e: 2}]\n- - f\n  - g\n',
  'byte order mark': '\ufeffa: {b: 1}\n',
  'anchors and merges': 'base: &base {a: 1, b: &list [x, y]}\nc:\n  <<: *base\n  d: *list\n  e: &f\n    g: 1\n',
  'odd keys': '? a\n: 1\n\'b c\': 2\n"d\\n": 3\n1: 4\ntrue: 5\n__proto__: {x: 6}\nconstructor: 7\n',
  'empty values': 'a:\nb: ~\nc: []\nd: {}\ne: ""\nf:\n-\n- g:\n',
  'block scalars and tags': 'a: |\n  x: 1\n  y\nb: !!str 3\nc: !any\n- !!map {d: 1}\n',
  'flow in block lists': 'a:\n- {b: 1, c: {d: 2}}\n- [e, [f]]\n- [[g]]\n',
  'keys that stand twice': 'a: {x: 1}\nb: 2\na: {x: 3, x: 4}\n',
}

function paths(value: Json, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => paths(item, [...path, index]))
    : Object.entries(value).flatMap(([key, item]) => paths(item as Json, [...path, key]))
  return [path, ...inner]
}

describe('places noted while a document is read', () => {
  const places = yamlPlaces()
  for (const [name, text] of Object.entries(TEXTS))
    test(`are those that reading it again finds: ${name}`, () => {
      const { value, problem } = parseYaml(text, places)
      assert.equal(problem, undefined)
      const root = places.root()
      assert.ok(root !== undefined)
      const again = yamlPositions(text)
      const position = offsetPositions(text)
      const all = [...paths(value as Json), ['a', 'nothing'], ['nothing']]
      assert.ok(all.length > 3)
      for (const path of all) assert.deepEqual(position(places.offset(root, path)), again(path), path.join('.'))
    })

  test('are lines and columns as they are counted in the text, with and without a byte order mark', () => {
    for (const text of [...Object.values(TEXTS), 'a: 1', 'a:\n\n  b: ü\r\n  c: 2\n', '\ufeffa: 1\nb: 2\n']) {
      const position = offsetPositions(text)
      const bare = text.replace('\ufeff', '')
      const solid = [...bare.matchAll(/[a-z]/g)].map(({ index }) => index)
      // In no order: what is asked first does not decide what is found next.
      for (const offset of [...solid.toReversed(), ...solid, ...solid.toReversed()]) {
        const before = bare.slice(0, offset).split('\n')
        const expected = { line: before.length - 1, column: (before.at(-1) as string).length }
        // What stands in a comment is not what a node begins with.
        if (!before.at(-1)?.includes('#')) assert.deepEqual(position(offset), expected, `${offset} of ${text}`)
      }
    }
  })
  test('of keys, items, and items of lists in lists', () => {
    const text = TEXTS['flow in block lists']
    const find = yamlPositions(text)
    assert.deepEqual(find(['a', 0, 'c', 'd']), { line: 1, column: 13 })
    assert.deepEqual(find(['a', 1, 1, 0]), { line: 2, column: 7 })
    assert.deepEqual(find(['a', 2, 0, 0]), { line: 3, column: 4 })
  })
  test('of the last of two keys', () => {
    assert.deepEqual(yamlPositions(TEXTS['keys that stand twice'])(['a', 'x']), { line: 2, column: 10 })
  })
  test('are none of a document that is none', () => {
    for (const text of ['a: [', 'a: *b', 'a: 1\n b: 2', '']) {
      const { problem } = parseYaml(text, places)
      assert.equal(places.root() === undefined, problem !== undefined || text === '', text)
    }
  })
  test('are no more than was allowed, and those before stay', () => {
    const few = yamlPlaces(20)
    parseYaml('a: {b: 1}', few)
    const root = few.root()
    assert.ok(root !== undefined)
    parseYaml('a: [1, 2, 3]', few)
    assert.equal(few.root(), undefined)
    parseYaml('a: 1', few)
    assert.equal(few.root(), undefined)
    assert.equal(few.offset(root, ['a', 'b']), 4)
  })
})
