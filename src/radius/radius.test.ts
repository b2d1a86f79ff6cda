import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chokePoints } from './dominators.ts'
import { buildGraph, type Graph, type GraphEdge, type Sink } from './graph.ts'
import { pathsFrom } from './paths.ts'
import { reachOf } from './risk.ts'

const CHANCES = [1, 1, 1, 0.5, 0.1, 0.02]

const cases = fc.record({
  edges: fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 9 }).map(String),
      to: fc.integer({ min: 0, max: 9 }).map(String),
      chance: fc.constantFrom(...CHANCES),
      truth: fc.constantFrom('yes' as const, 'yes' as const, 'unknown' as const),
    }),
    { maxLength: 25 },
  ),
  sinks: fc.array(fc.array(fc.integer({ min: 0, max: 9 }).map(String), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 5,
  }),
})

const make = (edges: readonly GraphEdge[], sinks: readonly (readonly string[])[]): Graph =>
  buildGraph(
    edges,
    sinks.map((nodes, at): Sink => ({ id: `sink ${at}`, nodes })),
    [...'0123456789'],
  )

/** The definition itself: the best product over walks with at most two contact steps, by repeated relaxation. */
function naiveBest(edges: readonly GraphEdge[], source: string): Map<string, number> {
  const best = new Map<string, number>([[`${source} 0`, 1]])
  for (let round = 0; round < 40; round++) {
    for (const edge of edges) {
      for (const used of [0, 1, 2]) {
        const before = best.get(`${edge.from} ${used}`) ?? 0
        const after = edge.chance < 1 ? used + 1 : used
        if (before > 0 && after <= 2)
          best.set(`${edge.to} ${after}`, Math.max(best.get(`${edge.to} ${after}`) ?? 0, before * edge.chance))
      }
    }
  }
  const result = new Map<string, number>()
  for (const [key, chance] of best) {
    const node = key.split(' ')[0] as string
    result.set(node, Math.max(result.get(node) ?? 0, chance))
  }
  return result
}

test('the reach of every source is the sum of value times best chance', () => {
  fc.assert(
    fc.property(cases, ({ edges, sinks }) => {
      const graph = make(edges, sinks)
      const values = Float64Array.from(sinks, (_, at) => at + 1)
      const total = values.reduce((sum, value) => sum + value, 0)
      const sources = [...'0123456789'].map((id) => graph.indexOf(id) as number)
      const reaches = reachOf(graph, sources, values)
      for (const [at, source] of [...'0123456789'].entries()) {
        const best = naiveBest(edges, source)
        const chances = sinks.map((nodes) => Math.max(...nodes.map((node) => best.get(node) ?? 0)))
        const expected = chances.reduce((sum, chance, sink) => sum + chance * (values[sink] as number), 0) / total
        assert.ok(
          Math.abs((reaches[at]?.share ?? -1) - expected) < 1e-12,
          `share of ${source}: ${reaches[at]?.share} for ${expected}`,
        )
        assert.deepEqual(
          [...(reaches[at]?.controlled.items ?? [])],
          chances.flatMap((chance, sink) => (chance === 1 ? [sink] : [])),
        )
        assert.equal(reaches[at]?.contacted, chances.filter((chance) => chance > 0 && chance < 1).length)
      }
    }),
    { numRuns: 500 },
  )
})

test('sources of one group have the same reach, and edges that do not count are not there', () => {
  fc.assert(
    fc.property(cases, ({ edges, sinks }) => {
      const graph = make(edges, sinks)
      const values = new Float64Array(sinks.length).fill(1)
      const sources = graph.ids.map((_, node) => node).slice(0, graph.sinkStart)
      const groups = new Map<number, number>()
      for (const reach of reachOf(graph, sources, values)) {
        const share = groups.get(reach.group)
        if (share !== undefined) assert.equal(reach.share, share)
        groups.set(reach.group, reach.share)
      }
      const certain = reachOf(graph, sources, values, (edge) => graph.unknown[edge] === 0)
      const without = make(
        edges.filter((edge) => edge.truth === 'yes'),
        sinks,
      )
      const expected = reachOf(
        without,
        sources.map((node) => without.indexOf(graph.ids[node] as string) as number),
        values,
      )
      assert.deepEqual(
        certain.map((each) => each.share),
        expected.map((each) => each.share),
      )
    }),
  )
})

test('a path is a chain from its source, multiplies to the best chance and uses at most two contact steps', () => {
  fc.assert(
    fc.property(cases, ({ edges, sinks }) => {
      const graph = make(edges, sinks)
      for (const id of '0123456789') {
        const source = graph.indexOf(id) as number
        const paths = pathsFrom(graph, source)
        const best = naiveBest(edges, id)
        for (const other of '0123456789') {
          const node = graph.indexOf(other) as number
          assert.ok(Math.abs((paths.chance[node] as number) - (best.get(other) ?? 0)) < 1e-12)
          let here = source
          let chance = 1
          let contacts = 0
          for (const edge of paths.to(node)) {
            assert.equal(graph.from[edge], here)
            here = graph.to[edge] as number
            chance *= graph.chance[edge] as number
            if ((graph.chance[edge] as number) < 1) contacts++
          }
          if ((paths.chance[node] as number) > 0) assert.equal(here, node)
          assert.ok(contacts <= 2)
          if (paths.to(node).length > 0) assert.ok(Math.abs(chance - (paths.chance[node] as number)) < 1e-12)
        }
      }
    }),
  )
})

test('without a choke point none of the sinks behind it is controlled, and every other node can be spared', () => {
  fc.assert(
    fc.property(cases, ({ edges, sinks }) => {
      const graph = make(edges, sinks)
      const source = graph.indexOf('0') as number
      const controlled = (skip: number): Set<number> => {
        const seen = new Set<number>([source])
        const queue = [source]
        for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
          graph.from.forEach((from, edge) => {
            const to = graph.to[edge] as number
            if (from !== node || graph.chance[edge] !== 1 || to === skip || seen.has(to)) return
            seen.add(to)
            queue.push(to)
          })
        }
        return new Set([...seen].filter((node) => node >= graph.sinkStart).map((node) => node - graph.sinkStart))
      }
      const all = controlled(-1)
      const points = new Map(chokePoints(graph, source).map((point) => [point.node, point.sinks]))
      for (let node = 0; node < graph.sinkStart; node++) {
        if (node === source) continue
        const lost = [...all].filter((sink) => !controlled(node).has(sink)).sort()
        assert.deepEqual([...(points.get(node) ?? [])].sort(), lost, `node ${graph.ids[node]}`)
      }
    }),
    { numRuns: 300 },
  )
})

test('of paths with equal chances the one with the fewest unknown steps is shown, then the shortest', () => {
  const edge = (from: string, to: string, truth: 'yes' | 'unknown' = 'yes'): GraphEdge => ({
    from,
    to,
    chance: 1,
    truth,
  })
  const graph = make(
    [edge('0', '9', 'unknown'), edge('0', '1'), edge('1', '9'), edge('0', '2'), edge('2', '3'), edge('3', '9')],
    [['9']],
  )
  const way = pathsFrom(graph, graph.indexOf('0') as number).to(graph.indexOf('9') as number)
  assert.deepEqual(
    way.map((at) => graph.ids[graph.to[at] as number]),
    ['1', '9'],
  )
})
