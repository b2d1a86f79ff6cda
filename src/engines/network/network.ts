import type { Engine } from '../engine.ts'
import { exposureEdges } from './exposure/exposures.ts'
import { networkFindings } from './findings.ts'
import { type NetworkOptions, networkModel } from './model.ts'
import { reachEdges } from './reach.ts'
import { networkUnknowns } from './unknowns.ts'

export { NETWORK_KINDS } from './kinds.ts'

/** Who can connect to whom, and what the internet reaches: NetworkPolicy v1, and what opens workloads to the outside. */
export function networkEngine(options: NetworkOptions = {}): Engine {
  return {
    name: 'network',
    *edges(cluster) {
      yield* reachEdges(networkModel(cluster, options))
      yield* exposureEdges(cluster, options)
    },
    findings: (cluster) => networkFindings(networkModel(cluster, options)),
    unknowns: (cluster) => networkUnknowns(networkModel(cluster, options), options),
  }
}
