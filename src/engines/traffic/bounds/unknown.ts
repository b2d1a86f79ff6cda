import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { PriceBook } from '../prices/price-book.ts'
import type { Balancer } from './balancers.ts'
import type { BoundUnknown, NodeBill } from './bill.ts'
import type { Load } from './loads.ts'
import type { NodeSupply } from './node-caps.ts'
import type { Placing } from './placing.ts'
import type { Volumes } from './volumes.ts'

interface Known {
  readonly cluster: Cluster
  readonly loads: readonly Load[]
  readonly placing: Placing
  readonly nodes: readonly NodeBill[]
  readonly volumes: readonly Volumes[]
  readonly balancers: readonly Balancer[]
  readonly prices: PriceBook
  readonly supply: NodeSupply
  readonly isUnseen: boolean
}

const MOST_REASONS = 20
const PRICED: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** What the bill rests on and the input does not say. */
export function unknownsOf(known: Known): readonly BoundUnknown[] {
  return [...all(known)].filter(({ count }) => count > 0)
}

function* all({ loads, placing, nodes, volumes, balancers, prices, supply, isUnseen }: Known): Iterable<BoundUnknown> {
  const grown = loads.filter(({ growth, isDaemon }) => growth.most === undefined && !isDaemon)
  yield unknown(
    'bounds-growth',
    grown.map(told),
    (count) => `${many(count, 'controller', 'controllers')} whose growth nothing tells; they count as they are now`,
    'the object of the owner, or the limits of its operator',
  )
  const unasked = loads.filter(({ amounts }) => !amounts.requests.has('cpu') || !amounts.requests.has('memory'))
  yield unknown(
    'bounds-requests',
    unasked.map(({ workload, shape }) =>
      because(`${workload.id} does not say its CPU and memory`, shape.object, shape.pod.path),
    ),
    (count) =>
      `${many(count, 'controller', 'controllers')} whose pods request no CPU or no memory; they may take more than is billed here`,
    'requests in their pod templates, or a LimitRange that gives them',
  )
  const extended = loads.filter(({ workload, amounts }) => {
    const billed = isUnseen || placing.classOf.get(workload.id)?.billed === 'pods'
    return billed && [...amounts.requests].some(([name, amount]) => !PRICED.has(name) && amount > 0n)
  })
  yield unknown(
    'bounds-extended',
    extended.map(({ workload, shape }) => because(`${workload.id} requests devices`, shape.object, shape.pod.path)),
    (count) =>
      `${many(count, 'controller', 'controllers')} whose pods request devices (GPUs, huge pages), which have no price of their own`,
    'the nodes that have them, with their instance types',
  )
  yield unknown(
    'bounds-no-node-fits',
    placing.nowhere.map(({ workload, shape }) => because(`no node takes ${workload.id}`, shape.object, shape.pod.path)),
    (count) =>
      `${many(count, 'controller', 'controllers')} that no node of the input takes, nor any that its autoscaler may make`,
    'the nodes that they are meant for, or a smaller request',
  )
  if (isUnseen)
    yield {
      id: 'bounds-nodes-unseen',
      message: 'no node is in the input: pods are priced by what they request, and nothing caps their number',
      count: loads.length,
      because: [],
      settle: 'Node objects (kubectl get nodes -o yaml), and the flags or objects of the autoscaler',
    }
  const sizeless = nodes.filter(({ nodes: each }) => each.billed === 'nodes' && each.allocatable.size === 0)
  yield unknown(
    'bounds-node-size',
    sizeless.map(classed),
    (count) => `${many(count, 'kind of nodes', 'kinds of nodes')} that do not say what pods may have of them`,
    'status.allocatable of the nodes',
  )
  const used = nodes.filter(({ nodes: each, uncapped }) => each.billed === 'nodes' && (each.now > 0 || uncapped !== 0n))
  yield unknown(
    'bounds-node-price',
    used.filter(({ quote }) => !quote).map(classed),
    (count) => `${many(count, 'kind of nodes', 'kinds of nodes')} without a price`,
    'their instance types in the table of --prices',
  )
  if (!isUnseen && !supply.seen)
    yield {
      id: 'bounds-node-maximum',
      message: 'nothing in the input says how many nodes there may be: as many as pods need are counted',
      count: nodes.length,
      because: [],
      settle: 'the Deployment of cluster-autoscaler, NodePools of Karpenter, or an export of the node pools (--cloud)',
    }
  yield unknown(
    'bounds-storage-price',
    volumes
      .filter((each) => prices.storage(each.storageClass) === undefined || each.size === undefined)
      .map((each) => each.because),
    (count) => `${many(count, 'volume', 'volumes')} without a price or a size`,
    'storage in the table of --prices',
  )
  yield unknown(
    'bounds-load-balancer-price',
    prices.loadBalancer ? [] : balancers.map((each) => each.because),
    (count) => `${many(count, 'load balancer', 'load balancers')} without a price`,
    'loadBalancerMonth in the table of --prices',
  )
}

const many = (count: number, one: string, several: string): string => `${count} ${count === 1 ? one : several}`

const told = ({ workload, growth }: Load): Because =>
  because(`${workload.id}: ${growth.because[0]?.text ?? 'nothing tells'}`, growth.because[0]?.object ?? workload.object)

const classed = ({ nodes }: NodeBill): Because => because(nodes.id)

function unknown(
  id: string,
  reasons: readonly Because[],
  message: (count: number) => string,
  settle: string,
): BoundUnknown {
  return {
    id,
    message: message(reasons.length),
    count: reasons.length,
    because: reasons.slice(0, MOST_REASONS),
    settle,
  }
}
