import type { Cluster } from '../../cluster/cluster.ts'
import type { JsonObject } from '../../cluster/json.ts'
import { autoscalersOf } from '../../engines/traffic/bounds/autoscaler-flags.ts'
import type { Bounds } from '../../engines/traffic/bounds/bill.ts'
import { isEndless } from '../../engines/traffic/bounds/extent.ts'
import { karpenterPools } from '../../engines/traffic/bounds/node-caps.ts'
import type { CapObject } from './cap.ts'
import { quantity } from './namespace-caps.ts'
import { applicable, withValue } from './with-value.ts'

const UNTOLD = { verdict: 'unknown', reasons: ['no log tells how many nodes there were'] } as const

/** Limits for pools of Karpenter that have none, and a CapacityQuota for a cluster-autoscaler without a maximum. */
export function nodeCaps(cluster: Cluster, bounds: Bounds, headroom: number): readonly CapObject[] {
  const pools = karpenterPools(cluster)
    .filter(({ caps }) => caps.length === 0)
    .map(({ object, name }): CapObject => {
      const classes = bounds.nodes.filter(({ nodes }) => nodes.pool === name)
      const limits: Record<string, string> = {}
      for (const resource of ['cpu', 'memory']) {
        const most = classes.reduce((sum, { nodes, worst }) => {
          const count = isEndless(worst) || Number(worst) < nodes.now ? BigInt(nodes.now) : worst
          return sum + count * (nodes.capacity.get(resource) ?? 0n)
        }, 0n)
        const scaled = (most * BigInt(Math.round(headroom * 1000))) / 1000n
        // Whole cores and bytes: limits are compared with what machines have.
        limits[resource] = quantity(scaled - (scaled % 1000n), resource === 'cpu' ? 'decimal' : 'binary')
      }
      const isKnown = limits.cpu !== '0'
      const path = object.kind === 'Provisioner' ? ['spec', 'limits', 'resources'] : ['spec', 'limits']
      return {
        body: applicable(withValue(object.body, path, isKnown ? limits : { cpu: '100' })),
        title: `Limit what ${object.kind} ${name} may make`,
        notes: isKnown
          ? ['what its nodes have, or its pods need at most, with the headroom']
          : ['no node of it was seen: 100 cores stand for what you can pay'],
        verdict: UNTOLD,
      }
    })
  const unlimited = autoscalersOf(cluster).filter(
    ({ maxNodes, cores, memory, groups, discovers }) =>
      maxNodes === undefined && cores === undefined && memory === undefined && (discovers || groups.length === 0),
  )
  if (unlimited.length === 0) return pools
  const nodes = bounds.nodes.reduce((sum, { nodes: each, worst }) => {
    return sum + (isEndless(worst) ? each.now : Math.max(each.now, Number(worst)))
  }, 0)
  const body: JsonObject = {
    apiVersion: 'autoscaling.x-k8s.io/v1beta1',
    kind: 'CapacityQuota',
    metadata: { name: 'bulkhead-bounds' },
    spec: { limits: { resources: { nodes: Math.max(1, Math.ceil(Number((nodes * headroom).toFixed(6)))) } } },
  }
  return [
    ...pools,
    {
      body,
      title: 'Limit the nodes that cluster-autoscaler may make',
      notes: [
        'it counts only with --capacity-quotas-enabled, and is best effort',
        '--max-nodes-total says the same to releases without it',
      ],
      verdict: UNTOLD,
    },
  ]
}
