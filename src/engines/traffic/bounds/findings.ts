import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, list, number } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Finding } from '../../engine.ts'
import type { Known } from '../../known.ts'
import { SHIPPED } from '../prices/shipped.ts'
import { autoscalersOf } from './autoscaler-flags.ts'
import { balancersOf } from './balancers.ts'
import { type Bounds, boundsOf } from './bill.ts'
import { isEndless } from './extent.ts'
import type { BoundItem } from './items.ts'
import type { Load } from './loads.ts'
import { karpenterPools } from './node-caps.ts'
import { quotasOf } from './quotas.ts'
import { scalersOf } from './scalers.ts'

/** What may grow without an end, and what nobody has bounded. */
export function* boundFindings(
  cluster: Cluster,
  known: Known,
  bounds: Bounds = boundsOf(cluster, { prices: SHIPPED, exposed: known.exposures() }),
): Iterable<Finding> {
  const items = new Map(bounds.items.map((item) => [item.controller, item]))
  yield* unbounded(bounds)
  yield* namespaces(cluster, bounds, items)
  yield* nodePools(cluster)
  yield* autoscalers(cluster)
  yield* defaultMaxima(cluster, items)
  yield* verticals(bounds, items)
  yield* scratchSpace(bounds.loads, items)
  yield* loadBalancers(cluster)
}

/** A path from the internet to money that nothing ends. */
function* unbounded({ items }: Bounds): Iterable<Finding> {
  for (const { object, exposed, path, ...item } of items) {
    if (!item.unbounded || !object || exposed === 'no') continue
    const sure = exposed === 'yes' ? 'can' : 'may'
    yield {
      check: 'cost-unbounded',
      severity: exposed === 'yes' ? 'high' : 'medium',
      object,
      message: `outsiders ${sure} make it cost any amount: ${path.map(({ text }) => text).join('; ')}`,
      because: path,
    }
  }
}

/** Where nodes are capped, what grows without an end takes them all from everybody else. */
function* namespaces(cluster: Cluster, { loads }: Bounds, items: ReadonlyMap<string, BoundItem>): Iterable<Finding> {
  for (const load of loads) {
    const item = items.get(load.workload.id)
    if (!item || item.unbounded || item.exposed === 'no' || !isEndless(load.capped)) continue
    const { namespace } = load.workload
    yield {
      check: 'traffic-takes-all-nodes',
      severity: 'medium',
      object: item.object ?? load.shape.object,
      message: `outsiders can make it take every node that the cluster may have: no quota of namespace ${namespace} counts its pods`,
      because: [
        ...item.path,
        because(`no quota counts pods of namespace ${namespace}`, cluster.namespaces.get(namespace)?.object),
      ],
    }
  }
}

function* nodePools(cluster: Cluster): Iterable<Finding> {
  for (const { object, name, caps } of karpenterPools(cluster)) {
    if (caps.length > 0) continue
    yield {
      check: 'node-pool-unlimited',
      severity: 'medium',
      object,
      message: `${object.kind} ${name} has no limits: Karpenter makes nodes for all pods that ask for them`,
      because: [because('no limits', object, ['spec'])],
    }
  }
}

function* autoscalers(cluster: Cluster): Iterable<Finding> {
  for (const { workload, path, maxNodes, cores, memory, groups, discovers } of autoscalersOf(cluster)) {
    const object = workload.object ?? workload.specs[0]?.object
    if (!object || maxNodes !== undefined || cores !== undefined || memory !== undefined) continue
    if (groups.length > 0 && !discovers) continue
    yield {
      check: 'cluster-autoscaler-unlimited',
      severity: 'low',
      object,
      message: discovers
        ? 'it finds its node groups by their tags and has no --max-nodes-total, --cores-total or --memory-total: only the groups themselves bound it'
        : 'it has neither --nodes nor --max-nodes-total, --cores-total or --memory-total',
      because: [because('its flags', object, path)],
    }
  }
}

/** Where KEDA's default of 100 is the only maximum. */
function* defaultMaxima(cluster: Cluster, items: ReadonlyMap<string, BoundItem>): Iterable<Finding> {
  const finding = (object: KubeObject, target: string): Finding => {
    const exposed = items.get(target)?.exposed ?? 'no'
    return {
      check: 'keda-default-maximum',
      severity: exposed === 'no' ? 'low' : 'medium',
      object,
      message: `it says no maximum, so ${target} may grow to KEDA's default of 100`,
      because: [because('no maximum', object, ['spec'])],
    }
  }
  for (const [target, scalers] of scalersOf(cluster))
    for (const { byDefault, object } of scalers) if (byDefault) yield finding(object, target)
  for (const object of cluster.ofKind('ScaledJob', 'keda.sh'))
    if (number(at(object.body, 'spec', 'maxReplicaCount')) === undefined) yield finding(object, object.id)
}

function* verticals({ loads }: Bounds, items: ReadonlyMap<string, BoundItem>): Iterable<Finding> {
  for (const { workload, grown, vertical } of loads) {
    const item = items.get(workload.id)
    if (!item || item.exposed === 'no' || ![...grown.values()].some(isEndless)) continue
    const object = vertical.find((each) => each.object)?.object
    if (!object) continue
    yield {
      check: 'vpa-unlimited',
      severity: 'medium',
      object,
      message: `what outsiders send raises the requests of ${workload.id} without a bound: no maxAllowed, and no LimitRange`,
      because: vertical,
    }
  }
}

/** An emptyDir on the disk of a node that nothing bounds: outsiders fill it, and the node evicts everybody. */
function* scratchSpace(loads: readonly Load[], items: ReadonlyMap<string, BoundItem>): Iterable<Finding> {
  for (const { workload, shape, amounts } of loads) {
    const item = items.get(workload.id)
    if (!item || item.exposed === 'no') continue
    if (amounts.containers.every(({ limits }) => limits.has('ephemeral-storage'))) continue
    const volumes = list(at(shape.object.body, ...shape.pod.path, 'volumes'))
    const index = volumes.findIndex((volume) => {
      const emptyDir = field(volume, 'emptyDir')
      return (
        emptyDir !== undefined && field(emptyDir, 'sizeLimit') === undefined && field(emptyDir, 'medium') !== 'Memory'
      )
    })
    if (index < 0) continue
    const path = [...shape.pod.path, 'volumes', index, 'emptyDir']
    yield {
      check: 'empty-dir-unlimited',
      severity: 'low',
      object: item.object ?? shape.object,
      message:
        'outsiders reach it, and it may fill the disk of its node: an emptyDir without sizeLimit, and containers without a limit of ephemeral-storage',
      because: [because('no sizeLimit', shape.object, path)],
    }
  }
}

/** A namespace with a quota that counts no load balancers, and with load balancers. */
function* loadBalancers(cluster: Cluster): Iterable<Finding> {
  const counted = new Set<string>()
  for (const { object } of balancersOf(cluster)) {
    const { namespace, kind } = object
    if (kind !== 'Service' || counted.has(namespace)) continue
    const quotas = quotasOf(cluster, namespace)
    // That there is no quota at all another check says.
    const [first] = quotas
    if (!first || quotas.some(({ hard }) => hard.has('services.loadbalancers'))) continue
    counted.add(namespace)
    yield {
      check: 'load-balancers-without-quota',
      severity: 'low',
      object: first.object,
      message: `whoever makes Services in ${namespace} makes load balancers, each of which is billed: no quota counts services.loadbalancers`,
      because: [because('counts no load balancers', first.object, ['spec', 'hard'])],
    }
  }
}
