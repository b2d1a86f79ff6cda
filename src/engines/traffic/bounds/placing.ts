import { isEndless } from './extent.ts'
import type { Load } from './loads.ts'
import { classesFor, type NodeClass } from './node-classes.ts'
import { type Placed, roomOf } from './node-plan.ts'
import { ONE } from './quotas.ts'

export interface Placing {
  readonly placed: readonly Placed[]
  /** Where its pods are counted, by the id of the workload. */
  readonly classOf: ReadonlyMap<string, NodeClass>
  /** All classes where they may be, each where those before it are full. */
  readonly classesOf: ReadonlyMap<string, readonly NodeClass[]>
  /** No node of the input, nor any that its autoscaler may make, takes them. */
  readonly nowhere: readonly Load[]
}

/**
 * Each load goes to one class of nodes: of those that are there the dearest that takes it, of those that an autoscaler
 * has yet to make the cheapest. One without an end goes to all; where a class is `full`, so that not all of it may have
 * room there, a load counts in the next one as well.
 */
export function place(loads: readonly Load[], classes: readonly NodeClass[], full: ReadonlySet<NodeClass>): Placing {
  const daemons = loads.filter(({ isDaemon }) => isDaemon)
  const daemonsOf = new Map(
    classes.map((nodes) => [
      nodes,
      nodes.billed === 'pods' ? [] : daemons.filter(({ workload }) => classesFor(workload, [nodes]).length > 0),
    ]),
  )
  const rooms = new Map(classes.map((nodes) => [nodes, roomOf({ nodes, daemons: daemonsOf.get(nodes) ?? [] })]))
  const members = new Map<NodeClass, Load[]>(classes.map((nodes) => [nodes, []]))
  const classOf = new Map<string, NodeClass>()
  const classesOf = new Map<string, readonly NodeClass[]>()
  const nowhere: Load[] = []
  for (const load of loads) {
    if (load.isDaemon) continue
    const fits = classesFor(load.workload, classes).filter((nodes) =>
      fitsOn(load, nodes, rooms.get(nodes) ?? new Map()),
    )
    const growing = fits.filter(({ grows }) => grows)
    const candidates = growing.length > 0 ? growing : fits
    const chosen = isEndless(load.capped) ? candidates : untilRoom(load, candidates, rooms, full)
    const [first] = chosen
    if (!first) {
      nowhere.push(load)
      continue
    }
    classesOf.set(load.workload.id, chosen)
    classOf.set(load.workload.id, dearest(load, chosen, rooms) ?? first)
    for (const nodes of chosen) members.get(nodes)?.push(load)
  }
  const placed = classes.map((nodes) => ({
    nodes,
    loads: members.get(nodes) ?? [],
    daemons: daemonsOf.get(nodes) ?? [],
  }))
  return { placed, classOf, classesOf, nowhere }
}

function fitsOn({ amounts }: Load, nodes: NodeClass, room: ReadonlyMap<string, bigint>): boolean {
  if (nodes.allocatable.size === 0 || nodes.billed === 'pods') return true
  for (const [name, amount] of amounts.requests) {
    const left = room.get(name)
    if (amount > (left ?? (isCompute(name) ? amount : 0n))) return false
  }
  return true
}

const isCompute = (name: string): boolean => name === 'cpu' || name === 'memory' || name === 'ephemeral-storage'

function untilRoom(
  load: Load,
  candidates: readonly NodeClass[],
  rooms: ReadonlyMap<NodeClass, ReadonlyMap<string, bigint>>,
  full: ReadonlySet<NodeClass>,
): readonly NodeClass[] {
  const chosen: NodeClass[] = []
  for (let left = candidates; left.length > 0; left = left.filter((each) => !chosen.includes(each))) {
    const next = preferred(load, left, rooms)
    chosen.push(...next)
    if (next.length === 0 || !next.some((each) => full.has(each))) break
  }
  return chosen
}

function preferred(
  load: Load,
  candidates: readonly NodeClass[],
  rooms: ReadonlyMap<NodeClass, ReadonlyMap<string, bigint>>,
): readonly NodeClass[] {
  const cost = (nodes: NodeClass): number => shareCost(load, nodes, rooms.get(nodes) ?? new Map())
  const planned = candidates.filter(({ isPlanned }) => isPlanned).sort((a, b) => cost(a) - cost(b))
  const seen = candidates.filter(({ isPlanned }) => !isPlanned)
  const best = dearest(load, [...seen, ...planned.slice(0, 1)], rooms)
  return best ? [best] : []
}

function dearest(
  load: Load,
  candidates: readonly NodeClass[],
  rooms: ReadonlyMap<NodeClass, ReadonlyMap<string, bigint>>,
): NodeClass | undefined {
  let best: NodeClass | undefined
  let most = -1
  for (const nodes of candidates) {
    const cost = shareCost(load, nodes, rooms.get(nodes) ?? new Map())
    if (cost > most || best === undefined) {
      best = nodes
      most = cost
    }
  }
  return best
}

/** What one pod costs by its greatest share of a node; only to choose by. */
function shareCost(load: Load, nodes: NodeClass, room: ReadonlyMap<string, bigint>): number {
  let share = 0
  for (const [name, left] of room) {
    const amount = name === 'pods' ? ONE : (load.amounts.requests.get(name) ?? 0n)
    if (left > 0n) share = Math.max(share, Number(amount) / Number(left))
  }
  return nodes.price ? Number(nodes.price.price) * share : -1
}
