import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { scanJson } from '../../observe/files/json-stream.ts'
import { splitYaml } from '../../observe/files/yaml-stream.ts'
import type { Path } from '../json.ts'
import type { Origin } from '../origin.ts'
import { type EditableFile, editableFile } from './file.ts'
import { remove, set } from './laws.testing.ts'

/** The places of what a text holds, as the reader of files finds them. */
function open(text: string): { file: EditableFile; origins: readonly Origin[]; show: () => string } {
  const bytes = Buffer.from(text)
  const extents = /^\s*[[{]/.test(text)
    ? [...scanJson(bytes)].flatMap((each) =>
        each.kind === 'value' ? [each.extent] : each.kind === 'problem' ? [] : each.items,
      )
    : [...splitYaml(bytes)].flatMap((chunk) => (chunk.kind === 'list' ? chunk.items : [chunk.extent]))
  const inner = (start: number): Path => (text.startsWith('- ', start) ? [0] : [])
  const file = editableFile('a.yaml', bytes)
  return {
    file,
    origins: extents.map(({ start, end }) => ({ source: 0, start, end, inner: inner(start) })),
    show: () => file.bytes.toString('utf8'),
  }
}

const within = (origin: Origin | undefined, ...inner: Path): Origin => ({ ...(origin as Origin), inner })

describe('documents', () => {
  const STREAM = '# head\n\na: 1\n---\n# of b\nb: 2\n--- # of c\nc: 3\n'
  test('are edited by where they were', () => {
    const { file, origins, show } = open(STREAM)
    for (const [index, origin] of origins.entries()) assert.equal(file.edit(origin, [set(['new'], index)]), undefined)
    assert.equal(file.edit(origins[0] as Origin, [remove(['new'])]), undefined)
    assert.equal(show(), '# head\n\na: 1\n---\n# of b\nb: 2\nnew: 1\n--- # of c\nc: 3\nnew: 2\n')
  })
  test('go with their separators', () => {
    const without = (...gone: readonly number[]): string => {
      const { file, origins, show } = open(STREAM)
      for (const index of gone) assert.equal(file.remove(origins[index] as Origin), undefined)
      return show()
    }
    assert.equal(without(0), '# head\n\n# of b\nb: 2\n--- # of c\nc: 3\n')
    assert.equal(without(1), '# head\n\na: 1\n--- # of c\nc: 3\n')
    assert.equal(without(2), '# head\n\na: 1\n---\n# of b\nb: 2\n')
    assert.equal(without(2, 1), '# head\n\na: 1\n')
    assert.equal(without(0, 1, 2), '# head\n\n')
  })
  test('without a head leave nothing', () => {
    for (const text of ['a: 1\n', '---\na: 1\n', '\ufeff---\na: 1', '---\r\na: 1\r\n']) {
      const { file, origins, show } = open(text)
      assert.equal(file.remove(origins.at(-1) as Origin), undefined)
      assert.match(show(), /^\ufeff?$/)
    }
  })
  test('that are gone are not edited, and may be removed again', () => {
    const { file, origins } = open(STREAM)
    file.remove(origins[1] as Origin)
    assert.equal(file.remove(origins[1] as Origin), undefined)
    assert.deepEqual(file.edit(origins[1] as Origin, []), { why: 'the object was removed' })
  })
  test('of other places are refused with their line', () => {
    const { file, origins } = open('a: 1\n---\nb: x\nc:\n  d: 1\n')
    assert.equal(file.edit(origins[1] as Origin, [set(['b', 'c'], 1)])?.line, 3)
    assert.deepEqual(file.edit({ source: 0, start: 0, end: 99, inner: [] }, []), { why: 'the place is not UTF-8 text' })
  })
})

describe('members of a list', () => {
  const LIST = 'kind: List\nitems:\n- a: 1 # x\n- b: 2\n# of c\n- c: 3\n'
  test('keep their places when others go', () => {
    const { file, origins, show } = open(LIST)
    assert.equal(file.remove(within(origins[0], 'items', 0)), undefined)
    assert.equal(file.edit(within(origins[0], 'items', 2), [set(['new'], 1)]), undefined)
    assert.equal(file.remove(within(origins[0], 'items', 1)), undefined)
    assert.equal(file.remove(within(origins[0], 'items', 1)), undefined)
    assert.deepEqual(file.edit(within(origins[0], 'items', 1), []), { why: 'the object was removed' })
    assert.equal(show(), 'kind: List\nitems:\n# of c\n- c: 3\n  new: 1\n')
    file.remove(within(origins[0], 'items', 2))
    assert.equal(show(), 'kind: List\nitems: []\n# of c\n')
  })
  test('of a long list, which the reader cuts', () => {
    const pad = `# ${'x'.repeat(300_000)}\n`
    const head = `kind: List\n${pad}items:\n`
    const text = `${head}- a: 1\n  b: 2\n# of c\n- c: 3\nlast: 1\n`
    const { file, origins, show } = open(text)
    assert.equal(origins.length, 2)
    assert.equal(file.edit(origins[0] as Origin, [set(['d'], { e: 1 })]), undefined)
    assert.equal(show(), `${head}- a: 1\n  b: 2\n  d:\n    e: 1\n# of c\n- c: 3\nlast: 1\n`)
    assert.equal(file.remove(origins[0] as Origin), undefined)
    assert.equal(show(), `${head}# of c\n- c: 3\nlast: 1\n`)
    assert.equal(file.remove(origins[1] as Origin), undefined)
    assert.equal(show(), `kind: List\n${pad}items: []\n# of c\nlast: 1\n`)
  })
  test('of JSON, with their commas', () => {
    const text = '{"kind": "List", "items": [\n  {"a": 1},\n  {"b": 2},\n  {"c": 3}\n]}\n'
    const without = (...gone: readonly number[]): string => {
      const { file, origins, show } = open(text)
      for (const index of gone) assert.equal(file.remove(origins[index] as Origin), undefined)
      JSON.parse(show())
      return show()
    }
    assert.equal(without(0), '{"kind": "List", "items": [\n  {"b": 2},\n  {"c": 3}\n]}\n')
    assert.equal(without(1), '{"kind": "List", "items": [\n  {"a": 1},\n  {"c": 3}\n]}\n')
    assert.equal(without(2), '{"kind": "List", "items": [\n  {"a": 1},\n  {"b": 2}\n]}\n')
    assert.equal(without(2, 1), '{"kind": "List", "items": [\n  {"a": 1}\n]}\n')
    assert.equal(without(0, 2, 1), '{"kind": "List", "items": []}\n')
  })
  test('of JSON are indented as they are', () => {
    const text = '[\n    {\n        "a": {\n            "b": 1\n        }\n    }\n]\n'
    const { file, origins, show } = open(text)
    assert.equal(file.edit(origins[0] as Origin, [set(['a', 'c'], { d: 1 })]), undefined)
    assert.equal(show(), text.replace('"b": 1', '"b": 1,\n            "c": {\n                "d": 1\n            }'))
  })
})

describe('values of a JSON stream', () => {
  test('go with the white space after them', () => {
    const { file, origins, show } = open('{"a": 1}\n{"b": 2}\n')
    file.remove(origins[0] as Origin)
    assert.equal(show(), '{"b": 2}\n')
    file.remove(origins[1] as Origin)
    assert.equal(show(), '')
  })
  test('go alone when what follows or precedes them is YAML', () => {
    const { file, show } = open('{"a": 1}\n{b: 2}\n')
    assert.equal(file.remove({ source: 0, start: 9, end: 16, inner: [] }), undefined)
    assert.equal(show(), '{"a": 1}\n')
  })
})

test('a fork and its file do not see each other', () => {
  const { file, origins, show } = open('a: 1\n---\nb: 2\n')
  file.edit(origins[0] as Origin, [set(['a'], 2)])
  const fork = file.fork()
  fork.edit(origins[0] as Origin, [set(['a'], 3)])
  fork.remove(origins[1] as Origin)
  file.edit(origins[1] as Origin, [set(['b'], 3)])
  assert.equal(fork.bytes.toString(), 'a: 3\n')
  assert.equal(show(), 'a: 2\n---\nb: 3\n')
})

test('a large file costs what is touched of it', () => {
  const one = `kind: Pod\nspec:\n  containers:\n  - name: a\n# ${'x'.repeat(950)}\n`
  const text = Array.from({ length: 10_000 }, () => one).join('---\n')
  const bytes = Buffer.from(text)
  const file = editableFile('a.yaml', bytes)
  const size = Buffer.byteLength(one)
  const began = performance.now()
  for (let index = 0; index < 10_000; index += 1000) {
    const start = index * (size + 4)
    assert.equal(file.edit({ source: 0, start, end: start + size, inner: [] }, [set(['spec', 'new'], 1)]), undefined)
  }
  assert.equal(file.bytes.length, bytes.length + 10 * '  new: 1\n'.length)
  assert.ok(performance.now() - began < 2000)
})
