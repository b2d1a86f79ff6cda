import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { hash8, hash53 } from '../../cluster/hash.ts'
import { at } from '../../cluster/json.ts'
import type { ClusterNode } from '../../cluster/node.ts'
import { idOf } from '../../cluster/object.ts'
import { runsOnEach } from '../../cluster/placement.ts'
import type { PodSpec } from '../../cluster/pod.ts'
import { constraintsOf, isOrdinary, mayRunOn } from '../../cluster/stand-in.ts'
import type { Workload } from '../../cluster/workload.ts'
import type { Edge } from '../engine.ts'
import type { Known } from '../known.ts'
import { type Credential, credentialsOf } from './kubelet.ts'

/** Workloads that ask the same of a node, and of which no pod was seen on one. */
export interface Group {
  readonly title: string
  readonly podsId: string
  /** What lies on the node's disk; absent where nothing does. */
  readonly credentialsId: string | undefined
  /** What the kubelet may ask for besides; absent where it may not. */
  readonly grantsId: string | undefined
  /** Nodes where they may run; `yes` where they must. */
  readonly nodes: ReadonlyMap<ClusterNode, Edge['truth']>
  edges(): Iterable<Edge>
}

export function groupsOf(cluster: Cluster, known: Known): readonly Group[] {
  const { seen, nodes } = cluster.placement
  const keyOf = keying(seen, nodes)
  const byKey = new Map<string, { pod: PodSpec; workloads: Workload[] }>()
  for (const workload of cluster.workloads) {
    if (workload.finished || workload.pods.some((pod) => pod.node !== '')) continue
    for (const { pod } of workload.specs) {
      const key = keyOf(pod, workload)
      const same = byKey.get(key)
      if (!same) byKey.set(key, { pod, workloads: [workload] })
      else if (same.workloads.at(-1) !== workload) same.workloads.push(workload)
    }
  }
  return [...byKey].map(([title, { pod, workloads }]) => {
    const possible = nodes.filter((node) => mayRunOn(pod, node))
    const isCertain = seen && (possible.length === 1 || workloads.every(runsOnEach))
    const places = new Map(possible.map((node) => [node, isCertain ? ('yes' as const) : ('unknown' as const)]))
    return groupOf(title, workloads, places, cluster, known)
  })
}

/**
 * Constraints in words, which make the group's id. Where nodes were seen, DaemonSets, which run on each, are apart; and
 * where one is not ready, so are pods with different tolerations of that.
 */
function keying(seen: boolean, nodes: readonly ClusterNode[]): (pod: PodSpec, workload: Workload) => string {
  const someUnready = nodes.some((node) => node.taints.some((taint) => taint.key.startsWith('node.kubernetes.io/')))
  return (pod, workload) => {
    const constraints = constraintsOf(pod)
    const text = constraints === '(any node)' ? 'none' : constraints.replace(/^\((.*)\)$/s, '$1')
    const ordinary = someUnready ? pod.tolerations.filter(isOrdinary).map((each) => JSON.stringify(each)) : []
    return [
      pod.nodeName === undefined ? text : `node ${text}`,
      ...(seen && runsOnEach(workload) ? ['on each'] : []),
      ...(ordinary.length > 0 ? [`unready #${hash8([hash53(ordinary.sort().join())])}`] : []),
    ].join(', ')
  }
}

const PLACED = 'pods with node constraints: '

/** Whether a node of the graph stands for pods that are grouped by what they ask of a node. */
export function isPlacedGroup(id: string): boolean {
  return id.startsWith(idOf('Scope', '*', PLACED))
}

function groupOf(
  title: string,
  workloads: readonly Workload[],
  nodes: Group['nodes'],
  cluster: Cluster,
  known: Known,
): Group {
  const brought = workloads.map((workload) => ({ workload, credentials: credentialsOf(cluster, known, workload) }))
  const has = (onDisk: boolean): boolean =>
    brought.some(({ credentials }) => credentials.some((each) => each.onDisk === onDisk))
  const podsId = idOf('Scope', '*', `${PLACED}${title}`)
  const ofPods = idOf('Scope', '*', `credentials of pods with node constraints: ${title}`)
  const credentialsId = has(true) ? ofPods : undefined
  const grantsId = has(false) ? `${ofPods}; asked for by their node` : undefined
  return {
    title,
    podsId,
    credentialsId,
    grantsId,
    nodes,
    *edges() {
      for (const { workload, credentials } of brought) {
        yield runsAs(podsId, workload, title)
        for (const credential of credentials) {
          const scope = credential.onDisk ? credentialsId : grantsId
          if (scope !== undefined) yield leadsTo(scope, workload, credential)
        }
      }
    },
  }
}

function runsAs(from: string, workload: Workload, title: string): Edge {
  const why = [because(`its node constraints: ${title}`, workload.object ?? workload.specs[0]?.object)]
  const truth = isIdle(workload) ? 'unknown' : 'yes'
  return { kind: 'contains', from, to: workload.id, chance: 1, truth, rule: '', because: why }
}

function leadsTo(from: string, workload: Workload, { to, truth, because: why }: Credential): Edge {
  const runs = isIdle(workload) ? 'unknown' : truth
  return { kind: 'contains', from, to, chance: 1, truth: runs, rule: workload.id, because: why }
}

/** Scaled to zero or suspended: no pod of it need be anywhere. */
function isIdle({ replicas, object }: Workload): boolean {
  return replicas === 0 || at(object?.body, 'spec', 'suspend') === true
}
