import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readInputs } from '../../observe/files/read.ts'
import { at, isObject, type Json, type Path } from '../json.ts'
import type { Origin } from '../origin.ts'
import type { Edit } from './change.ts'
import { editableFile } from './file.ts'
import { append, changedLines, edited, read, remove, set } from './laws.testing.ts'

const root = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const skip = existsSync(root) ? false : `no corpus at ${root} (set BULKHEAD_CORPUS)`
/** One of so many objects, so that the test stays short; 1 takes all. */
const TURNS = Number(process.env.BULKHEAD_EDIT_TURNS ?? 5)

const HARD = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsUser: 1000 }
const POD_SPECS: readonly Path[] = [
  ['spec'],
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
]

function paths(value: Json, path: Path = []): readonly { path: Path; value: Json }[] {
  const inner = Array.isArray(value)
    ? (value as readonly Json[]).flatMap((item, index) => paths(item, [...path, index]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => paths(item, [...path, key]))
      : []
  return [...(path.length > 0 ? [{ path, value }] : []), ...inner]
}

function editsOf(value: Json, dice: number): readonly (readonly Edit[])[] {
  const all = paths(value)
  const pick = <T>(from: readonly T[], salt: number): readonly T[] =>
    from.length === 0 ? [] : [from[(dice * 7919 + salt * 104_729) % from.length] as T]
  const lists = all.filter((each) => Array.isArray(each.value))
  const items = all.filter(({ path }) => typeof path.at(-1) === 'number')
  const keys = all.filter(({ path }) => typeof path.at(-1) === 'string')
  const scalars = keys.filter((each) => typeof each.value !== 'object')
  const specs = POD_SPECS.filter((path) => Array.isArray(at(value, ...path, 'containers')))
  return [
    ...specs.flatMap((path) => [
      [set([...path, 'automountServiceAccountToken'], false)],
      (at(value, ...path, 'containers') as readonly Json[]).map((_, index) =>
        set([...path, 'containers', index, 'securityContext'], HARD),
      ),
    ]),
    [set(['metadata', 'annotations', 'example.com/why'], 'as said: yes')],
    ...pick(keys, 1).map(({ path }) => [remove(path)]),
    ...pick(lists, 2).map(({ path }) => [append(path, { name: 'x', values: ['on', null] })]),
    ...pick(items, 3).map(({ path }) => [remove(path)]),
    ...pick(scalars, 4).map(({ path }) => [set(path, 'other')]),
    ...pick(keys, 5).map(({ path }) => [set(path, { a: [{ b: 'no' }], c: 'two\nlines\n' })]),
  ]
}

const COMMENT = /^\s*#/

describe('every set of the corpus', { skip }, () => {
  const sets = skip ? [] : readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const count = { edits: 0, refused: 0 }
  let dice = 0
  for (const { name } of sets) {
    test(`${name} is edited in place`, async () => {
      const input = await readInputs([join(root, name)], { recursive: true })
      const seen = new Map<number, number>()
      let open: { source: number; bytes: ReturnType<typeof input.bytes> } | undefined
      for (const { origin } of input.objects) {
        if (!origin) continue
        if (origin.source !== open?.source) open = { source: origin.source, bytes: input.bytes(origin.source) }
        const { bytes } = open
        if (!bytes || 'refused' in bytes) continue
        // Of a large file some objects: every check compares the whole of it.
        const times = (seen.get(origin.source) ?? 0) + 1
        seen.set(origin.source, times)
        if (bytes.length > 500_000 && times > 4) continue
        if (dice++ % TURNS !== 0) continue
        const value = at(read(bytes.toString('utf8', origin.start, origin.end)), ...origin.inner) as Json
        for (const edits of editsOf(value, dice)) {
          count.edits++
          const made = edited(bytes, origin, edits)
          if ('why' in made) {
            count.refused++
            assert.match(made.why, /^anchors|merged in$/, `${input.files[origin.source]} ${JSON.stringify(edits)}`)
            continue
          }
          const { gone, added } = changedLines(bytes, made)
          const [{ op, path }] = edits as readonly [Edit]
          // What an alias stands for may be written out.
          if (edits.length > 1 || /: [&*]\w/.test(bytes.toString('latin1', origin.start, origin.end))) continue
          if (op === 'append' || (op === 'set' && at(value, ...path) === undefined))
            assert.ok(gone.length <= 2 && !gone.some((line) => COMMENT.test(line) && !added.includes(line)), `${gone}`)
          if (op === 'remove') assert.ok(added.length <= 2, `${JSON.stringify(edits)} ${added}`)
        }
        removed(bytes, origin, value)
      }
    })
  }

  test('almost none is refused', (context) => {
    context.diagnostic(`${count.edits} edits, ${count.refused} refused`)
    assert.ok(count.refused * 200 <= count.edits, `${count.refused} of ${count.edits}`)
  })
})

/** The object is gone, and every other line that is left was there before. */
function removed(bytes: Buffer, origin: Origin, value: Json): void {
  const file = editableFile('a.yaml', bytes)
  assert.equal(file.remove(origin), undefined)
  const { gone, added } = changedLines(bytes, file.bytes)
  assert.ok(gone.length > 0)
  assert.ok(added.length <= 2, `${JSON.stringify(value).slice(0, 200)} ${added}`)
}
