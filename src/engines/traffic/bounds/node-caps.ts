import { type Because, because } from '../../../cluster/because.ts'
import type { NodeLimit } from '../../../cluster/cloud/exports.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, list, number, stringMap } from '../../../cluster/json.ts'
import { parseSelector, selects } from '../../../cluster/labels.ts'
import { amountsIn } from './amounts.ts'
import { type AutoscalerFlags, autoscalersOf } from './autoscaler-flags.ts'
import type { NodeClass } from './node-classes.ts'
import { ONE } from './quotas.ts'

/** A limit on nodes: together they may have no more of a resource (`nodes` counts them). Amounts in thousandths. */
export interface NodeCap {
  readonly label: string
  readonly resource: string
  readonly limit: bigint
  readonly because: Because
  covers(nodes: NodeClass): boolean
}

export interface NodeSupply {
  readonly caps: readonly NodeCap[]
  /** Why nothing caps the nodes of a class, for those that no cap covers. */
  openReason(nodes: NodeClass): Because
  /** Whether it was seen what makes nodes. */
  readonly seen: boolean
}

const GIB = 1n << 30n

/** What bounds the nodes of a cluster, of all that its objects and exports say. */
export function nodeSupply(cluster: Cluster, pools: readonly NodeLimit[]): NodeSupply {
  const autoscalers = autoscalersOf(cluster)
  const karpenter = karpenterPools(cluster)
  const caps = [
    ...autoscalers.flatMap(ofAutoscaler),
    ...karpenter.flatMap(({ caps }) => caps),
    ...pools.map(ofPool),
    ...(autoscalers.some(({ capacityQuotas }) => capacityQuotas) ? capacityQuotas(cluster) : []),
  ]
  const unlimited = new Map(karpenter.filter((each) => each.caps.length === 0).map((each) => [each.name, each]))
  return {
    caps,
    seen: autoscalers.length > 0 || karpenter.length > 0 || pools.length > 0,
    openReason: (nodes) => {
      const pool = unlimited.get(nodes.pool)
      if (pool) return because(`Karpenter NodePool ${pool.name} has no limits`, pool.object, ['spec'])
      const [autoscaler] = autoscalers
      if (autoscaler)
        return because(
          'cluster-autoscaler has no --max-nodes-total, and its flags give this group no maximum',
          autoscaler.workload.object,
          autoscaler.path,
        )
      return because('nothing in the input says how many nodes there may be')
    },
  }
}

/** A maximum that an export of the cloud tells: of a pool, or of all nodes. */
function ofPool({ pool, resource, max, from }: NodeLimit): NodeCap {
  const unit = resource === 'memory' ? GIB * ONE : ONE
  return {
    label: pool === undefined ? `the cloud: at most ${max} ${resource}` : `node pool ${pool}: at most ${max}`,
    resource,
    limit: BigInt(max) * unit,
    because: from,
    covers: (nodes) => pool === undefined || nodes.pool === pool,
  }
}

function ofAutoscaler({ workload, path, maxNodes, cores, memory, groups }: AutoscalerFlags): readonly NodeCap[] {
  const object = workload.object
  const cap = (label: string, resource: string, limit: bigint, covers: NodeCap['covers']): NodeCap => ({
    label,
    resource,
    limit,
    because: because(`cluster-autoscaler: ${label}`, object, path),
    covers,
  })
  return [
    ...(maxNodes === undefined
      ? []
      : [cap(`--max-nodes-total=${maxNodes}`, 'nodes', BigInt(maxNodes) * ONE, () => true)]),
    ...(cores === undefined ? [] : [cap(`--cores-total at most ${cores}`, 'cpu', BigInt(cores) * ONE, () => true)]),
    // In gigabytes, which the autoscaler takes for GiB.
    ...(memory === undefined
      ? []
      : [cap(`--memory-total at most ${memory}`, 'memory', BigInt(memory) * GIB * ONE, () => true)]),
    ...groups.map(({ name, max }) =>
      cap(`--nodes ${name} at most ${max}`, 'nodes', BigInt(max) * ONE, (nodes) => isGroupOf(name, nodes.pool)),
    ),
  ]
}

/** Names of groups hold the name of their pool between hyphens: `eks-workers-0ac1`, `gke-shop-workers-1f2e-grp`. */
export function isGroupOf(group: string, pool: string): boolean {
  const name = group.slice(group.lastIndexOf('/') + 1)
  return pool !== '' && (name === pool || `-${name.replaceAll('.', '-')}-`.includes(`-${pool.replaceAll('.', '-')}-`))
}

interface KarpenterPool {
  readonly name: string
  readonly object: ReturnType<Cluster['ofKind']>[number]
  readonly caps: readonly NodeCap[]
}

/** karpenter.sh NodePool (v1, v1beta1) and Provisioner (v1alpha5), where limits stand one level deeper. */
export function karpenterPools(cluster: Cluster): readonly KarpenterPool[] {
  const objects = [...cluster.ofKind('NodePool', 'karpenter.sh'), ...cluster.ofKind('Provisioner', 'karpenter.sh')]
  return objects.map((object) => {
    const { body, name, kind } = object
    const path = kind === 'Provisioner' ? ['spec', 'limits', 'resources'] : ['spec', 'limits']
    const replicas = number(at(body, 'spec', 'replicas'))
    const caps = [...amountsIn(at(body, ...path))].map(
      ([resource, limit]): NodeCap => ({
        label: `NodePool ${name} limits.${resource}`,
        resource,
        limit,
        because: because(`Karpenter ${kind} ${name} limits ${resource}`, object, [...path, resource]),
        covers: (nodes) => nodes.pool === name,
      }),
    )
    if (replicas !== undefined && Number.isInteger(replicas) && replicas >= 0)
      caps.push({
        label: `NodePool ${name} replicas ${replicas}`,
        resource: 'nodes',
        limit: BigInt(replicas) * ONE,
        because: because(`NodePool ${name} is static: ${replicas} nodes`, object, ['spec', 'replicas']),
        covers: (nodes) => nodes.pool === name,
      })
    return { name, object, caps }
  })
}

/** autoscaling.x-k8s.io CapacityQuota of cluster-autoscaler: limits on the nodes that a selector matches. */
function capacityQuotas(cluster: Cluster): readonly NodeCap[] {
  return cluster.ofKind('CapacityQuota', 'autoscaling.x-k8s.io').flatMap((object) => {
    const selector = parseSelector(at(object.body, 'spec', 'selector'))
    return [...amountsIn(at(object.body, 'spec', 'limits', 'resources'))].map(
      ([resource, limit]): NodeCap => ({
        label: `CapacityQuota ${object.name} ${resource}`,
        resource,
        limit,
        because: because(`CapacityQuota ${object.name} limits ${resource}`, object, [
          'spec',
          'limits',
          'resources',
          resource,
        ]),
        covers: ({ labels }) => selector === undefined || (typeof selector !== 'string' && selects(selector, labels)),
      }),
    )
  })
}

/** Labels that a NodePool gives to its nodes, and taints. */
export function templateOf(object: KarpenterPool['object']) {
  const spec = object.kind === 'Provisioner' ? at(object.body, 'spec') : at(object.body, 'spec', 'template', 'spec')
  const labels = stringMap(
    object.kind === 'Provisioner'
      ? at(object.body, 'spec', 'labels')
      : at(object.body, 'spec', 'template', 'metadata', 'labels'),
  )
  return { labels, taints: list(at(spec, 'taints')), requirements: list(at(spec, 'requirements')) }
}
