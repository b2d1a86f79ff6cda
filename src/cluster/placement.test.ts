import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mayRunOn } from './stand-in.ts'
import { clusterOf } from './testing.ts'

const node = (name: string, { pool, tainted }: { pool: string; tainted: boolean }): string => `
apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {pool: ${pool}}}
spec: {taints: ${tainted ? '[{key: own, value: "1", effect: NoSchedule}]' : '[]'}}
`
interface Asked {
  readonly kind: 'Deployment' | 'DaemonSet'
  readonly pool: string
  readonly tolerates: boolean
}
const workload = (name: string, { kind, pool, tolerates }: Asked): string => `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec:
  template:
    spec:
      nodeSelector: ${pool === '' ? '{}' : `{pool: ${pool}}`}
      tolerations: ${tolerates ? '[{key: own, operator: Exists}]' : '[]'}
      containers: [{name: main, image: main}]
`

test('workloads that ask the same of a node share their places, and each has its own', () => {
  const pool = fc.constantFrom('a', 'b')
  const nodes = fc.array(fc.record({ pool, tainted: fc.boolean() }), { minLength: 1, maxLength: 6 })
  const workloads = fc.array(
    fc.record({
      kind: fc.constantFrom('Deployment' as const, 'DaemonSet' as const),
      pool: fc.constantFrom('', 'a', 'b'),
      tolerates: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(nodes, workloads, (some, asked) => {
      const cluster = clusterOf(
        [...some.map((each, at) => node(`n${at}`, each)), ...asked.map((each, at) => workload(`w${at}`, each))].join(
          '---\n',
        ),
      )
      for (const each of cluster.workloads) {
        const [shape] = each.specs
        const possible = cluster.placement.nodes.filter((one) => shape && mayRunOn(shape.pod, one))
        const truth = each.kind === 'DaemonSet' || possible.length === 1 ? 'yes' : 'unknown'
        assert.deepEqual(
          cluster.placement.placesOf(each).map((place) => [place.node.name, place.truth]),
          possible.map(({ name }) => [name, truth]),
        )
      }
    }),
    { numRuns: 100 },
  )
})

test('the places of many workloads are no more than what they ask is different', () => {
  const plain = { kind: 'Deployment', pool: '', tolerates: false } as const
  const cluster = clusterOf(
    [
      ...[0, 1, 2].map((at) => node(`n${at}`, { pool: 'a', tainted: false })),
      ...[0, 1, 2, 3].map((at) => workload(`w${at}`, { ...plain, tolerates: at === 3 })),
    ].join('---\n'),
  )
  assert.equal(new Set(cluster.workloads.map((each) => cluster.placement.placesOf(each))).size, 2)
})
