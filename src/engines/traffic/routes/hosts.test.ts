import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meet } from './hosts.ts'

test('what two patterns of host names have in common is the narrower of them, or nothing', () => {
  for (const [a, b, both] of [
    ['a.example.com', '*.example.com', 'a.example.com'],
    ['*.example.com', 'A.example.com', 'a.example.com'],
    ['*.example.com', '*.a.example.com', '*.a.example.com'],
    ['', 'a.example.com', 'a.example.com'],
    ['*', '', ''],
    ['example.com', '*.example.com', undefined],
    ['a.example.com', 'b.example.com', undefined],
  ] as const) {
    assert.equal(meet(a, b), both, `${a} ${b}`)
    assert.equal(meet(b, a), both, `${b} ${a}`)
  }
})
