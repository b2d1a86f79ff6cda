import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { analyse } from '../../src/loop.ts'
import { readInputs } from '../../src/observe/files/read.ts'
import { buildReport, radiusItem } from '../../src/report/build.ts'
import { witness } from '../../src/report/evidence.ts'
import type { ReportAsset, ReportGraph } from '../../src/report/report.ts'
import { radiusOf } from './radius.ts'
import { walkOf } from './walk.ts'

const shop = fileURLToPath(new URL('../../examples/shop', import.meta.url))
const analysis = analyse(await readInputs([shop], { recursive: true }))
const report = JSON.parse(JSON.stringify(buildReport(analysis, { graph: true }))) as ReturnType<typeof buildReport>
const walk = walkOf(report.graph as ReportGraph, report.assets)

test('the page has every edge with its evidence', () => {
  const seen = witness(analysis.cluster.locate)
  assert.equal(walk.edges.length, analysis.edges.length)
  analysis.edges.forEach(({ from, to, kind, chance, truth, because }, at) => {
    assert.deepEqual(walk.edges[at], { from, to, kind, chance, truth })
    assert.deepEqual(walk.evidenceOf(at), seen.evidence(because))
  })
})

test('the page and the command line agree on the radius of every entry', () => {
  for (const entry of analysis.entries) {
    const { control, contact } = radiusItem(analysis, entry)
    const radius = radiusOf(walk, report.assets, entry.id)
    const idOf = ({ asset }: { asset: number }): string => (report.assets[asset] as ReportAsset).id
    assert.deepEqual(radius?.control.map(idOf).sort(), control.map(({ asset }) => asset).sort(), entry.id)
    assert.deepEqual(
      radius?.contact.map((each) => [idOf(each), each.chance]).sort(),
      contact.map(({ asset, chance }) => [asset, chance]).sort(),
      entry.id,
    )
  }
})
