import { idParts } from '../../cluster/object.ts'
import { clusterOf } from '../../cluster/testing.ts'
import type { Edge } from '../engine.ts'
import type { Known } from '../known.ts'
import { admits } from '../policy/pod-security.ts'
import { escapeEngine } from './escape.ts'

/**
 * For tests: the edges of this engine alone. The service account `reader` may do what is asked; pods of the namespace
 * `cut-off` do not reach the API server.
 */
export function edgesOf(text: string, version = 'v1.36'): readonly Edge[] {
  const cluster = clusterOf(text, { version })
  const never = (): never => {
    throw new Error('not asked by this engine')
  }
  const known: Known = {
    reachesApiServer: ({ namespace }) => ({ truth: namespace === 'cut-off' ? 'no' : 'yes', because: [] }),
    controlPlaneReaches: never,
    reaches: never,
    admits: (namespace, level) => admits(cluster, namespace, level),
    isWalled: never,
    mountsToken: (_, { pod }) => ({ truth: pod.automountToken === false ? 'no' : 'yes', because: [] }),
    dependencies: { services: [], external: [], unknown: [], registryCredentials: [] },
    isStore: () => false,
    guards: never,
    guardsAgainst: never,
    openings: never,
    hostVolumes: never,
    nodeReads: never,
    chosenLabels: never,
    applicationOf: (workload) => `Application//${idParts(workload).name}`,
    reachesAddress: never,
    exposures: never,
    facesOutside: never,
    policy: never,
    authorizes: ({ serviceAccount }) => ({ truth: serviceAccount === 'reader' ? 'yes' : 'no', because: [] }),
  }
  return [...escapeEngine.edges(cluster, known)]
}

/**
 * For tests: how certain it is that one node leads to another, through scopes as well; `none` where it does not. Only
 * edges of these kinds are walked, where some are given.
 */
export function truthOf(
  edges: readonly Edge[],
  from: string,
  to: string,
  ...kinds: readonly string[]
): 'yes' | 'unknown' | 'none' {
  const reached = (walked: readonly Edge[]): boolean => {
    const seen = new Set([from])
    for (const id of seen) {
      for (const edge of walked)
        if (edge.from === id && edge.chance === 1 && (kinds.length === 0 || [...kinds, 'contains'].includes(edge.kind)))
          seen.add(edge.to)
    }
    return seen.has(to)
  }
  if (reached(edges.filter((edge) => edge.truth === 'yes'))) return 'yes'
  return reached(edges) ? 'unknown' : 'none'
}
