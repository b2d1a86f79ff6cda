import type { Because } from '../../../cluster/because.ts'
import { cappedDemand, uncappedDemand } from './demand.ts'
import { type Extent, INFINITE, isEndless, least, most, partsFor, plus, wholes } from './extent.ts'
import type { Cap, Load } from './loads.ts'
import type { NodeCap, NodeSupply } from './node-caps.ts'
import type { NodeClass } from './node-classes.ts'
import { ONE } from './quotas.ts'

/** Nodes of one class: how many there are, and may come to be. */
export interface PlannedNodes {
  readonly nodes: NodeClass
  readonly worst: Extent
  readonly uncapped: Extent
  /** What pods ask for that are billed themselves. */
  readonly demand: { readonly now: Demand; readonly worst: Demand; readonly uncapped: Demand }
  readonly caps: readonly Cap[]
  /** Why it has no end. */
  readonly open: Because | undefined
}

export type Demand = ReadonlyMap<string, Extent>

export interface Placed {
  readonly nodes: NodeClass
  readonly loads: readonly Load[]
  /** Pods of DaemonSets, one on each node. */
  readonly daemons: readonly Load[]
}

/** What is left of a node for pods that are not on every node anyway. */
export function roomOf({ nodes, daemons }: Pick<Placed, 'nodes' | 'daemons'>): ReadonlyMap<string, bigint> {
  const room = new Map(nodes.allocatable)
  for (const daemon of daemons) {
    for (const [name, amount] of daemon.amounts.requests) {
      const left = room.get(name)
      if (left !== undefined) room.set(name, left - amount)
    }
    const pods = room.get('pods')
    if (pods !== undefined) room.set('pods', pods - ONE)
  }
  return room
}

/**
 * A load as it may grow on these nodes: a pod that asks for more than one of them has stays pending, so that requests
 * without an end take a whole node each. Where the autoscaler chooses the machine, it finds a larger one.
 */
export function fitted(load: Load, nodes: NodeClass, room: ReadonlyMap<string, bigint>): Load {
  if (nodes.billed === 'pods' || nodes.choosesType || ![...load.grown.values()].some(isEndless)) return load
  const grown = new Map(
    [...load.grown].map(([name, amount]) => [name, isEndless(amount) ? (room.get(name) ?? amount) : amount] as const),
  )
  return { ...load, grown }
}

/** The fewest nodes on which pods with this demand fit: no packing needs less. */
export function nodesFor(demand: Demand, room: ReadonlyMap<string, bigint>): Extent {
  let count: Extent = 0n
  for (const [name, amount] of demand) {
    const own = room.get(name)
    if (own !== undefined) count = most(count, partsFor(amount, own))
    else if (isEndless(amount)) return INFINITE
  }
  return count
}

export function demandOf(loads: readonly Load[], names: Iterable<string>, how: 'now' | 'worst' | 'uncapped'): Demand {
  const namespaces = [...Map.groupBy(loads, ({ workload }) => workload.namespace).values()]
  const found = new Map<string, Extent>()
  for (const name of names) {
    const all =
      how === 'now'
        ? loads.reduce(
            (sum, load) => sum + BigInt(load.now) * (name === 'pods' ? ONE : (load.amounts.requests.get(name) ?? 0n)),
            0n,
          )
        : how === 'uncapped'
          ? uncappedDemand(loads, name)
          : namespaces.reduce<Extent>((sum, some) => plus(sum, cappedDemand(some, name)), 0n)
    found.set(name, all)
  }
  return found
}

const COMPUTE = ['cpu', 'memory', 'pods']

/** By what nodes of a class fill up, or pods on it are billed. */
export function resourcesOf({ billed, allocatable }: NodeClass): readonly string[] {
  return billed === 'pods' ? COMPUTE : [...new Set([...allocatable.keys(), 'pods'])]
}

/** Nodes that the loads need, as their caps leave them; `worst` is what each class has to hold. */
export function planNodes(
  placed: readonly Placed[],
  supply: NodeSupply,
  worst: ReadonlyMap<NodeClass, Demand>,
): readonly PlannedNodes[] {
  const drafts = placed.map((each) => {
    const { nodes } = each
    const room = roomOf(each)
    const loads = each.loads.map((load) => fitted(load, nodes, room))
    const demand = {
      now: demandOf(loads, COMPUTE, 'now'),
      worst: worst.get(nodes) ?? new Map(),
      uncapped: demandOf(loads, resourcesOf(nodes), 'uncapped'),
    }
    const now = BigInt(nodes.now)
    const own = supply.caps.filter((cap) => cap.covers(nodes))
    const bounded = nodes.grows && nodes.billed === 'nodes'
    const needed = bounded ? most(now, nodesFor(demand.worst, room)) : now
    const uncapped = bounded ? most(now, nodesFor(demand.uncapped, room)) : now
    return { nodes, demand, needed, uncapped, own }
  })
  const shared = new Map<NodeCap, typeof drafts>()
  for (const draft of drafts) for (const cap of draft.own) shared.set(cap, [...(shared.get(cap) ?? []), draft])
  const capped = new Map(drafts.map((draft) => [draft, { count: draft.needed, caps: [] as Cap[] }]))
  // What a cap of all nodes leaves goes to those that their own caps let come.
  const narrowFirst = [...shared].sort(([, one], [, other]) => one.length - other.length)
  for (const [cap, covered] of narrowFirst) applyCap(cap, covered, capped)
  return drafts.map((draft) => {
    const { count, caps } = capped.get(draft) as { count: Extent; caps: Cap[] }
    return {
      nodes: draft.nodes,
      worst: count,
      uncapped: draft.uncapped,
      demand: draft.demand,
      caps,
      open: isEndless(count) ? supply.openReason(draft.nodes) : undefined,
    }
  })
}

interface Draft {
  readonly nodes: NodeClass
}

/** The dearest nodes first that a cap leaves, in whole nodes; what is there already stays. */
function applyCap<D extends Draft>(
  cap: NodeCap,
  covered: readonly D[],
  worst: Map<D, { count: Extent; caps: Cap[] }>,
): void {
  const sizeOf = ({ nodes }: D): bigint => (cap.resource === 'nodes' ? ONE : (nodes.capacity.get(cap.resource) ?? 0n))
  let left = cap.limit - covered.reduce((sum, draft) => sum + sizeOf(draft) * BigInt(draft.nodes.now), 0n)
  if (left < 0n) left = 0n
  const worth = (draft: D): number => {
    const size = Number(sizeOf(draft))
    return size === 0 ? Number.POSITIVE_INFINITY : Number(draft.nodes.price?.price ?? 0n) / size
  }
  for (const draft of [...covered].sort((a, b) => worth(b) - worth(a))) {
    const size = sizeOf(draft)
    const state = worst.get(draft)
    if (!state || size === 0n) continue
    const now = BigInt(draft.nodes.now)
    const extra: Extent = isEndless(state.count) ? INFINITE : state.count - now
    const allowed = least(extra, wholes(left, size))
    if (isEndless(allowed)) continue
    if (isEndless(extra) || allowed < extra) {
      state.count = now + allowed
      state.caps = [{ label: cap.label, because: cap.because }]
    }
    left -= allowed * size
  }
}
