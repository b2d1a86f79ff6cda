import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { applyEdits } from '../../cluster/edit/apply.ts'
import type { Edit } from '../../cluster/edit/change.ts'
import type { Json, JsonObject } from '../../cluster/json.ts'
import type { Operation } from '../../engines/policy/mutating/json-patch.ts'
import { editsOf } from './written.ts'

const operation = (op: string, path: string, value?: Json, from = ''): Operation => ({ op, path, from, value })

const edits = (written: JsonObject, seen: JsonObject, ...operations: readonly Operation[]): readonly Edit[] =>
  editsOf(written, [{ before: seen, operations }])

const after = (written: JsonObject, seen: JsonObject, ...operations: readonly Operation[]): Json =>
  applyEdits(written, edits(written, seen, ...operations))

const CASES: readonly {
  readonly name: string
  readonly written: JsonObject
  readonly seen: JsonObject
  readonly operations: readonly Operation[]
  readonly edits: readonly Edit[]
}[] = [
  {
    name: 'a field that is written is removed',
    written: { a: 1, b: 2 },
    seen: { a: 1, b: 2, c: 'default' },
    operations: [operation('remove', '/a')],
    edits: [{ op: 'remove', path: ['a'] }],
  },
  {
    name: 'a default that is not written is not removed',
    written: { a: 1 },
    seen: { a: 1, c: 'default' },
    operations: [operation('remove', '/c')],
    edits: [],
  },
  {
    name: 'a parent that is not written is set with what is in it',
    written: { name: 'x' },
    seen: { name: 'x' },
    operations: [operation('add', '/s', {}), operation('add', '/s/t', {}), operation('add', '/s/t/u', true)],
    edits: [{ op: 'set', path: ['s'], value: { t: { u: true } } }],
  },
  {
    name: 'a parent that only admission sees is made by the edit',
    written: { name: 'x' },
    seen: { name: 'x', s: { d: 'default' } },
    operations: [operation('add', '/s/u', true)],
    edits: [{ op: 'set', path: ['s', 'u'], value: true }],
  },
  {
    name: 'what is written already is no edit',
    written: { s: { u: true } },
    seen: { s: { u: true } },
    operations: [operation('replace', '/s/u', true)],
    edits: [],
  },
  {
    name: 'a list that is replaced by its filtered self loses items, and gains no defaults',
    written: { v: [{ n: 'a' }, { n: 'b' }, { n: 'c' }] },
    seen: {
      v: [
        { n: 'a', d: 1 },
        { n: 'b', d: 1 },
        { n: 'c', d: 1 },
      ],
    },
    operations: [
      operation('replace', '/v', [
        { n: 'a', d: 1 },
        { n: 'c', d: 1 },
      ]),
    ],
    edits: [{ op: 'remove', path: ['v', 1] }],
  },
  {
    name: 'indices are those after the operations before',
    written: { v: ['a', 'b', 'c'] },
    seen: { v: ['a', 'b', 'c'] },
    operations: [operation('remove', '/v/0'), operation('remove', '/v/0')],
    edits: [
      { op: 'remove', path: ['v', 0] },
      { op: 'remove', path: ['v', 0] },
    ],
  },
  {
    name: 'an item at the end is appended',
    written: { v: ['a'] },
    seen: { v: ['a'] },
    operations: [operation('add', '/v/-', 'b')],
    edits: [{ op: 'append', path: ['v'], value: 'b' }],
  },
  {
    name: 'an item in front sets the list',
    written: { v: ['a'] },
    seen: { v: ['a'] },
    operations: [operation('add', '/v/0', 'b')],
    edits: [{ op: 'set', path: ['v'], value: ['b', 'a'] }],
  },
  {
    name: 'a list that is only a default is written with the item',
    written: {},
    seen: { v: ['Ingress'] },
    operations: [operation('add', '/v/-', 'Egress')],
    edits: [{ op: 'set', path: ['v'], value: ['Ingress', 'Egress'] }],
  },
  {
    name: 'null is not there',
    written: { s: null },
    seen: {},
    operations: [operation('add', '/s', { u: true })],
    edits: [{ op: 'set', path: ['s'], value: { u: true } }],
  },
  {
    name: 'a move takes what is written, not its defaults',
    written: { a: { x: 1 } },
    seen: { a: { x: 1, d: 2 } },
    operations: [operation('move', '/b', undefined, '/a')],
    edits: [
      { op: 'remove', path: ['a'] },
      { op: 'set', path: ['b'], value: { x: 1 } },
    ],
  },
  {
    name: 'escaped and hostile keys are keys',
    written: { m: { 'a/b~c': 1 } },
    seen: { m: { 'a/b~c': 1 } },
    operations: [operation('remove', '/m/a~1b~0c'), operation('add', '/m/constructor', 'x')],
    edits: [
      { op: 'remove', path: ['m', 'a/b~c'] },
      { op: 'set', path: ['m', 'constructor'], value: 'x' },
    ],
  },
]

describe('operations as edits of what is written', () => {
  for (const each of CASES)
    test(each.name, () => assert.deepEqual(edits(each.written, each.seen, ...each.operations), each.edits))

  test('mean the same, where nothing was defaulted', () => {
    const object = { a: [1, { b: [2, 3] }], c: { d: {} } }
    const operations = [
      operation('add', '/a/1/b/1', 9),
      operation('copy', '/c/e', undefined, '/a/1'),
      operation('remove', '/a/0'),
      operation('replace', '/a/0/b/0', { z: 1 }),
      operation('add', '/c/d/f', []),
    ]
    assert.deepEqual(after(object, object, ...operations), {
      a: [{ b: [{ z: 1 }, 9, 3] }],
      c: { d: { f: [] }, e: { b: [2, 9, 3] } },
    })
  })
})
