import type { Cluster } from '../cluster/cluster.ts'
import { idOf } from '../cluster/object.ts'
import type { Workload } from '../cluster/workload.ts'

/**
 * What a controller appends to its workload's name to name a pod; of a pod that is gone, its name is all there is.
 * `shop-api-5d4f8c7b9-x2x7k` may be of `shop-api` or of a DaemonSet `shop-api-5d4f8c7b9`: only kinds tell.
 */
const SUFFIX: Readonly<Record<string, RegExp>> = {
  Deployment: /^-[a-z0-9]{1,10}-[a-z0-9]{5}$/,
  Rollout: /^-[a-z0-9]{1,10}-[a-z0-9]{5}$/,
  ReplicaSet: /^-[a-z0-9]{5}$/,
  ReplicationController: /^-[a-z0-9]{5}$/,
  DaemonSet: /^-[a-z0-9]{5}$/,
  StatefulSet: /^-\d+$/,
  CronJob: /^-\d{4,}-(\d+-)?[a-z0-9]{5}$/,
  Job: /^-(\d+-)?[a-z0-9]{5}$/,
  Pod: /^$/,
}

export interface Pods {
  /** The one workload of the namespace that a pod of this name is, or was, of; empty where none or several may be. */
  workloadOf(namespace: string, pod: string): string
  /** The node of a pod that is known to run; undefined of any other. */
  nodeOf(workload: string, pod: string): string | undefined
}

export function podsOf(cluster: Cluster): Pods {
  const inNamespace = Map.groupBy(cluster.workloads, (workload) => workload.namespace)
  const nodes = new Map<string, string>()
  for (const { id, pods } of cluster.workloads)
    for (const { name, node } of pods) if (node !== '') nodes.set(`${id} ${name}`, node)
  return {
    workloadOf: (namespace, pod) => {
      const live = cluster.workloadOf(idOf('Pod', namespace, pod))
      if (live !== undefined) return live
      const fitting = (inNamespace.get(namespace) ?? []).filter((workload) => mayBePodOf(workload, pod))
      return fitting.length === 1 ? (fitting[0] as Workload).id : ''
    },
    nodeOf: (workload, pod) => nodes.get(`${workload} ${pod}`),
  }
}

function mayBePodOf({ kind, name }: Workload, pod: string): boolean {
  const suffix = Object.hasOwn(SUFFIX, kind) ? (SUFFIX[kind] as RegExp) : /^-[-a-z0-9.]+$/
  return pod.startsWith(name) && suffix.test(pod.slice(name.length))
}
