import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Input, readInputs } from './read.ts'

const TEXT = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'

describe('the bytes of a file, read again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-whole-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'a.yaml')
  const read = (content: string | Buffer): Promise<Input> => {
    writeFileSync(file, content)
    return readInputs([file])
  }
  const CHANGED = { refused: 'it has changed since it was read' }

  test('are those that were read', async () => {
    const { bytes } = await read(TEXT)
    assert.deepEqual([bytes(0), bytes(0), bytes(1)], [Buffer.from(TEXT), Buffer.from(TEXT), undefined])
  })

  test('or are refused: others of the same length and time, more, none', async () => {
    const { bytes } = await read(TEXT)
    const { atime, mtime } = statSync(file)
    assert.ok(Buffer.isBuffer(bytes(0)))
    writeFileSync(file, TEXT.replace('name: a', 'name: b'))
    utimesSync(file, atime, mtime)
    assert.deepEqual(bytes(0), CHANGED)
    writeFileSync(file, TEXT)
    assert.ok(Buffer.isBuffer(bytes(0)))
    appendFileSync(file, '# more\n')
    assert.deepEqual(bytes(0), CHANGED)
    rmSync(file)
    assert.deepEqual(bytes(0), { refused: 'it has changed since it was read (there is no such file or folder)' })
  })

  test('are none of what was packed, or cut off', async () => {
    assert.equal((await read(gzipSync(TEXT))).bytes(0), undefined)
    writeFileSync(file, TEXT)
    const cut = await readInputs([file], { limits: { source: 30 } })
    assert.deepEqual([cut.problems.map(({ code }) => code).includes('BH_TOO_LARGE'), cut.bytes(0)], [true, undefined])
  })
})
