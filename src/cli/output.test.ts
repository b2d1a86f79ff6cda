import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cluster } from '../../bench/generate.ts'
import { writeYaml } from '../../bench/write.ts'

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
