import { at, isObject, list, stringMap } from './json.ts'
import type { KubeObject } from './object.ts'
import { decodeToleration, type PodSpec, type Toleration } from './pod.ts'

/** What a RuntimeClass adds to the placement of its pods (node.k8s.io/v1 Scheduling). */
interface Scheduling {
  readonly nodeSelector: ReadonlyMap<string, string>
  readonly tolerations: readonly Toleration[]
}

export type RuntimeClasses = ReadonlyMap<string, Scheduling>

export function runtimeClassesOf(objects: readonly KubeObject[]): RuntimeClasses {
  const found = new Map<string, Scheduling>()
  for (const { kind, group, name, body } of objects) {
    if (kind !== 'RuntimeClass' || group !== 'node.k8s.io') continue
    found.set(name, {
      nodeSelector: stringMap(at(body, 'scheduling', 'nodeSelector')),
      tolerations: list(at(body, 'scheduling', 'tolerations')).flatMap((item) =>
        isObject(item) ? [decodeToleration(item)] : [],
      ),
    })
  }
  return found
}

const daemon = (name: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  value: '',
  effect,
})

/** pkg/controller/daemon/util AddOrUpdateDaemonPodTolerations. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  daemon('not-ready', 'NoExecute'),
  daemon('unreachable', 'NoExecute'),
  daemon('disk-pressure', 'NoSchedule'),
  daemon('memory-pressure', 'NoSchedule'),
  daemon('pid-pressure', 'NoSchedule'),
  daemon('unschedulable', 'NoSchedule'),
]

/** A pod as admission and the DaemonSet controller hand it to the scheduler. */
export function scheduled(pod: PodSpec, kind: string, classes: RuntimeClasses): PodSpec {
  const ofClass = pod.runtimeClassName === undefined ? undefined : classes.get(pod.runtimeClassName)
  if (ofClass === undefined && kind !== 'DaemonSet') return pod
  const ofDaemon = kind !== 'DaemonSet' ? [] : DAEMON_TOLERATIONS
  const ofNetwork = kind === 'DaemonSet' && pod.hostNetwork ? [daemon('network-unavailable', 'NoSchedule')] : []
  const added = [...(ofClass?.tolerations ?? []), ...ofDaemon, ...ofNetwork]
  if (added.length === 0 && !ofClass?.nodeSelector.size) return pod
  return {
    ...pod,
    // A selector that the class contradicts is refused, so that no such pod runs.
    nodeSelector: new Map([...(ofClass?.nodeSelector ?? []), ...pod.nodeSelector]),
    tolerations: [...pod.tolerations, ...added],
  }
}
