import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { recorded } from './generate.ts'

test('the log of the example is what its generator writes', () => {
  const kept = gunzipSync(readFileSync(new URL('../history/access.log.gz', import.meta.url))).toString('utf8')
  assert.equal(kept, recorded())
})
