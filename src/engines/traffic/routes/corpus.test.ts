import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildCluster } from '../../../cluster/cluster.ts'
import { knownOf, partsOf } from '../../../known.ts'
import { readInputs } from '../../../observe/files/read.ts'
import type { Known } from '../../known.ts'
import { type Routing, routingOf } from './routes.ts'
import { stateOf } from './state.ts'

const root = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../../../shared/corpus', import.meta.url))
const skip = existsSync(root) ? false : `no corpus at ${root} (set BULKHEAD_CORPUS)`

async function routed(set: string): Promise<{ known: Known; routing: Routing }> {
  const { objects, listed, locate } = await readInputs([join(root, set)], { recursive: true })
  const cluster = buildCluster({ objects, listed, locate })
  const known = knownOf(cluster, partsOf(cluster, { enforced: 'assume' }))
  return { known, routing: routingOf(cluster, known) }
}

/** Routes by whether something limits requests, and what was left out. */
const COUNTS: Readonly<Record<string, string>> = {
  'gke-networking-recipes': 'none 24, inert 1; 8 left out',
  'gke-samples': 'none 22; 10 left out',
  'ingress-nginx': 'none 19, unknown 2; 0 left out',
  'istio-bookinfo': 'none 2, unknown 19; 0 left out',
}

/** Kinds that the network engine does not read: it says of no workload that they expose it. */
const BEYOND: ReadonlySet<string> = new Set(['HTTPRoute.networking.x-k8s.io', 'MultiClusterIngress.networking.gke.io'])

describe('the corpus', { skip }, () => {
  const sets = skip
    ? []
    : readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  for (const set of sets)
    test(`${set}: every route is classified, and nothing is unknown without what is missing`, async () => {
      const { known, routing } = await routed(set)
      const { routes, left, doors } = routing
      const counts = Map.groupBy(routes, stateOf)
      const states = (['none', 'inert', 'bypassable', 'effective', 'unknown'] as const).flatMap((state) =>
        counts.has(state) ? [`${state} ${counts.get(state)?.length}`] : [],
      )
      if (Object.hasOwn(COUNTS, set)) assert.equal(`${states.join(', ')}; ${left.length} left out`, COUNTS[set])
      for (const { id, limits, exposed, missing } of routes) {
        if (exposed === 'unknown') assert.ok(missing, id)
        for (const each of limits) {
          assert.ok(each.because.length > 0, id)
          if (each.state === 'unknown') assert.ok(each.unknown?.missing, `${id} ${each.limit.kind}`)
          if (each.state === 'inert' || each.state === 'bypassable') assert.ok(each.rule && each.decided?.length, id)
        }
      }
      for (const { because, id } of left) assert.ok(because.length > 0, id)
      assert.equal(new Set(routes.map(({ id }) => id)).size, routes.length)
      // What is exposed has a route, or is a controller, of which all routes come; and the other way round.
      const routedTo = new Set(routes.flatMap(({ target }) => target.workloads))
      const own = new Set(doors.map(({ controller }) => controller.workload?.id))
      const exposed = new Set(known.exposures().map(({ workload }) => workload))
      assert.deepEqual(
        [...exposed].filter((each) => !routedTo.has(each) && !own.has(each)),
        [],
      )
      for (const { id, object, target } of routes)
        if (target.workloads.some((each) => !exposed.has(each)))
          assert.ok(BEYOND.has(`${object.kind}.${object.group}`), `${id} is not exposed to the network engine`)
    })
})
