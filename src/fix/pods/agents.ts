import { at, string } from '../../cluster/json.ts'
import { isMirrorPod, type PodSpec } from '../../cluster/pod.ts'
import type { Shape, Workload } from '../../cluster/workload.ts'

/** What a process writes on a node to be a part of it: networks of pods, and drivers of the kubelet. */
const PARTS_OF_NODE: readonly string[] = [
  '/etc/cni',
  '/opt/cni',
  '/var/lib/cni',
  '/var/lib/kubelet/plugins',
  '/var/lib/kubelet/plugins_registry',
  '/var/lib/kubelet/device-plugins',
]

const known = new WeakMap<Workload, boolean>()

/**
 * Whether a workload is a part of its node or of the control plane, told by what it does and not by its name: what it has
 * of the node is what it is for, and without it pods get no network, no volumes, or no cluster.
 */
export function isPartOfNode(workload: Workload): boolean {
  const before = known.get(workload)
  if (before !== undefined) return before
  const is = workload.specs.some((shape) => isPart(workload, shape))
  known.set(workload, is)
  return is
}

function isPart({ kind, namespace }: Workload, { pod, object }: Shape): boolean {
  if (isMirrorPod(object) || isCritical(pod, object)) return true
  // It runs before the network of pods does, on nodes that are not ready yet.
  if (kind !== 'DaemonSet' && pod.hostNetwork && pod.tolerations.some(toleratesAll)) return true
  return kind === 'DaemonSet' && (namespace === 'kube-system' || writesParts(pod))
}

function isCritical(pod: PodSpec, object: Shape['object']): boolean {
  const priority = string(at(object.body, ...pod.path, 'priorityClassName'))
  return priority === 'system-node-critical' || priority === 'system-cluster-critical'
}

function toleratesAll({ key, operator, effect }: PodSpec['tolerations'][number]): boolean {
  return operator === 'Exists' && (key === '' || key === 'node.kubernetes.io/not-ready') && effect !== 'NoExecute'
}

/** A benchmark reads them; what is meant for the node writes. */
function writesParts({ volumes, containers }: PodSpec): boolean {
  const names = new Set(
    volumes
      .filter(({ sources }) => sources.some((source) => source.kind === 'hostPath' && isPartPath(source.hostPath)))
      .map(({ name }) => name),
  )
  return containers.some(({ mounts }) => mounts.some(({ volume, readOnly }) => !readOnly && names.has(volume)))
}

function isPartPath(path: string): boolean {
  return PARTS_OF_NODE.some((each) => path === each || path.startsWith(`${each}/`))
}
