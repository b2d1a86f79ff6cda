import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namesMeet } from './host-names.ts'

test('a wildcard stands for one label or more', () => {
  for (const [a, b, meet] of [
    ['a.example.com', 'a.example.com', true],
    ['a.example.com', 'A.Example.com', true],
    ['a.example.com', 'b.example.com', false],
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'notexample.com', false],
    ['*.example.com', '*.b.example.com', true],
    ['*.example.com', '*.example.org', false],
    ['*', 'example.com', true],
    ['*', '*.example.com', true],
  ] as const) {
    assert.equal(namesMeet(a, b), meet, `${a} ${b}`)
    assert.equal(namesMeet(b, a), meet, `${b} ${a}`)
  }
})
