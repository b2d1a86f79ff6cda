import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { table, wrap } from './table.ts'
import { width } from './text.ts'

const COLUMNS = [
  { title: 'NAME', least: 10 },
  { title: 'KIND', spare: 1 },
  { title: 'OF', right: true as const, spare: 2 },
]

test('spare columns leave a narrow screen, the highest first, and are named', () => {
  const rows = [['frontend-of-the-shop', 'Job', '9']]
  assert.deepEqual(table(COLUMNS, rows, 80), ['NAME                   KIND   OF', 'frontend-of-the-shop   Job     9'])
  assert.deepEqual(table(COLUMNS, rows, 20), ['NAME            KIND', 'fronte…e-shop   Job', '(too narrow for OF)'])
  assert.deepEqual(table(COLUMNS, rows, 12), ['NAME', 'fronte…-shop', '(too narrow', 'for KIND and', 'OF)'])
})

test('no line is wider than the screen, whatever the text', () => {
  const row = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 24, max: 120 }), (rows, screen) => {
      for (const line of table(COLUMNS, rows, screen)) assert.ok(width(line) <= screen, line)
    }),
  )
})

test('a sentence breaks between words only', () => {
  assert.deepEqual(wrap('one two three', 7, '  ', '- '), ['- one', '  two', '  three'])
})
