import type { Graph } from './graph.ts'

/** At most two steps of a path may need a further exploit. */
export const MOST_CONTACTS = 2

/** Best paths from one node to every other. */
export interface Paths {
  /** The best chance of each node: 1 at the source and whatever it controls, 0 where no path leads. */
  readonly chance: Float64Array
  /** The edges of a best path to a node, in order; empty for the source itself and for what is not reached. */
  to(node: number): readonly number[]
}

/** An unknown step counts more than any number of known ones: a path that is certain is the better answer. */
const UNKNOWN = 100_000

/**
 * The greatest product of chances over paths with at most two contact steps; of equal ones the path with the fewest
 * unknown steps, then with the fewest steps, then the one whose edges come first. Dijkstra’s algorithm over
 * (node, contact steps used).
 */
export function pathsFrom(graph: Graph, source: number, counts: (edge: number) => boolean = () => true): Paths {
  const nodes = graph.ids.length
  const layers = MOST_CONTACTS + 1
  const chance = new Float64Array(nodes * layers)
  const toll = new Int32Array(nodes * layers).fill(0x7fffffff)
  const via = new Int32Array(nodes * layers).fill(-1)
  const done = new Uint8Array(nodes * layers)
  const queue = heap(
    (a, b) =>
      (chance[a] as number) > (chance[b] as number) ||
      (chance[a] === chance[b] && (toll[a] as number) < (toll[b] as number)),
  )
  const start = source * layers
  chance[start] = 1
  toll[start] = 0
  queue.push(start)
  for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
    if (done[state] === 1) continue
    done[state] = 1
    const node = Math.floor(state / layers)
    const used = state % layers
    for (let at = graph.start[node] as number; at < (graph.start[node + 1] as number); at++) {
      const edge = graph.out[at] as number
      const own = graph.chance[edge] as number
      if (own <= 0 || !counts(edge)) continue
      const layer = own < 1 ? used + 1 : used
      if (layer >= layers) continue
      const next = (graph.to[edge] as number) * layers + layer
      const better = (chance[state] as number) * own
      const further = (toll[state] as number) + (graph.unknown[edge] === 1 ? UNKNOWN : 1)
      if (better < (chance[next] as number) || (better === chance[next] && further >= (toll[next] as number))) continue
      chance[next] = better
      toll[next] = further
      via[next] = edge
      queue.push(next)
    }
  }
  return { chance: bestOf(chance, nodes, layers), to: (node) => trace(graph, node, layers, chance, toll, via) }
}

function bestLayer(node: number, layers: number, chance: Float64Array, toll: Int32Array): number {
  let best = node * layers
  for (let state = best + 1; state < (node + 1) * layers; state++) {
    const more = (chance[state] as number) > (chance[best] as number)
    if (more || (chance[state] === chance[best] && (toll[state] as number) < (toll[best] as number))) best = state
  }
  return best
}

function bestOf(chance: Float64Array, nodes: number, layers: number): Float64Array {
  const best = new Float64Array(nodes)
  for (let node = 0; node < nodes; node++)
    for (let layer = 0; layer < layers; layer++)
      best[node] = Math.max(best[node] as number, chance[node * layers + layer] as number)
  return best
}

function trace(
  graph: Graph,
  node: number,
  layers: number,
  chance: Float64Array,
  toll: Int32Array,
  via: Int32Array,
): readonly number[] {
  const edges: number[] = []
  let state = bestLayer(node, layers, chance, toll)
  while ((via[state] as number) >= 0) {
    const edge = via[state] as number
    edges.push(edge)
    const layer = (state % layers) - ((graph.chance[edge] as number) < 1 ? 1 : 0)
    state = (graph.from[edge] as number) * layers + layer
  }
  return edges.reverse()
}

function heap(before: (a: number, b: number) => boolean): { push(item: number): void; pop(): number | undefined } {
  const items: number[] = []
  const swap = (a: number, b: number): void => {
    const item = items[a] as number
    items[a] = items[b] as number
    items[b] = item
  }
  return {
    push(item) {
      items.push(item)
      let at = items.length - 1
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!before(items[at] as number, items[parent] as number)) break
        swap(at, parent)
        at = parent
      }
    },
    pop() {
      const top = items[0]
      const last = items.pop()
      if (items.length === 0 || last === undefined) return top
      items[0] = last
      let at = 0
      for (;;) {
        let least = at
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < items.length && before(items[child] as number, items[least] as number)) least = child
        if (least === at) return top
        swap(at, least)
        at = least
      }
    },
  }
}
