import type { Cluster } from '../../../cluster/cluster.ts'
import { field, string, strings } from '../../../cluster/json.ts'
import { affinityAdmits, type ClusterNode, type Taint, untolerated } from '../../../cluster/node.ts'
import type { PodSpec } from '../../../cluster/pod.ts'
import { machineSize } from '../prices/instance-types.ts'
import type { PriceBook } from '../prices/price-book.ts'
import { shippedTypes } from '../prices/shipped.ts'
import { karpenterPools, templateOf } from './node-caps.ts'
import { type NodeClass, TYPE_LABELS } from './node-classes.ts'
import { ONE } from './quotas.ts'

const MOST_TYPES = 60
const GIB = 1024 ** 3
/** The kubelet’s own default; clouds allow fewer on small machines. */
const MAX_PODS = 110n

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
    const classes = types.flatMap((type) => ofType(type, { name, labels: fixed, taints, object }, prices))
    return classes.sort((a, b) => perCore(a) - perCore(b)).slice(0, MOST_TYPES)
  })
}

const MOST_SHIPPED = 2000

function perCore({ price, capacity }: NodeClass): number {
  return price ? Number(price.price) / Number(capacity.get('cpu') ?? 1n) : Number.POSITIVE_INFINITY
}

/** Requirements of Karpenter's providers on the type, as its name answers them. */
function allows(
  { key, operator, values }: { key: string; operator: string; values: readonly string[] },
  type: string,
): boolean {
  const [family = '', size = ''] = type.split('.')
  const facts: Readonly<Record<string, string>> = {
    'node.kubernetes.io/instance-type': type,
    'karpenter.k8s.aws/instance-family': family,
    'karpenter.k8s.aws/instance-size': size,
    'karpenter.k8s.aws/instance-category': /^[a-z]+/.exec(family)?.[0] ?? '',
    'karpenter.k8s.aws/instance-generation': /\d+/.exec(family)?.[0] ?? '',
    'karpenter.k8s.aws/instance-cpu': String(machineSize(type)?.vcpus ?? 0),
    'kubernetes.io/arch': archOf(type),
  }
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
  readonly object: ReturnType<typeof karpenterPools>[number]['object']
}

function ofType(type: string, { name, labels, taints, object }: Pool, prices: PriceBook): readonly NodeClass[] {
  const size = machineSize(type)
  if (!size) return []
  const amounts = new Map([
    ['cpu', BigInt(Math.round(size.vcpus * 1000))],
    ['memory', BigInt(Math.round(size.gib * GIB)) * ONE],
    ['pods', MAX_PODS * ONE],
  ])
  const node: ClusterNode = {
    id: object.id,
    name: '',
    labels: new Map([
      ['kubernetes.io/os', 'linux'],
      ['kubernetes.io/arch', archOf(type)],
      ...labels,
      ['node.kubernetes.io/instance-type', type],
    ]),
    taints,
    addresses: [],
    kubelet: undefined,
    runtime: undefined,
    controlPlane: 'no',
    pool: name,
    standsFor: undefined,
    object,
  }
  return [
    {
      id: `${name} ${type}`,
      pool: name,
      type,
      allocatable: amounts,
      capacity: amounts,
      labels: node.labels,
      now: 0,
      billed: 'nodes',
      grows: true,
      choosesType: true,
      isPlanned: true,
      price: prices.instance(type, fixedRegion(labels)),
      admits: (pod: PodSpec) => affinityAdmits(pod, node) && untolerated(pod.tolerations, taints) === undefined,
    },
  ]
}
