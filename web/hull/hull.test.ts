import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { cluster } from '../../bench/generate.ts'
import { writeYaml } from '../../bench/write.ts'
import { analyse } from '../../src/loop.ts'
import { readInputs } from '../../src/observe/files/read.ts'
import { buildReport } from '../../src/report/build.ts'
import type { ReportGraph } from '../../src/report/report.ts'
import { assetLabels } from '../model/names.ts'
import { radiusOf } from '../model/radius.ts'
import { walkOf } from '../model/walk.ts'
import { bottom, type Rect, right } from './geometry.ts'
import { type Hull, hullOf } from './hull.ts'

const shop = fileURLToPath(new URL('../../examples/shop', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-hull-'))
const inputs = [shop, ...[60, 300, 1000].map((objects) => generated(objects))]
process.on('exit', () => rmSync(folder, { recursive: true }))

function generated(objects: number): string {
  const path = join(folder, `${objects}.yaml`)
  writeYaml(path, cluster(objects))
  return path
}

/** Every piece of the drawing that stands for an asset, with what it is. */
function pieces({ contact, hold, stern }: Hull): readonly { readonly name: string; readonly box: Rect }[] {
  return [
    ...(contact?.cells ?? []).map(({ compartment, box }) => ({ name: `contact ${compartment.label}`, box })),
    ...(hold?.rooms ?? []).flatMap(({ compartment, bands }) =>
      bands.map((box) => ({ name: `room ${compartment.label}`, box })),
    ),
    ...(hold?.passage ?? []).map((box) => ({ name: 'passage', box })),
    ...(stern?.rooms ?? []).map(({ box, assets }) => ({ name: `dry ${assets.join()}`, box })),
  ]
}

const SLACK = 0.01

function overlap(a: Rect, b: Rect): boolean {
  return a.x + SLACK < right(b) && b.x + SLACK < right(a) && a.y + SLACK < bottom(b) && b.y + SLACK < bottom(a)
}

for (const input of inputs) {
  test(`rooms neither overlap nor leave the ship, and every asset has its room: ${input.split('/').at(-1)}`, async () => {
    const report = buildReport(analyse(await readInputs([input], { recursive: true })), { graph: true })
    const walk = walkOf(report.graph as ReportGraph, report.assets)
    const labels = assetLabels(report)
    const seen = new Set<string>()
    for (const { id } of report.entries) {
      const radius = radiusOf(walk, report.assets, id)
      assert.ok(radius, id)
      // Entries with the same reach give the same ship.
      const shape = JSON.stringify([radius.control, radius.contact])
      if (seen.has(shape) || seen.size > 40) continue
      seen.add(shape)
      for (const width of [720, 860, 1300]) {
        const hull = hullOf(report, labels, radius, width)
        const all = pieces(hull)
        all.forEach(({ name, box }, at) => {
          assert.ok(
            box.x >= 0 && box.y >= 0 && right(box) <= hull.width + SLACK,
            `${id} at ${width}: ${name} ${JSON.stringify(box)}`,
          )
          assert.ok(
            bottom(box) <= hull.height + SLACK,
            `${id} at ${width}: ${name} ${JSON.stringify(box)} of ${hull.height}`,
          )
          for (const other of all.slice(at + 1)) {
            assert.ok(!overlap(box, other.box), `${id} at ${width}: ${name} and ${other.name}`)
          }
        })
        const held = [
          ...(hull.hold?.rooms ?? []).flatMap(({ compartment }) => compartment.assets),
          ...(hull.contact?.cells ?? []).flatMap(({ compartment }) => compartment.assets),
          ...(hull.stern?.rooms ?? []).flatMap(({ assets }) => assets),
        ]
        assert.deepEqual(
          held.sort((a, b) => a - b),
          report.assets.map((_, asset) => asset),
          `${id} at ${width}`,
        )
      }
    }
  })
}
