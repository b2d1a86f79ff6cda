import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Json } from '../../../cluster/json.ts'
import { applyPatch, type Operation, PatchError, pointerSteps, TestFailed, TooLong } from './json-patch.ts'

const operation = (op: string, path: string, value?: Json, from = ''): Operation => ({ op, path, from, value })
const apply = (document: Json, ...operations: readonly Operation[]): Json => applyPatch(document, operations)

describe('JSON patches', () => {
  test('share what they do not change, and change nothing in place', () => {
    const document = { a: { b: [1, 2] }, c: { d: 1 } }
    const before = JSON.stringify(document)
    const after = apply(document, operation('remove', '/a/b/0')) as typeof document
    assert.deepEqual([after, JSON.stringify(document)], [{ a: { b: [2] }, c: { d: 1 } }, before])
    assert.equal(after.c, document.c)
  })

  test('hold hostile keys like any other', () => {
    const document = JSON.parse('{"__proto__": {"x": 1}, "constructor": {}}') as Json
    const after = apply(
      document,
      operation('add', '/__proto__/y', 2),
      operation('add', '/constructor/__proto__', 3),
      operation('remove', '/__proto__/x'),
    )
    assert.equal(JSON.stringify(after), '{"__proto__":{"y":2},"constructor":{"__proto__":3}}')
    assert.equal(({} as { y?: number }).y, undefined)
    for (const path of ['/toString', '/hasOwnProperty/call', '/toString/name'])
      assert.throws(() => apply({}, operation('remove', path)), PatchError)
  })

  test('take indices as Go reads them', () => {
    const at = (step: string): Json => apply(['a', 'b'], operation('remove', `/${step}`))
    assert.deepEqual([at('+0'), at('-0'), at('01'), at('-1')], [['b'], ['b'], ['a'], ['a']])
    for (const step of ['2', '-3', '', '-', '1e0', '0x1', ' 1', '99999999999999999999', 'length'])
      assert.throws(() => at(step), PatchError, step)
  })

  test('a whole document is replaced, and nothing else is done to it', () => {
    assert.deepEqual(apply({ a: 1 }, operation('replace', '', { b: 2 })), { b: 2 })
    for (const op of ['add', 'remove']) assert.throws(() => apply({ a: 1 }, operation(op, '', {})), PatchError)
    assert.throws(() => apply({ a: 1 }, operation('replace', '', 3)), PatchError)
  })

  test('a test holds by value', () => {
    const document = { a: { x: [1, null], y: {} }, n: null }
    assert.equal(apply(document, operation('test', '/a', { y: {}, x: [1, null] })), document)
    assert.equal(apply(document, operation('test', '/missing')), document)
    for (const [path, value] of [
      ['/a', { x: [1] }],
      ['/n', null],
      ['/missing', null],
      ['/a/x/0', '1'],
    ] as const)
      assert.throws(() => apply(document, operation('test', path, value)), TestFailed, path)
  })

  test('pointers are unescaped once', () => {
    assert.deepEqual(pointerSteps('/a~1b/~01/~0~1'), ['a/b', '~1', '~/'])
    assert.deepEqual([pointerSteps(''), pointerSteps('a'), pointerSteps('/')], [undefined, undefined, ['']])
  })

  test('come to an end, however long and deep', () => {
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]))
    const many = Array.from({ length: 5_000 }, (_, index) => operation('replace', `/k${index}`, 0))
    assert.throws(() => apply(wide, ...many), TooLong)
    assert.throws(() => apply({}, operation('add', '/a'.repeat(1_000_000), 1)), PatchError)
    assert.throws(() => apply({}, operation('add', '/'.repeat(1_000_000), 1)), PatchError)
  })
})
