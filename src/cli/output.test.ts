import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cluster } from '../../bench/generate.ts'
import { writeYaml } from '../../bench/write.ts'
import { write } from './output.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

test('a reader that is slow is given everything before the process ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-output-'))
  const file = join(folder, 'cluster.yaml')
  writeYaml(file, cluster(600))
  const child = spawn(process.execPath, [main, 'graph', '-q', '-f', file], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  // The pipe fills, and is emptied only after the program has written all that it could.
  await setTimeout(1_500)
  let text = ''
  for await (const piece of child.stdout.setEncoding('utf8')) text += piece
  const [code] = await ended
  rmSync(folder, { recursive: true })
  assert.equal(code, 0)
  assert.ok(text.length > 500_000)
  assert.equal((JSON.parse(text) as { kind: string }).kind, 'Graph')
})

test('what is written is the pieces, whatever their lengths and characters', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-output-'))
  const lengths = [0, 1, 21_844, 21_845, 21_846, 0, 65_535, 65_536, 65_537, 200_000, 3, 7]
  const pieces = ['a', 'ü', '€', '😀', 'a€'].flatMap((text) => lengths.map((length) => text.repeat(length)))
  for (const [at, some] of [pieces, pieces.toReversed(), Array(9_000).fill('{"a":"€"},\n'), ['', ''], []].entries()) {
    const file = join(folder, String(at))
    await write(some, { format: 'json', file })
    assert.ok(readFileSync(file, 'utf8') === some.join(''), String(at))
  }
  rmSync(folder, { recursive: true })
})
