import assert from 'node:assert/strict'
import type { Json } from '../json.ts'
import type { Origin } from '../origin.ts'
import { parseYaml } from '../yaml.ts'
import { applyEdits } from './apply.ts'
import type { Edit } from './change.ts'
import { unifiedDiff } from './diff.ts'
import { editableFile, type Refused } from './file.ts'

export const set = (path: Edit['path'], value: Json): Edit => ({ op: 'set', path, value })
export const remove = (path: Edit['path']): Edit => ({ op: 'remove', path })
export const append = (path: Edit['path'], value: Json): Edit => ({ op: 'append', path, value })

export function read(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    const { value, problem } = parseYaml(text)
    assert.equal(problem, undefined, text)
    return value as Json
  }
}

const inside = (origin: Origin, edits: readonly Edit[]): readonly Edit[] =>
  edits.map((edit) => ({ ...edit, path: [...origin.inner, ...edit.path] }))

/** Makes edits, or none, and holds the law: what was meant, nothing else, and nothing more when done again. */
export function edited(bytes: Buffer, origin: Origin, edits: readonly Edit[]): Buffer | Refused {
  const file = editableFile('a.yaml', bytes)
  const refused = file.edit(origin, edits)
  if (refused) {
    assert.ok(file.bytes.equals(bytes), 'a refused edit changes nothing')
    return refused
  }
  const tail = bytes.length - origin.end
  const end = file.bytes.length - tail
  const shown = () => `${JSON.stringify(edits)}\n${bytes.subarray(origin.start, origin.end)}\n=>\n${file.bytes}`
  assert.ok(file.bytes.subarray(0, origin.start).equals(bytes.subarray(0, origin.start)), shown())
  assert.ok(file.bytes.subarray(end).equals(bytes.subarray(origin.end)), shown())
  const before = read(bytes.toString('utf8', origin.start, origin.end))
  const after = applyEdits(before, inside(origin, edits))
  assert.deepEqual(read(file.bytes.toString('utf8', origin.start, end)), after, shown())
  if (after === before) assert.ok(file.bytes.equals(bytes), shown())
  if (edits.every(({ op, path }) => op === 'set' || (op === 'remove' && typeof path.at(-1) === 'string'))) {
    const again = editableFile('a.yaml', file.bytes)
    assert.equal(again.edit({ ...origin, end }, edits), undefined, shown())
    assert.ok(again.bytes.equals(file.bytes), shown())
  }
  return file.bytes
}

/** The lines that a change takes away and adds. */
export function changedLines(before: Buffer, after: Buffer): { gone: readonly string[]; added: readonly string[] } {
  const lines = unifiedDiff('a', before, after).split('\n').slice(2)
  const of = (sign: string): readonly string[] =>
    lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1))
  return { gone: of('-'), added: of('+') }
}
