import type { Graph } from './graph.ts'

export interface Components {
  readonly count: number
  /** The component of each node. A component's number is greater than that of every component it leads to. */
  readonly of: Int32Array
}

/** Strongly connected components over the edges that `counts` lets through; Tarjan's algorithm without recursion. */
export function components(graph: Graph, counts: (edge: number) => boolean): Components {
  const nodes = graph.ids.length
  const of = new Int32Array(nodes).fill(-1)
  const order = new Int32Array(nodes).fill(-1)
  const low = new Int32Array(nodes)
  const stack: number[] = []
  const path: number[] = []
  const next = new Int32Array(nodes)
  let counter = 0
  let count = 0
  for (let root = 0; root < nodes; root++) {
    if (order[root] !== -1) continue
    path.push(root)
    while (path.length > 0) {
      const node = path.at(-1) as number
      if (order[node] === -1) {
        order[node] = low[node] = counter++
        stack.push(node)
        next[node] = graph.start[node] as number
      }
      const child = unvisited(graph, node, next, counts, order, low, of)
      if (child >= 0) {
        path.push(child)
        continue
      }
      path.pop()
      const parent = path.at(-1)
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number)
      if (low[node] !== order[node]) continue
      for (;;) {
        const member = stack.pop() as number
        of[member] = count
        if (member === node) break
      }
      count++
    }
  }
  return { count, of }
}

/** The next child of `node` that was not visited yet, or -1; children on the stack lower its mark on the way. */
function unvisited(
  graph: Graph,
  node: number,
  next: Int32Array,
  counts: (edge: number) => boolean,
  order: Int32Array,
  low: Int32Array,
  of: Int32Array,
): number {
  const end = graph.start[node + 1] as number
  while ((next[node] as number) < end) {
    const edge = graph.out[next[node] as number] as number
    next[node] = (next[node] as number) + 1
    if (!counts(edge)) continue
    const child = graph.to[edge] as number
    if (order[child] === -1) return child
    if (of[child] === -1) low[node] = Math.min(low[node] as number, order[child] as number)
  }
  return -1
}
