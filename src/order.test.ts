import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { analyse } from './loop.ts'
import { readInputs } from './observe/files/read.ts'
import { buildReport, graphDocument, radiusItem } from './report/build.ts'

const shop = fileURLToPath(new URL('../examples/shop', import.meta.url))

test('the order in which files are read changes no answer and no reason', async () => {
  const input = await readInputs([shop], { recursive: true })
  const told = (objects: typeof input.objects): unknown => {
    const analysis = analyse({ ...input, objects })
    const radii = analysis.entries.map((entry) => radiusItem(analysis, entry))
    return [buildReport(analysis, { graph: true }), graphDocument(analysis), radii]
  }
  const asRead = told(input.objects)
  assert.deepEqual(told(input.objects.toReversed()), asRead)
  const shuffled = input.objects.toSorted((a, b) => (a.name + a.kind < b.name + b.kind ? -1 : 1))
  assert.deepEqual(told(shuffled), asRead)
})
