import type { Graph } from '../radius/graph.ts'
import type { JudgedEntry } from '../radius/judge.ts'
import { pathsFrom } from '../radius/paths.ts'
import type { Outlook } from './outlook.ts'

/**
 * For each edge a bound on the risk that goes when it goes: the sum, over the best paths that it lies on, of entry x asset x
 * chance. Entries of one class share all but their first steps, so one of them is walked for all; the steps that only one
 * entry has are worth at most what that entry loses.
 */
export function worthOf({ graph, entries, assets }: Outlook, mostClasses: number): Float64Array {
  const worth = new Float64Array(graph.sinkEdgeStart)
  const total = assets.reduce((sum, asset) => sum + asset.value, 0)
  if (total === 0) return worth
  const classes = [...Map.groupBy(entries, (entry) => entry.reach.group).values()]
  const weightOf = (members: readonly JudgedEntry[]): number => members.reduce((sum, each) => sum + each.weight, 0)
  classes.sort((a, b) => weightOf(b) * lossOf(b) - weightOf(a) * lossOf(a))
  for (const members of classes.slice(0, mostClasses)) {
    const [first, ...others] = members as [JudgedEntry, ...JudgedEntry[]]
    const source = graph.indexOf(first.id)
    if (source === undefined || first.reach.share === 0) continue
    const paths = pathsFrom(graph, source)
    const weight = weightOf(members)
    for (const [sink, asset] of assets.entries()) {
      const chance = paths.chance[graph.sinkStart + sink] as number
      if (chance === 0) continue
      const part = (weight * chance * asset.value) / total
      for (const edge of paths.to(graph.sinkStart + sink))
        if (edge < worth.length) worth[edge] = (worth[edge] as number) + part
    }
    for (const { id, weight: own, reach } of others) raiseOwnSteps(graph, id, own * reach.share, worth)
  }
  return worth
}

function lossOf(members: readonly JudgedEntry[]): number {
  return members[0]?.reach.share ?? 0
}

const MOST_OWN_STEPS = 8

/** The steps out of a node, and on while no other step leads to where they lead. */
function raiseOwnSteps(graph: Graph, id: string, bound: number, worth: Float64Array): void {
  const incoming = incomingOf(graph)
  const source = graph.indexOf(id)
  let here = source === undefined ? [] : [source]
  for (let step = 0; step < MOST_OWN_STEPS && here.length > 0; step++) {
    const next: number[] = []
    for (const node of here) {
      for (let at = graph.start[node] as number; at < (graph.start[node + 1] as number); at++) {
        const edge = graph.out[at] as number
        if (edge >= worth.length) continue
        worth[edge] = Math.max(worth[edge] as number, bound)
        const to = graph.to[edge] as number
        if (incoming[to] === 1) next.push(to)
      }
    }
    here = next
  }
}

const counts = new WeakMap<Graph, Int32Array>()

function incomingOf(graph: Graph): Int32Array {
  const known = counts.get(graph)
  if (known) return known
  const incoming = new Int32Array(graph.ids.length)
  for (const node of graph.to) incoming[node] = (incoming[node] as number) + 1
  counts.set(graph, incoming)
  return incoming
}
