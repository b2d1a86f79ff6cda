import { at, field, list, string } from './json.ts'
import { type KubeObject, labelsOf } from './object.ts'
import type { NodeRequirement, NodeTerm, PodSpec, Toleration } from './pod.ts'

/** Nodes, and which pods may be placed on them: component-helpers/scheduling/corev1 (nodeaffinity, helpers.go). */

export interface Taint {
  readonly key: string
  readonly value: string
  readonly effect: string
}

export interface ClusterNode {
  readonly id: string
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly taints: readonly Taint[]
  readonly addresses: readonly string[]
  readonly kubelet: string | undefined
  readonly runtime: string | undefined
  /** `yes`: it runs the control plane. `no`: it was seen and does not. `unknown`: it stands for nodes that were not seen. */
  readonly controlPlane: 'yes' | 'no' | 'unknown'
  readonly pool: string
  /** What pods ask of the nodes that a stand-in stands for: all that is known of their labels. */
  readonly standsFor: Pick<PodSpec, 'nodeSelector' | 'nodeTerms'> | undefined
  /** Absent for a node that stands for all nodes where certain pods may run (no Node is in the input). */
  readonly object: KubeObject | undefined
}

export const CONTROL_PLANE_KEYS: readonly string[] = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
  'node-role.kubernetes.io/etcd',
  // RKE before its second version.
  'node-role.kubernetes.io/controlplane',
]

const POOL_LABELS: readonly string[] = [
  'cloud.google.com/gke-nodepool',
  'eks.amazonaws.com/nodegroup',
  'alpha.eksctl.io/nodegroup-name',
  'karpenter.sh/nodepool',
  'kubernetes.azure.com/agentpool',
  'agentpool',
  'doks.digitalocean.com/node-pool',
  'node.cluster.x-k8s.io/pool',
  'machine.openshift.io/cluster-api-machineset',
]

export function decodeNode(object: KubeObject): ClusterNode {
  const labels = labelsOf(object.body)
  const taints = list(at(object.body, 'spec', 'taints')).flatMap((item) => {
    const key = string(field(item, 'key'))
    return key === undefined
      ? []
      : [{ key, value: string(field(item, 'value')) ?? '', effect: string(field(item, 'effect')) ?? '' }]
  })
  const isControlPlane = CONTROL_PLANE_KEYS.some(
    (key) => (labels.has(key) && labels.get(key) !== 'false') || taints.some((taint) => taint.key === key),
  )
  return {
    id: object.id,
    name: object.name,
    labels,
    taints,
    addresses: list(at(object.body, 'status', 'addresses')).flatMap((item) => string(field(item, 'address')) ?? []),
    kubelet: string(at(object.body, 'status', 'nodeInfo', 'kubeletVersion')),
    runtime: string(at(object.body, 'status', 'nodeInfo', 'containerRuntimeVersion')),
    controlPlane: isControlPlane ? 'yes' : 'no',
    pool: poolOf(labels, isControlPlane),
    standsFor: undefined,
    object,
  }
}

function poolOf(labels: ReadonlyMap<string, string>, isControlPlane: boolean): string {
  for (const label of POOL_LABELS) {
    const pool = labels.get(label)
    if (pool !== undefined && pool !== '') return pool
  }
  return isControlPlane ? 'control-plane' : 'default'
}

/** strconv.ParseInt(text, 10, 64). */
export function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[-+]?\d{1,40}$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** A requirement on one label (nodeaffinity.go via labels.Requirement; Gt and Lt compare integers). */
export function holds(requirement: NodeRequirement, value: string | undefined): boolean {
  const { operator, values } = requirement
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
    case 'Lt': {
      const left = integer(value)
      const right = integer(values[0])
      return left !== undefined && right !== undefined && (operator === 'Gt' ? left > right : left < right)
    }
    default:
      return false
  }
}

/** An empty term matches nothing. */
function termMatches(
  term: NodeTerm,
  node: { readonly name: string; readonly labels: ReadonlyMap<string, string> },
): boolean {
  if (term.labels.length === 0 && term.fields.length === 0) return false
  return (
    term.labels.every((each) => holds(each, node.labels.get(each.key))) &&
    term.fields.every((each) => holds(each, each.key === 'metadata.name' ? node.name : undefined))
  )
}

export function affinityAdmits(
  pod: Pick<PodSpec, 'nodeSelector' | 'nodeTerms'>,
  node: { readonly name: string; readonly labels: ReadonlyMap<string, string> },
): boolean {
  for (const [key, value] of pod.nodeSelector) if (node.labels.get(key) !== value) return false
  return pod.nodeTerms === undefined || pod.nodeTerms.some((term) => termMatches(term, node))
}

/** core/v1 Toleration.ToleratesTaint. An empty key with Exists tolerates everything; an empty effect, every effect. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect !== '' && toleration.effect !== taint.effect) return false
  if (toleration.key !== '' && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  return toleration.operator === 'Equal' && toleration.value === taint.value
}

/** The scheduler and the kubelet keep a pod off a node for these; PreferNoSchedule does not. */
export function untolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): Taint | undefined {
  return taints.find(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
      !tolerations.some((each) => tolerates(each, taint)),
  )
}
