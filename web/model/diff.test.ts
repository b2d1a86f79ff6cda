import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diffOf } from './diff.ts'

test('each line has its number in the file that holds it', () => {
  const { lines, added, removed } = diffOf('--- a/x\n+++ b/x\n@@ -3,4 +3,3 @@ spec:\n a\n-b\n-c\n+d\n e\n')
  assert.deepEqual(
    lines.map(({ kind, line, text }) => [kind, line, text]),
    [
      ['hunk', undefined, '@@ -3,4 +3,3 @@ spec:'],
      ['same', 3, ' a'],
      ['removed', 4, '-b'],
      ['removed', 5, '-c'],
      ['added', 4, '+d'],
      ['same', 5, ' e'],
    ],
  )
  assert.deepEqual([added, removed], [1, 2])
})

test('what looks like the head of a file is a line where the hunk counts it', () => {
  const { lines } = diffOf('--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- x\n-@@ -1 +1 @@\n+++ y\n+z\n')
  assert.deepEqual(
    lines.slice(1).map(({ kind }) => kind),
    ['removed', 'removed', 'added', 'added'],
  )
})

test('a new file, a file that goes, and a missing newline at the end are told', () => {
  const made = diffOf('--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n')
  assert.ok(made.isNew && !made.isGone)
  assert.deepEqual(made.lines.at(-1), { kind: 'note', line: undefined, text: '\\ No newline at end of file' })
  assert.ok(diffOf('--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n').isGone)
})

test('what is no diff has no lines', () => {
  assert.deepEqual(diffOf('').lines, [])
  assert.deepEqual(diffOf('<b>\n').lines, [])
})
