import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { analyse } from '../../src/loop.ts'
import { readInputs } from '../../src/observe/files/read.ts'
import { buildReport } from '../../src/report/build.ts'
import type { ReportGraph } from '../../src/report/report.ts'
import { cutBy } from './cut.ts'
import { edgesOf, radiusOf, wayTo } from './radius.ts'
import { walkOf } from './walk.ts'

const shop = fileURLToPath(new URL('../../examples/shop', import.meta.url))
const report = buildReport(analyse(await readInputs([shop], { recursive: true })), { graph: true })
const walk = walkOf(report.graph as ReportGraph, report.assets)
const radius = radiusOf(walk, report.assets, 'Deployment/web/frontend')
assert.ok(radius)

test('a cut edge marks the assets whose best way takes it, with its rule or without', () => {
  const [first] = radius.control.filter(({ steps }) => steps > 1)
  assert.ok(first)
  const [edge] = edgesOf(walk, wayTo(walk, radius.paths, first.asset))
  assert.ok(edge)
  const id = `${edge.kind}|${edge.from}|${edge.to}`
  const marked = cutBy(walk, radius, [id])
  assert.ok(marked.has(first.asset))
  assert.deepEqual(cutBy(walk, radius, [`${id}|a rule`]), marked)
  for (const asset of marked) {
    assert.ok(
      edgesOf(walk, wayTo(walk, radius.paths, asset)).some(({ from, to }) => from === edge.from && to === edge.to),
    )
  }
})

test('edges elsewhere mark nothing', () => {
  assert.equal(cutBy(walk, radius, []).size, 0)
  assert.equal(cutBy(walk, radius, ['exec|Pod/none/a|Pod/none/b|x', 'exec', '|']).size, 0)
})
