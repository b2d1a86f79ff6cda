import type { Because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Container, PodSpec } from '../../cluster/pod.ts'
import type { Shape, Workload } from '../../cluster/workload.ts'
import type { Edge, EdgeKind } from '../engine.ts'
import type { Known } from '../known.ts'

/** What a step out of a container reaches on each node where the pod runs. */
export type Target =
  /** Root on the node. */
  | 'node'
  /** The kubelet's client certificate. */
  | 'node-identity'
  /** The tokens and Secret volumes of the pods there. */
  | 'pod-credentials'
  /** admin.conf, the cluster's CA or etcd, where the node is one of the control plane. */
  | 'control-plane'
  /** The applications there can be stopped. */
  | 'outage'

export interface Step {
  readonly kind: string
  readonly target: Target
  /** Absent: 1. */
  readonly chance?: number
  readonly truth?: Edge['truth']
  /** What tells it from other steps of the same kind: a container, a path. */
  readonly rule: string
  readonly because: readonly Because[]
}

/** How the pod is kept from the node's kernel, if it is. */
export type Wall = { readonly kind: 'user-namespace' | 'sandbox'; readonly because: readonly Because[] } | undefined

export interface ShapeContext {
  readonly cluster: Cluster
  readonly known: Known
  readonly workload: Workload
  readonly shape: Shape
  readonly pod: PodSpec
  /** The shape of a pod that was seen, rather than of one that will be made. */
  readonly isLive: boolean
  readonly wall: Wall
}

export interface EscapeRule {
  readonly kinds: readonly EdgeKind[]
  steps(context: ShapeContext): Iterable<Step>
}

/**
 * Whether a process in the container is root there. An image may name another user, which no manifest shows, so that
 * only a user in the spec makes it `no`; with privilege escalation left on, a setuid program may undo that.
 */
export function isRoot(container: Container): Edge['truth'] | 'no' {
  const { runAsUser, runAsNonRoot, allowPrivilegeEscalation, privileged } = container.security
  const isUser = runAsUser !== undefined ? runAsUser !== 0 : runAsNonRoot === true
  if (!isUser) return 'yes'
  return allowPrivilegeEscalation === false && !privileged ? 'no' : 'unknown'
}

/** An init container is gone when the workload is breached; only its image can use what it is given. */
export function whileRunning(container: Container): Edge['truth'] {
  return container.role === 'init' ? 'unknown' : 'yes'
}

export function weaker(...truths: readonly Edge['truth'][]): Edge['truth'] {
  return truths.includes('unknown') ? 'unknown' : 'yes'
}
