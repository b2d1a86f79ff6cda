import type { Evidence } from '../../src/report/evidence.ts'
import { type Step, stepsOf } from '../../src/report/words.ts'
import { edgesOf, type Radius, wayTo } from './radius.ts'
import type { Walk } from './walk.ts'

export interface ToldStep extends Step {
  readonly because: readonly Evidence[]
}

/** The best path to an asset as steps with all that they rest on. */
export function pathTo(walk: Walk, radius: Radius, asset: number): readonly ToldStep[] {
  return told(walk, wayTo(walk, radius.paths, asset))
}

/** A longer way on which no step is unknown, where the best one has such a step and another leads there as well. */
export function certainPathTo(walk: Walk, radius: Radius, asset: number): readonly ToldStep[] | undefined {
  const reached = radius.of[asset]
  const isDoubted = wayTo(walk, radius.paths, asset).some((edge) => walk.graph.unknown[edge] === 1)
  if (!reached || !isDoubted || reached.certain < reached.chance) return undefined
  return told(walk, wayTo(walk, radius.certainPaths, asset))
}

function told(walk: Walk, way: readonly number[]): readonly ToldStep[] {
  return stepsOf(edgesOf(walk, way), walk.titleOf).map((step) => ({
    ...step,
    because: distinct(step.edges.flatMap((at) => walk.evidenceOf(way[at] as number))),
  }))
}

const INTERNET = 'Internet//internet'

/** What lets outsiders reach an entry: the evidence of the edges from the internet to it. */
export function exposureOf({ graph, evidenceOf }: Walk, entry: string): readonly Evidence[] {
  const internet = graph.indexOf(INTERNET)
  const target = graph.indexOf(entry)
  if (internet === undefined || target === undefined) return []
  const edges = [...graph.out.subarray(graph.start[internet], graph.start[internet + 1])]
  return distinct(edges.filter((edge) => graph.to[edge] === target).flatMap(evidenceOf))
}

function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  const found = new Map<string, Evidence>()
  for (const each of evidence) found.set(JSON.stringify(each), each)
  return [...found.values()]
}
