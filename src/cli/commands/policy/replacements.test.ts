import assert from 'node:assert/strict'
import { test } from 'node:test'
import { replacementsOf } from './replacements.ts'

const at = (startLine: number, endLine: number, text: string): object => ({
  file: 'a',
  startLine,
  startColumn: 1,
  endLine,
  endColumn: 1,
  text,
})

test('runs of changed lines are replacements of their lines', () => {
  const diff = '--- a/a\n+++ b/a\n@@ -2,5 +2,5 @@\n b\n-c\n-d\n+C\n e\n+f\n g\n@@ -20 +20 @@\n-x\n+--- y\n'
  assert.deepEqual(replacementsOf('a', diff), [at(3, 5, 'C\n'), at(6, 6, 'f\n'), at(20, 21, '--- y\n')])
})

test('what is added where nothing was stands behind the line that is named', () => {
  assert.deepEqual(replacementsOf('a', '--- a/a\n+++ b/a\n@@ -3,0 +4 @@\n+x\n'), [at(4, 4, 'x\n')])
})

test('a last line without an end, and no change, give none', () => {
  assert.deepEqual(replacementsOf('a', '--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+y\n'), [])
  assert.deepEqual(replacementsOf('a', ''), [])
})
