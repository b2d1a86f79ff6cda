import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { unifiedDiff } from './diff.ts'

const has = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0
const TOOLS = [
  { tool: 'patch', args: ['-p1', '--binary', '-s'] },
  { tool: 'git', args: ['apply', '--whitespace=nowarn'] },
] as const

/** What the tool makes of the file; undefined when the file is gone. */
function applied(tool: string, args: readonly string[], name: string, before: string | undefined, diff: string) {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-diff-'))
  try {
    const file = join(folder, name)
    if (before !== undefined) writeFileSync(file, before)
    const { status, stdout, stderr } = spawnSync(tool, [...args], { cwd: folder, input: diff })
    assert.equal(status, 0, `${tool}: ${stdout}${stderr}\n${diff}`)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const LONG = Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join('')
const CASES: readonly (readonly [string, string | undefined, string | undefined])[] = [
  ['a line', 'a\nb\nc\n', 'a\nx\nc\n'],
  ['two hunks', LONG, LONG.replace('line 3\n', '').replace('line 30\n', 'line 30\nmore\n')],
  ['hunks that meet', LONG, LONG.replace('line 10\n', 'x\n').replace('line 16\n', 'y\n')],
  ['no newline at the end', 'a\nb', 'a\nc'],
  ['a newline that comes', 'a\nb', 'a\nb\n'],
  ['a newline that goes', 'a\nb\n', 'a\nb'],
  ['carriage returns', 'a\r\nb\r\nc\r\n', 'a\r\nx\r\nc\r\n'],
  ['a new file', undefined, 'a\nb\n'],
  ['a removed file', 'a\nb\n', undefined],
]

for (const { tool, args } of TOOLS) {
  describe(`${tool} takes`, { skip: has(tool) ? false : `no ${tool} here` }, () => {
    for (const [name, before, after] of CASES)
      test(name, () => assert.equal(applied(tool, args, 'a.yaml', before, unifiedDiff('a.yaml', before, after)), after))
    test('names with spaces and quotes', () => {
      for (const name of ['a b.yaml', ...(tool === 'git' ? ['a"b\\c.yaml'] : [])])
        assert.equal(applied(tool, args, name, 'a\n', unifiedDiff(name, 'a\n', 'b\n')), 'b\n')
    })
    test('changes of any kind', () => {
      const text = fc
        .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { minLength: 1, maxLength: 30 })
        .map((each) => each.join(''))
      fc.assert(
        fc.property(text, text, (before, after) => {
          if (before !== after) assert.equal(applied(tool, args, 'f', before, unifiedDiff('f', before, after)), after)
        }),
        { numRuns: 40 },
      )
    })
  })
}

test('what did not change has no diff', () => {
  assert.equal(unifiedDiff('a', 'a\n', Buffer.from('a\n')), '')
})

test('a diff reads as it always did', () => {
  assert.equal(
    unifiedDiff('x/a.yaml', 'a\nb\nc\nd\ne\n', 'a\nb\nc\nd\nE'),
    '--- a/x/a.yaml\n+++ b/x/a.yaml\n@@ -2,4 +2,4 @@\n b\n c\n d\n-e\n+E\n\\ No newline at end of file\n',
  )
})

test('a change in each of many like documents stays small', () => {
  const one = (name: number, more = ''): string => `kind: Pod\nmetadata:\n  name: p${name}\nspec:\n  a: 1\n${more}---\n`
  const all = Array.from({ length: 50_000 }, (_, name) => name)
  const before = all.map((name) => one(name)).join('')
  const after = all.map((name) => (name === 7 ? '' : one(name, name % 5_000 === 0 ? '  new: 1\n' : ''))).join('')
  const began = performance.now()
  const diff = unifiedDiff('a', before, after)
  assert.equal(diff.match(/^[-+](?![-+])/gm)?.length, 10 + 5)
  assert.ok(performance.now() - began < 5_000)
  const other = all.map((name) => one(name, '  new: 1\n')).join('')
  assert.equal(unifiedDiff('a', before, other).match(/^\+ /gm)?.length, 50_000)
})
