import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { idOf, type KubeObject } from '../cluster/object.ts'
import type { Fix } from './fix.ts'
import { type PatchedFiles, patchedFiles } from './patches.ts'

const object = (kind: string, namespace: string, name: string, source?: number): KubeObject => ({
  id: idOf(kind, namespace, name),
  group: '',
  version: 'v1',
  kind,
  namespace,
  name,
  body: { apiVersion: 'v1', kind, metadata: { name } },
  ...(source === undefined ? {} : { origin: { source, start: 0, end: 0, inner: [] } }),
})
const adding = (added: KubeObject, serves?: string): Fix => ({
  id: 'test',
  kind: 'test',
  title: 'Add it',
  changes: [{ action: 'add', object: added }],
  witness: 'none',
  notes: [],
  ...(serves === undefined ? {} : { serves }),
})

const NAMES = ['a/web.yaml', 'b/all.yaml.gz', 'c/more.yaml']
const start = patchedFiles({ names: NAMES, bytes: (source) => (source === 1 ? undefined : Buffer.from('')) }, [
  object('Pod', 'web', 'a', 0),
  object('Pod', 'packed', 'b', 1),
  object('Pod', 'web', 'c', 2),
])
const after = (fix: Fix, files: PatchedFiles = start): PatchedFiles => {
  const made = files.apply(fix)
  assert.ok(!('refused' in made), JSON.stringify(made))
  return made
}

describe('a new object', () => {
  test('stands beside the workload that it serves', () =>
    assert.deepEqual(
      [
        ...after(adding(object('Secret', 'web', 'x'), 'Pod/web/c'))
          .changed()
          .keys(),
      ],
      ['c/bulkhead-test.yaml'],
    ))
  test('that serves none stands beside the first of its namespace, and so does the namespace itself', () => {
    for (const each of [object('Secret', 'web', 'x'), object('Namespace', '', 'web')])
      assert.deepEqual([...after(adding(each)).changed().keys()], ['a/bulkhead-test.yaml'])
  })
  test('that belongs beside what is no file is in none, and can still be changed and removed', () => {
    const made = object('Namespace', '', 'packed')
    const files = after(adding(made))
    assert.deepEqual([[...files.changed()], files.since(start), files.unpatched()], [[], [], ['b/all.yaml.gz']])
    const again = after({ ...adding(made), changes: [{ action: 'remove', object: made }] }, files)
    assert.deepEqual([[...again.changed()], again.unpatched()], [[], ['b/all.yaml.gz']])
    assert.deepEqual(start.unpatched(), [])
  })
})

test('a file that changed since it was read is not patched', () => {
  const pod = object('Pod', 'web', 'a', 0)
  const sources = { names: ['a/web.yaml'], bytes: () => ({ refused: 'it has changed' }) }
  const fix: Fix = { ...adding(pod), changes: [{ action: 'remove', object: pod }] }
  assert.deepEqual(patchedFiles(sources, [pod]).apply(fix), { refused: 'a/web.yaml: it has changed' })
})

test('a new file from which all was taken again is none', () => {
  const made = object('Secret', 'web', 'x')
  const files = after({ ...adding(made), changes: [{ action: 'remove', object: made }] }, after(adding(made)))
  assert.deepEqual([[...files.changed()], files.since(start)], [[], []])
})
