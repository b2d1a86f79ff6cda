import type { Graph } from './graph.ts'

/** A node that every control path to some sinks passes: a choke point of the entry. */
export interface ChokePoint {
  readonly node: number
  /** The sinks behind it, by their place among the sinks. */
  readonly sinks: readonly number[]
}

/**
 * The nodes, other than the source, that dominate sinks in its control graph, those with most behind them first
 * (Cooper, Harvey and Kennedy: A Simple, Fast Dominance Algorithm).
 */
export function chokePoints(
  graph: Graph,
  source: number,
  counts: (edge: number) => boolean = () => true,
): readonly ChokePoint[] {
  const { order, number, into } = reversePostorder(graph, source, counts)
  const parent = new Int32Array(order.length).fill(-1)
  parent[0] = 0
  for (let changed = true; changed; ) {
    changed = false
    for (let at = 1; at < order.length; at++) {
      let meet = -1
      for (const from of into[at] as readonly number[])
        if (parent[from] !== -1) meet = meet === -1 ? from : intersect(parent, meet, from)
      if (meet !== parent[at]) {
        parent[at] = meet
        changed = true
      }
    }
  }
  const behind = new Map<number, number[]>()
  order.forEach((node, at) => {
    if (node < graph.sinkStart) return
    for (let above = parent[at] as number; above > 0; above = parent[above] as number) {
      const dominator = order[above] as number
      const sinks = behind.get(dominator)
      if (sinks) sinks.push(node - graph.sinkStart)
      else behind.set(dominator, [node - graph.sinkStart])
    }
  })
  return [...behind]
    .map(([node, sinks]) => ({ node, sinks }))
    .sort((a, b) => b.sinks.length - a.sinks.length || (number.get(a.node) as number) - (number.get(b.node) as number))
}

function intersect(parent: Int32Array, a: number, b: number): number {
  let left = a
  let right = b
  while (left !== right) {
    while (left > right) left = parent[left] as number
    while (right > left) right = parent[right] as number
  }
  return left
}

/** Nodes that the source controls in reverse postorder, with the places of those that lead to each. */
function reversePostorder(
  graph: Graph,
  source: number,
  counts: (edge: number) => boolean,
): { order: readonly number[]; number: ReadonlyMap<number, number>; into: readonly (readonly number[])[] } {
  const postorder: number[] = []
  const seen = new Set<number>([source])
  const path: [node: number, next: number][] = [[source, graph.start[source] as number]]
  while (path.length > 0) {
    const top = path.at(-1) as [number, number]
    if (top[1] >= (graph.start[top[0] + 1] as number)) {
      postorder.push(top[0])
      path.pop()
      continue
    }
    const edge = graph.out[top[1]++] as number
    const child = graph.to[edge] as number
    if (graph.chance[edge] !== 1 || !counts(edge) || seen.has(child)) continue
    seen.add(child)
    path.push([child, graph.start[child] as number])
  }
  const order = postorder.reverse()
  const number = new Map(order.map((node, at) => [node, at]))
  const into: number[][] = order.map(() => [])
  order.forEach((node, at) => {
    for (let edge = graph.start[node] as number; edge < (graph.start[node + 1] as number); edge++) {
      const each = graph.out[edge] as number
      if (graph.chance[each] === 1 && counts(each)) into[number.get(graph.to[each] as number) as number]?.push(at)
    }
  })
  return { order, number, into }
}
