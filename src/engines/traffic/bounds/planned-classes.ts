import type { NodePool } from '../../../cluster/cloud/exports.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, string, strings } from '../../../cluster/json.ts'
import { type ClusterNode, type Taint, untolerated } from '../../../cluster/node.ts'
import type { PodSpec } from '../../../cluster/pod.ts'
import { machineSize } from '../prices/instance-types.ts'
import type { PriceBook } from '../prices/price-book.ts'
import { shippedTypes } from '../prices/shipped.ts'
import { karpenterPools, templateOf } from './node-caps.ts'
import { type NodeClass, TYPE_LABELS } from './node-classes.ts'
import { admitsOffered, type Offered, offeredBy } from './offered-labels.ts'
import { ONE } from './quotas.ts'
import { counted } from './scalers.ts'

const MOST_TYPES = 60
const GIB = 1024 ** 3
/** The kubelet’s own default; clouds allow fewer on small machines. */
const MAX_PODS = 110

/**
 * Classes of Karpenter pools that have no node yet: one for each machine type that their requirements admit, as large as
 * its name says, less nothing for the system: a lower bound.
 */
export function plannedClasses(cluster: Cluster, seen: readonly NodeClass[], prices: PriceBook): readonly NodeClass[] {
  const pools = karpenterPools(cluster).filter(({ name }) => seen.every(({ pool }) => pool !== name))
  return pools.flatMap(({ name, object }) => {
    const { labels: written, taints: given, requirements } = templateOf(object)
    const taints: readonly Taint[] = given.map((taint) => ({
      key: string(field(taint, 'key')) ?? '',
      value: string(field(taint, 'value')) ?? '',
      effect: string(field(taint, 'effect')) ?? '',
    }))
    const fixed = new Map([...written, ['karpenter.sh/nodepool', name] as const])
    const asked = requirements.map((each) => ({
      key: string(field(each, 'key')) ?? '',
      operator: string(field(each, 'operator')) ?? '',
      values: strings(field(each, 'values')),
    }))
    for (const { key, operator, values } of asked)
      if (operator === 'In' && values.length === 1) fixed.set(key, values[0] as string)
    const named = asked.find(({ key, operator }) => TYPE_LABELS.includes(key) && operator === 'In')?.values
    const types = [...(named ?? shippedTypes())]
      .filter((type) => machineSize(type) !== undefined && asked.every((each) => allows(each, type)))
      .slice(0, named ? MOST_TYPES : MOST_SHIPPED)
    const offered = offeredBy(fixed, asked)
    const classes = types
      .flatMap((type) => ofType(type, { name, labels: fixed, taints, offered }, prices))
      .sort((a, b) => perCore(a) - perCore(b))
      .slice(0, MOST_TYPES)
    // A static pool has its nodes whatever pods ask for; with Nodes in the input they would be among them.
    const replicas = counted(at(object.body, 'spec', 'replicas'))
    const [first] = classes
    return first && replicas !== undefined ? [{ ...first, now: seen.length === 0 ? replicas : 0 }] : classes
  })
}

const MOST_SHIPPED = 2000

function perCore({ price, capacity }: NodeClass): number {
  return price ? Number(price.price) / Number(capacity.get('cpu') ?? 1n) : Number.POSITIVE_INFINITY
}

/** Labels that Karpenter's provider gives to nodes of a type. */
function factsOf(type: string): Readonly<Record<string, string>> {
  const [family = '', size = ''] = type.split('.')
  return {
    'node.kubernetes.io/instance-type': type,
    'karpenter.k8s.aws/instance-family': family,
    'karpenter.k8s.aws/instance-size': size,
    'karpenter.k8s.aws/instance-category': /^[a-z]+/.exec(family)?.[0] ?? '',
    'karpenter.k8s.aws/instance-generation': /\d+/.exec(family)?.[0] ?? '',
    'karpenter.k8s.aws/instance-cpu': String(machineSize(type)?.vcpus ?? 0),
    'kubernetes.io/arch': archOf(type),
  }
}

/** Requirements of Karpenter's providers on the type, as its name answers them. */
function allows(
  { key, operator, values }: { key: string; operator: string; values: readonly string[] },
  type: string,
): boolean {
  const facts = factsOf(type)
  if (!Object.hasOwn(facts, key)) return true
  const fact = facts[key] as string
  switch (operator) {
    case 'In':
      return values.includes(fact)
    case 'NotIn':
      return !values.includes(fact)
    case 'Gt':
      return Number(fact) > Number(values[0])
    case 'Lt':
      return Number(fact) < Number(values[0])
    case 'Gte':
      return Number(fact) >= Number(values[0])
    case 'Lte':
      return Number(fact) <= Number(values[0])
    default:
      return operator !== 'DoesNotExist'
  }
}

/** Graviton families carry a g after their generation. */
function archOf(type: string): string {
  return /^[a-z]+\d+g[a-z]*\./.test(type) || type.startsWith('a1.') ? 'arm64' : 'amd64'
}

/** Where a pool names one region for all its nodes. */
function fixedRegion(labels: ReadonlyMap<string, string>): string | undefined {
  return labels.get('topology.kubernetes.io/region')
}

interface Pool {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly taints: readonly Taint[]
  readonly offered?: Offered
}

function ofType(type: string, pool: Pool, prices: PriceBook): readonly NodeClass[] {
  const nodes = machineClass(type, pool, prices)
  return nodes ? [{ ...nodes, choosesType: true, isPlanned: true }] : []
}

/**
 * Pools that an export describes and of which no Node is in the input. Of several machine types the dearest; with Nodes
 * in the input it has none now.
 */
export function exportedClasses(
  pools: readonly NodePool[],
  seen: readonly NodeClass[],
  prices: PriceBook,
): readonly NodeClass[] {
  return pools
    .filter(({ name }) => seen.every(({ pool }) => pool !== name))
    .flatMap((pool) => {
      const of = pool.types.slice(0, MOST_TYPES).flatMap((type) => machineClass(type, pool, prices) ?? [])
      const [dearest] = of.sort((a, b) => Number((b.price?.price ?? 0n) - (a.price?.price ?? 0n)))
      return dearest ? [{ ...dearest, now: seen.length === 0 ? pool.now : 0 }] : []
    })
}

/** As large as the name of the type says; undefined where it says nothing. */
function machineClass(
  type: string,
  { name, labels, taints, maxPods, offered = offeredBy(labels) }: Pool & Partial<Pick<NodePool, 'maxPods'>>,
  prices: PriceBook,
): NodeClass | undefined {
  const size = machineSize(type)
  if (!size) return undefined
  const amounts = new Map([
    ['cpu', BigInt(Math.round(size.vcpus * 1000))],
    ['memory', BigInt(Math.round(size.gib * GIB)) * ONE],
    ['pods', BigInt(maxPods || MAX_PODS) * ONE],
  ])
  const node: ClusterNode = {
    id: '',
    name: '',
    labels: new Map([
      ['kubernetes.io/os', 'linux'],
      ...Object.entries(factsOf(type)),
      ...labels,
      ['node.kubernetes.io/instance-type', type],
      ['kubernetes.io/arch', archOf(type)],
    ]),
    taints,
    addresses: [],
    kubelet: undefined,
    runtime: undefined,
    controlPlane: 'no',
    pool: name,
    standsFor: undefined,
    object: undefined,
  }
  return {
    id: `${name} ${type}`,
    pool: name,
    type,
    allocatable: amounts,
    capacity: amounts,
    labels: node.labels,
    now: 0,
    billed: 'nodes',
    grows: true,
    choosesType: false,
    isPlanned: false,
    price: prices.instance(type, fixedRegion(labels), amounts),
    admits: (pod: PodSpec) => admitsOffered(pod, node, offered) && untolerated(pod.tolerations, taints) === undefined,
  }
}
