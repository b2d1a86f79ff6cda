import { type Extent, isEndless, least, plus } from './extent.ts'
import type { Load } from './loads.ts'
import type { NodeClass } from './node-classes.ts'
import { type Demand, demandOf, fitted, type Placed, resourcesOf, roomOf } from './node-plan.ts'
import type { Placing } from './placing.ts'

/**
 * What each class of nodes has to hold at worst. A load that may go on to a next class, where those before it are full,
 * leaves there what they hold of it; `filled` has the counts of full ones.
 */
export function worstDemands(
  { placed, classesOf }: Pick<Placing, 'placed' | 'classesOf'>,
  filled: ReadonlyMap<NodeClass, Extent>,
): ReadonlyMap<NodeClass, Demand> {
  const whole = new Map(placed.map((each) => [each.nodes, demandFor(each, each.loads)]))
  const indexOf = new Map(placed.map(({ nodes }, index) => [nodes, index]))
  const chainOf = ({ workload }: Load): readonly NodeClass[] => classesOf.get(workload.id) ?? []
  const passing = new Set(
    filled.size === 0 ? [] : placed.flatMap(({ loads }) => loads.filter((load) => chainOf(load).length > 1)),
  )
  if (passing.size === 0) return whole
  const held = new Map(
    placed.map((each) => {
      const settled = demandFor(
        each,
        each.loads.filter((load) => !passing.has(load)),
      )
      return [each.nodes, { demand: settled, left: leftOn(each, filled.get(each.nodes), settled) }]
    }),
  )
  const chains = Map.groupBy(passing, (load) =>
    chainOf(load)
      .map((nodes) => indexOf.get(nodes))
      .join(),
  )
  for (const group of chains.values()) {
    const [first] = group
    if (!first) continue
    const classes = chainOf(first)
    const names = new Set(classes.flatMap((nodes) => [...(whole.get(nodes)?.keys() ?? [])]))
    const need = new Map(demandOf(group, names, 'worst'))
    for (const nodes of classes) {
      const state = held.get(nodes)
      if (!state) continue
      state.demand = sumOf(state.demand, need)
      take(need, state.left)
    }
  }
  // Never more than all of them would ask for together under the quotas that they share.
  return new Map(
    [...whole].map(([nodes, all]) => {
      const own = held.get(nodes)?.demand
      return [
        nodes,
        new Map([...all].map(([name, amount]) => [name, least(amount, own?.get(name) ?? amount)] as const)),
      ]
    }),
  )
}

function demandFor(each: Placed, loads: readonly Load[]): Demand {
  const room = roomOf(each)
  return demandOf(
    loads.map((load) => fitted(load, each.nodes, room)),
    resourcesOf(each.nodes),
    'worst',
  )
}

/** Of so many nodes, what those leave that can go nowhere else. */
function leftOn(each: Placed, count: Extent | undefined, settled: Demand): Map<string, bigint> {
  if (count === undefined || isEndless(count)) return new Map()
  return new Map(
    [...roomOf(each)].map(([name, room]) => {
      const used = settled.get(name) ?? 0n
      const rest = isEndless(used) ? 0n : room * count - used
      return [name, rest > 0n ? rest : 0n] as const
    }),
  )
}

function take(need: Map<string, Extent>, left: Map<string, bigint>): void {
  for (const [name, amount] of need) {
    const own = left.get(name)
    if (own === undefined || isEndless(amount)) continue
    const taken = amount < own ? amount : own
    need.set(name, amount - taken)
    left.set(name, own - taken)
  }
}

function sumOf(one: Demand, other: Demand): Demand {
  return new Map([...one].map(([name, amount]) => [name, plus(amount, other.get(name) ?? 0n)] as const))
}
