import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { audit } from './audit.ts'
import { flows } from './flows.ts'

const AGAIN = 'node_modules/.bin/node examples/shop/recording/generate.ts writes it anew'

/** Other versions of zlib pack the same bytes otherwise. */
function committed(name: string): string {
  return gunzipSync(readFileSync(new URL(`../history/${name}`, import.meta.url))).toString('utf8')
}

for (const [name, make] of [
  ['audit.jsonl.gz', audit],
  ['flows.jsonl.gz', flows],
] as const) {
  test(`${name} is what its generator writes`, () => {
    assert.ok(committed(name) === make(), AGAIN)
  })
}

test('the packed files are small', () => {
  const sizes = ['audit.jsonl.gz', 'flows.jsonl.gz'].map(
    (name) => readFileSync(new URL(`../history/${name}`, import.meta.url)).length,
  )
  assert.ok(sizes.reduce((sum, size) => sum + size) <= 400_000)
})
