import { type Components, components } from './components.ts'
import type { Graph } from './graph.ts'
import { type IntSet, type SetPool, setPool } from './sets.ts'

/** What each node controls: the closure over control edges, one row for each strongly connected component. */
export interface Closure {
  readonly parts: Components
  /** By component: the sinks that it controls. */
  readonly sinks: readonly IntSet[]
  /** By component: the components, itself included, that contact edges leave and that it controls. */
  readonly contacts: readonly IntSet[]
  /** By component: its contact edges, the best chance for each component they lead to. */
  readonly leaving: ReadonlyMap<number, ReadonlyMap<number, number>>
  readonly pool: { readonly sinks: SetPool; readonly contacts: SetPool }
}

export function closure(graph: Graph, counts: (edge: number) => boolean): Closure {
  const isControl = (edge: number): boolean => graph.chance[edge] === 1 && counts(edge)
  const parts = components(graph, isControl)
  const leaving = contactEdges(graph, parts, counts)
  const pool = { sinks: setPool(graph.ids.length - graph.sinkStart), contacts: setPool(parts.count) }
  const sinks: IntSet[] = new Array(parts.count).fill(pool.sinks.empty)
  const contacts: IntSet[] = new Array(parts.count).fill(pool.contacts.empty)
  const members = membersOf(parts)
  // A component is numbered after every one that it leads to, so that those rows are done.
  for (let part = 0; part < parts.count; part++) {
    const own: number[] = []
    const children = new Set<number>()
    for (const node of members(part)) {
      if (node >= graph.sinkStart) own.push(node - graph.sinkStart)
      for (let at = graph.start[node] as number; at < (graph.start[node + 1] as number); at++) {
        const edge = graph.out[at] as number
        const child = parts.of[graph.to[edge] as number] as number
        if (child !== part && isControl(edge)) children.add(child)
      }
    }
    const rows = [...children]
    sinks[part] = pool.sinks.union(
      rows.map((child) => sinks[child] as IntSet),
      own,
    )
    contacts[part] = pool.contacts.union(
      rows.map((child) => contacts[child] as IntSet),
      leaving.has(part) ? [part] : [],
    )
  }
  return { parts, sinks, contacts, leaving, pool }
}

function contactEdges(
  graph: Graph,
  parts: Components,
  counts: (edge: number) => boolean,
): Map<number, Map<number, number>> {
  const leaving = new Map<number, Map<number, number>>()
  for (let edge = 0; edge < graph.from.length; edge++) {
    const chance = graph.chance[edge] as number
    if (chance >= 1 || chance <= 0 || !counts(edge)) continue
    const from = parts.of[graph.from[edge] as number] as number
    const to = parts.of[graph.to[edge] as number] as number
    let targets = leaving.get(from)
    if (!targets) {
      targets = new Map()
      leaving.set(from, targets)
    }
    if (chance > (targets.get(to) ?? 0)) targets.set(to, chance)
  }
  return leaving
}

function membersOf(parts: Components): (part: number) => Int32Array {
  const start = new Int32Array(parts.count + 1)
  for (const part of parts.of) start[part + 1] = (start[part + 1] as number) + 1
  for (let part = 0; part < parts.count; part++) start[part + 1] = (start[part + 1] as number) + (start[part] as number)
  const next = start.slice()
  const nodes = new Int32Array(parts.of.length)
  parts.of.forEach((part, node) => {
    nodes[next[part] as number] = node
    next[part] = (next[part] as number) + 1
  })
  return (part) => nodes.subarray(start[part] as number, start[part + 1] as number)
}
