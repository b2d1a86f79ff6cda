import type { Because } from '../../../cluster/because.ts'
import type { NodeLimit, NodePool } from '../../../cluster/cloud/exports.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Exposed } from '../../known.ts'
import { each, HOURS, type Money } from '../prices/money.ts'
import type { PriceBook, Quote } from '../prices/price-book.ts'
import { balancersOf } from './balancers.ts'
import { type Extent, INFINITE, isEndless } from './extent.ts'
import { type BoundItem, balancerItem, byWorst, claimItem, itemOf } from './items.ts'
import { type Load, loadsOf } from './loads.ts'
import { type Monthly, podMonth, podPrices, sumOf, underQuota } from './monthly.ts'
import { nodeSupply } from './node-caps.ts'
import { type NodeClass, nodeClasses } from './node-classes.ts'
import { type PlannedNodes, planNodes } from './node-plan.ts'
import { type Placing, place } from './placing.ts'
import { exportedClasses, plannedClasses } from './planned-classes.ts'
import { worstDemands } from './spill.ts'
import { unknownsOf } from './unknown.ts'
import { storageQuota, volumesOf } from './volumes.ts'

export interface NodeBill extends PlannedNodes {
  readonly monthly: Monthly
  readonly quote: Quote | undefined
}

export interface Bounds {
  readonly items: readonly BoundItem[]
  readonly nodes: readonly NodeBill[]
  readonly totals: {
    readonly compute: Monthly
    readonly volumes: Monthly
    readonly loadBalancers: Monthly
    readonly all: Monthly
    /** Whether every part of them has a price; otherwise they are the least. */
    readonly complete: boolean
  }
  readonly unknowns: readonly BoundUnknown[]
  readonly placing: Placing
  readonly loads: readonly Load[]
  readonly currency: string
}

export interface BoundUnknown {
  readonly id: string
  readonly message: string
  readonly count: number
  readonly because: readonly Because[]
  readonly settle: string
}

export interface BoundsInput {
  readonly prices: PriceBook
  readonly exposed: readonly Exposed[]
  readonly pools?: readonly NodeLimit[]
  /** Pools of exports, for those of which the input has no Node. */
  readonly machines?: readonly NodePool[]
}

/** How far everything in a cluster may grow, and what that costs in the worst month. */
export function boundsOf(cluster: Cluster, input: BoundsInput): Bounds {
  const { prices } = input
  const loads = loadsOf(cluster)
  const inCluster = nodeClasses(cluster, prices)
  const seen = [...inCluster, ...exportedClasses(input.machines ?? [], inCluster, prices)]
  const classes = [...seen, ...plannedClasses(cluster, seen, prices)]
  const withPods = classes.length > 0 ? classes : [unseenClass()]
  const supply = nodeSupply(cluster, input.pools ?? [])
  const full = new Set<NodeClass>()
  let placing = place(loads, withPods, full)
  let planned = planNodes(placing.placed, supply, worstDemands(placing, new Map()))
  // Without caps no class is full.
  const uncapped = new Map(planned.map((plan) => [plan.nodes, plan.uncapped]))
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const more = planned.filter(({ nodes, caps }) => caps.length > 0 && !full.has(nodes))
    if (more.length === 0) break
    for (const { nodes } of more) full.add(nodes)
    placing = place(loads, withPods, full)
    const filled = new Map(planned.flatMap(({ nodes, worst }) => (full.has(nodes) ? [[nodes, worst] as const] : [])))
    planned = planNodes(placing.placed, supply, worstDemands(placing, filled))
  }
  const isUnseen = classes.length === 0
  const nodes = planned.map((plan) =>
    nodeBill({ ...plan, uncapped: uncapped.get(plan.nodes) ?? plan.uncapped }, prices, isUnseen),
  )
  const byClass = new Map(nodes.map((bill) => [bill.nodes, bill]))
  const volumes = volumesOf(cluster, loads)
  const balancers = balancersOf(cluster)
  const volumesBy = Map.groupBy(volumes, ({ of }) => of)
  const exposedBy = Map.groupBy(input.exposed, ({ workload }) => workload)
  const workloads = loads.map((load) =>
    itemOf(load, {
      nodes: byClass.get(placing.classOf.get(load.workload.id) as NodeClass),
      all: nodes,
      placing,
      volumes: volumesBy.get(load.workload.id) ?? [],
      exposed: exposedBy.get(load.workload.id) ?? [],
      prices,
      isUnseen,
      cluster,
    }),
  )
  const claims = volumes.filter(({ of }) => cluster.workload(of) === undefined).map((each) => claimItem(each, prices))
  const items = [...workloads, ...claims, ...balancers.map((balancer) => balancerItem(balancer, prices))]
  const compute = sumOf(nodes.map(({ monthly }) => monthly))
  const storage = sumOf(
    [...Map.groupBy(volumes, ({ namespace }) => namespace)].map(([namespace, some]) =>
      underQuota(storageQuota(cluster, namespace), some, prices),
    ),
  )
  const fronts = sumOf(balancers.map((balancer) => balancerItem(balancer, prices).monthly))
  const unknowns = unknownsOf({ cluster, loads, placing, nodes, volumes, balancers, prices, supply, isUnseen })
  return {
    items: items.sort(byWorst),
    nodes,
    totals: {
      compute,
      volumes: storage,
      loadBalancers: fronts,
      all: sumOf([
        ...(loads.length + nodes.length > 0 ? [compute] : []),
        ...(volumes.length > 0 ? [storage] : []),
        ...(balancers.length > 0 ? [fronts] : []),
      ]),
      complete: unknowns.every(({ id }) => !PRICELESS.has(id)),
    },
    unknowns,
    placing,
    loads,
    currency: prices.currency,
  }
}

/** Classes that fill up one after the other; further ones are of no account. */
const MOST_ROUNDS = 12

/** Unknowns that keep money out of the totals. */
const PRICELESS: ReadonlySet<string> = new Set([
  'bounds-node-price',
  'bounds-storage-price',
  'bounds-load-balancer-price',
  'bounds-growth',
  'bounds-no-node-fits',
  'bounds-extended',
  'bounds-requests',
  'bounds-node-size',
])

/** Where no node was seen, pods are priced by what they ask for. */
function unseenClass(): NodeClass {
  return {
    id: 'nodes not seen',
    pool: '',
    type: undefined,
    allocatable: new Map(),
    capacity: new Map(),
    labels: new Map(),
    now: 0,
    billed: 'pods',
    grows: true,
    choosesType: true,
    isPlanned: false,
    price: undefined,
    admits: () => true,
  }
}

function nodeBill(plan: PlannedNodes, prices: PriceBook, isUnseen: boolean): NodeBill {
  const { nodes, demand } = plan
  if (nodes.billed === 'pods') {
    const rates = podPrices(prices, isUnseen)
    const monthly = {
      now: podMonth(demand.now, rates),
      worst: podMonth(demand.worst, rates),
      uncapped: podMonth(demand.uncapped, rates),
    }
    return { ...plan, monthly, quote: rates.cpu }
  }
  const month = (count: Extent): Money | undefined =>
    isEndless(count) ? INFINITE : count === 0n ? 0n : nodes.price && each(nodes.price.price, count) * HOURS
  return {
    ...plan,
    monthly: { now: month(BigInt(nodes.now)), worst: month(plan.worst), uncapped: month(plan.uncapped) },
    quote: nodes.price,
  }
}
