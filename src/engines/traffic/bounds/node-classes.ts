import type { Cluster } from '../../../cluster/cluster.ts'
import { at } from '../../../cluster/json.ts'
import { affinityAdmits, type ClusterNode, untolerated } from '../../../cluster/node.ts'
import type { PodSpec } from '../../../cluster/pod.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { PriceBook, Quote } from '../prices/price-book.ts'
import { type Amounts, amountsIn, NO_AMOUNTS } from './amounts.ts'

/** Nodes that are alike: one pool, one machine type, one size. */
export interface NodeClass {
  /** `workers m5.large`. */
  readonly id: string
  readonly pool: string
  readonly type: string | undefined
  /** What pods may have of one node; empty where that is not known. */
  readonly allocatable: Amounts
  /** What caps of autoscalers count of one node. */
  readonly capacity: Amounts
  readonly labels: ReadonlyMap<string, string>
  /** How many there are. */
  readonly now: number
  /** Whether machines are billed, or the pods on them (Fargate, Autopilot, virtual nodes). */
  readonly billed: 'nodes' | 'pods'
  /** Whether more may come: nodes of the control plane are as many as somebody made. */
  readonly grows: boolean
  /** Its autoscaler chooses the machine type for the pods, so that no pod is too large for it. */
  readonly choosesType: boolean
  /** No node of it is there yet: its autoscaler picks the cheapest that fits. */
  readonly isPlanned: boolean
  readonly price: Quote | undefined
  admits(pod: PodSpec): boolean
}

export const TYPE_LABELS: readonly string[] = ['node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type']
const REGION_LABELS: readonly string[] = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region']

const KARPENTER_LABELS: readonly string[] = ['karpenter.sh/nodepool', 'karpenter.sh/provisioner-name']

function firstOf(labels: ReadonlyMap<string, string>, keys: readonly string[]): string | undefined {
  return keys.map((key) => labels.get(key)).find((value) => value !== undefined && value !== '')
}

/** Of the Node objects of the input; empty where it holds none. */
export function nodeClasses(cluster: Cluster, prices: PriceBook): readonly NodeClass[] {
  const alike = new Map<string, ClusterNode[]>()
  for (const node of cluster.placement.nodes) {
    if (!node.object) continue
    const size = at(node.object.body, 'status', 'allocatable') ?? null
    const key = JSON.stringify([node.pool, firstOf(node.labels, TYPE_LABELS) ?? '', sortedEntries(size), node.taints])
    const same = alike.get(key)
    if (same) same.push(node)
    else alike.set(key, [node])
  }
  return [...alike.values()].map((nodes) => classOf(nodes, prices))
}

function sortedEntries(value: unknown): readonly unknown[] {
  return Object.entries(value ?? {})
    .filter(([key]) => !VARYING.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Differs by some KiB between machines of one type, which no bill shows. */
const VARYING: ReadonlySet<string> = new Set(['ephemeral-storage', 'memory'])

function classOf(nodes: readonly ClusterNode[], prices: PriceBook): NodeClass {
  const [first] = nodes as readonly [ClusterNode]
  const type = firstOf(first.labels, TYPE_LABELS)
  // The smallest memory of them: what fits there fits on each.
  const sizes = nodes.map((node) => amountsIn(at(node.object?.body, 'status', 'allocatable')))
  const [smallest = NO_AMOUNTS] = [...sizes].sort((a, b) =>
    (a.get('memory') ?? 0n) < (b.get('memory') ?? 0n) ? -1 : 1,
  )
  const capacity = amountsIn(at(first.object?.body, 'status', 'capacity'))
  const allocatable = smallest.size > 0 ? smallest : capacity
  const size = capacity.size > 0 ? capacity : allocatable
  return {
    id: [first.pool, type].filter((each) => each !== undefined).join(' '),
    pool: first.pool,
    type,
    allocatable,
    capacity: size,
    labels: first.labels,
    now: nodes.length,
    billed: isServerless(first) ? 'pods' : 'nodes',
    grows: first.controlPlane !== 'yes',
    choosesType: KARPENTER_LABELS.some((label) => first.labels.has(label)),
    isPlanned: false,
    price: prices.instance(type, firstOf(first.labels, REGION_LABELS), size),
    admits: (pod) => nodes.some((node) => admits(pod, node)),
  }
}

function admits(pod: PodSpec, node: ClusterNode): boolean {
  if (pod.nodeName !== undefined && pod.nodeName !== node.name) return false
  return affinityAdmits(pod, node) && untolerated(pod.tolerations, node.taints) === undefined
}

/** Fargate makes a node for each pod; Autopilot and virtual nodes bill what pods ask for. */
function isServerless({ labels, taints, name }: ClusterNode): boolean {
  return (
    labels.get('eks.amazonaws.com/compute-type') === 'fargate' ||
    name.startsWith('gk3-') ||
    labels.get('type') === 'virtual-kubelet' ||
    taints.some(({ key }) => key === 'virtual-kubelet.io/provider')
  )
}

/** Classes where pods of the workload may be: those where they are, and all that would take more of them. */
export function classesFor(workload: Workload, classes: readonly NodeClass[]): readonly NodeClass[] {
  return classes.filter((each) => workload.specs.some(({ pod }) => each.admits({ ...pod, nodeName: undefined })))
}
