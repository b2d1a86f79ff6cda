import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReportStep } from '../../src/report/plan.ts'
import { sectionOf } from '../hull/section.ts'
import { edgeParts, edgeText, lessText, levelsOf, objectsOf, timeText } from './plan.ts'

function stepsOf(...lefts: readonly number[]): readonly ReportStep[] {
  return lefts.map((left, at) => {
    const was = lefts[at - 1] ?? 0.5
    return { rank: at + 1, id: `s${at}`, risk: { before: was, after: left, share: (was - left) / 0.5 } } as ReportStep
  })
}

test('levels are shares of the risk before the plan', () => {
  const levels = levelsOf(stepsOf(0.25, 0.1))
  assert.deepEqual(
    levels.map(({ before, after }) => [before, after]),
    [
      [1, 0.5],
      [0.5, 0.2],
    ],
  )
  assert.deepEqual(levelsOf([]), [])
})

test('the ship has a hold for now and one for each change, the water never higher than before', () => {
  const { holds, deck, keel, width } = sectionOf(levelsOf(stepsOf(0.25, 0.1, 0)), 1200)
  assert.deepEqual(
    holds.map(({ label }) => label),
    ['now', '1', '2', '3'],
  )
  for (const { high, low } of holds) assert.ok(deck < high && high <= low && low <= keel)
  assert.equal(holds.at(-1)?.low, keel)
  const last = holds.at(-1)
  assert.ok(last && Math.abs(last.x + last.width - width) < 1e-9)
})

test('on a narrow screen the last changes share a hold', () => {
  const steps = stepsOf(...Array.from({ length: 60 }, (_, at) => 0.5 - (at + 1) / 120))
  const { holds } = sectionOf(levelsOf(steps), 340)
  assert.ok(holds.length <= 13)
  assert.equal(holds.at(-1)?.label, `+${60 - (holds.length - 2)}`)
  assert.equal(holds.at(-1)?.at, undefined)
  assert.ok(Math.abs(holds.at(-1)?.after ?? 1) < 1e-9)
})

test('an edge is told by its parts', () => {
  const none = (): boolean => false
  const parts = edgeParts('exec|ServiceAccount/web/ci|Scope/web/pods|pods-exec', none)
  assert.deepEqual(parts, { kind: 'exec', from: 'ServiceAccount/web/ci', to: 'Scope/web/pods' })
  assert.equal(
    edgeText(parts, { exec: 'runs a command in a pod' }),
    'service account web/ci runs a command in a pod: every pod of namespace web',
  )
  assert.equal(edgeText(parts, {}), 'exec: service account web/ci → every pod of namespace web')
  assert.deepEqual(edgeParts('exec|Pod/a/b|Pod/a/c', none), { kind: 'exec', from: 'Pod/a/b', to: 'Pod/a/c' })
  assert.deepEqual(edgeParts('nonsense', none), { kind: 'nonsense', from: '', to: '' })
})

test('where names hold the bar, the nodes of the graph say where one ends', () => {
  const nodes = new Set(['User//auth0|Evil/x/y', 'User//z|rule'])
  const parts = edgeParts('bind|User//auth0|Evil/x/y|User//z|rule|by', (id) => nodes.has(id))
  assert.deepEqual(parts, { kind: 'bind', from: 'User//auth0|Evil/x/y', to: 'User//z|rule' })
})

test('objects are named by kind and name, whatever they hold', () => {
  const deletes = [{ apiVersion: 'v1', kind: 'Secret', namespace: 'a', name: 'b' }]
  const objects = [{ kind: 'Namespace', metadata: { name: 'web' } }, null, { kind: 7, metadata: [] }]
  assert.deepEqual(objectsOf({ objects, deletes }), ['Namespace web', ' ', ' ', 'Secret a/b'])
})

test('shares and times read as on the rest of the page', () => {
  assert.equal(lessText(0.38), '−38 %')
  assert.equal(lessText(0.0001), '< 0.1 %')
  assert.equal(timeText('2026-11-07T09:40:12.000Z'), '7 Nov 2026 09:40')
  assert.equal(timeText('2026-99-07T09:40'), '2026-99-07T09:40')
  assert.equal(timeText(''), '')
})
