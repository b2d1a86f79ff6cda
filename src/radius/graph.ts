/**
 * The graph as numbers: dense node and edge indexes, adjacency in compressed rows. It knows nothing of clusters, so that
 * a report can carry it and a browser walk it with the same code.
 */

export interface GraphEdge {
  readonly from: string
  readonly to: string
  readonly chance: number
  readonly truth: 'yes' | 'unknown'
}

/** An asset is reached when any of its nodes is. */
export interface Sink {
  readonly id: string
  readonly nodes: readonly string[]
}

export interface Graph {
  /** Ids of the nodes; those of the sinks follow, at `sinkStart` and after. */
  readonly ids: readonly string[]
  readonly sinkStart: number
  indexOf(id: string): number | undefined
  /** Edges by index, in the order in which they were given; edges into sinks follow, at `sinkEdgeStart` and after. */
  readonly sinkEdgeStart: number
  readonly from: Int32Array
  readonly to: Int32Array
  readonly chance: Float64Array
  readonly unknown: Uint8Array
  /** `out.subarray(start[v], start[v + 1])` are the edges that leave v. */
  readonly start: Int32Array
  readonly out: Int32Array
}

export function buildGraph(
  edges: readonly GraphEdge[],
  sinks: readonly Sink[],
  extraNodes: Iterable<string> = [],
): Graph {
  const index = new Map<string, number>()
  const ids: string[] = []
  const intern = (id: string): number => {
    let at = index.get(id)
    if (at === undefined) {
      at = ids.length
      ids.push(id)
      index.set(id, at)
    }
    return at
  }
  for (const id of extraNodes) intern(id)
  const pairs = edges.map((edge) => [intern(edge.from), intern(edge.to)] as const)
  const sinkPairs = sinks.flatMap((sink, at) => sink.nodes.map((node) => [intern(node), at] as const))
  const sinkStart = ids.length
  for (const sink of sinks) ids.push(sink.id)
  const count = edges.length + sinkPairs.length
  const from = new Int32Array(count)
  const to = new Int32Array(count)
  const chance = new Float64Array(count).fill(1)
  const unknown = new Uint8Array(count)
  edges.forEach((edge, at) => {
    const pair = pairs[at] as readonly [number, number]
    from[at] = pair[0]
    to[at] = pair[1]
    chance[at] = edge.chance
    unknown[at] = edge.truth === 'unknown' ? 1 : 0
  })
  sinkPairs.forEach(([node, sink], at) => {
    from[edges.length + at] = node
    to[edges.length + at] = sinkStart + sink
  })
  return {
    ids,
    sinkStart,
    sinkEdgeStart: edges.length,
    indexOf: (id) => index.get(id),
    from,
    to,
    chance,
    unknown,
    ...rows(from, ids.length),
  }
}

/** Counting sort of edges by where they start. */
function rows(from: Int32Array, nodes: number): { start: Int32Array; out: Int32Array } {
  const start = new Int32Array(nodes + 1)
  for (const node of from) start[node + 1] = (start[node + 1] as number) + 1
  for (let node = 0; node < nodes; node++) start[node + 1] = (start[node + 1] as number) + (start[node] as number)
  const next = start.slice()
  const out = new Int32Array(from.length)
  for (let edge = 0; edge < from.length; edge++) {
    const node = from[edge] as number
    out[next[node] as number] = edge
    next[node] = (next[node] as number) + 1
  }
  return { start, out }
}
