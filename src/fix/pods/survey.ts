import type { Workload } from '../../cluster/workload.ts'
import type { Edge } from '../../engines/engine.ts'
import { HOST_STEPS } from '../../engines/escape/escape.ts'
import type { FixContext } from '../fix.ts'
import { isPartOfNode } from './agents.ts'

/**
 * What the edges of a cluster say of its workloads, as far as their pod templates decide it. What parts of a node have of
 * it is not here, for no fix may take it.
 */
export interface Survey {
  /** Workloads with steps onto a node, and those steps. */
  readonly escaping: ReadonlyMap<Workload, readonly Edge[]>
  /** Workloads that hold a token of use, and the steps to its account. */
  readonly withToken: ReadonlyMap<Workload, readonly Edge[]>
  /** Workloads that a port of their node leads to from outside. */
  readonly withHostPort: ReadonlySet<Workload>
  /** Subjects that something is open to by rights of their own, over what their groups have. */
  readonly strong: ReadonlySet<string>
  /** Subjects that something is open to at all. */
  readonly able: ReadonlySet<string>
}

const done = new WeakMap<FixContext['edges'], Survey>()

/** Looked at once for all proposers. */
export function surveyOf({ cluster, edges }: FixContext): Survey {
  const before = done.get(edges)
  if (before) return before
  const escaping = new Map<Workload, Edge[]>()
  const withToken = new Map<Workload, Edge[]>()
  const withHostPort = new Set<Workload>()
  const strong = new Set<string>()
  const able = new Set<string>()
  for (const edge of edges) {
    if (HOST_STEPS.has(edge.kind)) add(escaping, removable(cluster.workload(edge.from)), edge)
    else if (edge.kind === 'token') add(withToken, cluster.workload(edge.from), edge)
    else if (edge.kind === 'exposed-host-port') {
      const workload = removable(cluster.workload(edge.to))
      if (workload) withHostPort.add(workload)
    } else if (edge.from.startsWith('ServiceAccount/')) {
      able.add(edge.from)
      if (edge.kind !== 'member') strong.add(edge.from)
    }
  }
  const survey = { escaping, withToken, withHostPort, strong, able }
  done.set(edges, survey)
  return survey
}

function removable(workload: Workload | undefined): Workload | undefined {
  return workload && !isPartOfNode(workload) ? workload : undefined
}

function add(found: Map<Workload, Edge[]>, workload: Workload | undefined, edge: Edge): void {
  if (!workload) return
  const same = found.get(workload)
  if (same) same.push(edge)
  else found.set(workload, [edge])
}
