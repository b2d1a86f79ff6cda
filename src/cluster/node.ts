import { at, field, list, string } from './json.ts'
import { idOf, type KubeObject, labelsOf } from './object.ts'
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
  /** Absent for a node that stands for all nodes where certain pods may run (no Node is in the input). */
  readonly object: KubeObject | undefined
}

export const CONTROL_PLANE_KEYS: readonly string[] = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
  'node-role.kubernetes.io/etcd',
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
  const isControlPlane = CONTROL_PLANE_KEYS.some((key) => labels.has(key) && labels.get(key) !== 'false')
  return {
    id: object.id,
    name: object.name,
    labels,
    taints: list(at(object.body, 'spec', 'taints')).flatMap((item) => {
      const key = string(field(item, 'key'))
      return key === undefined
        ? []
        : [{ key, value: string(field(item, 'value')) ?? '', effect: string(field(item, 'effect')) ?? '' }]
    }),
    addresses: list(at(object.body, 'status', 'addresses')).flatMap((item) => string(field(item, 'address')) ?? []),
    kubelet: string(at(object.body, 'status', 'nodeInfo', 'kubeletVersion')),
    runtime: string(at(object.body, 'status', 'nodeInfo', 'containerRuntimeVersion')),
    controlPlane: isControlPlane ? 'yes' : 'no',
    pool: poolOf(labels, isControlPlane),
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
function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[-+]?\d{1,40}$/.test(text)) return undefined
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** A requirement on one label (nodeaffinity.go via labels.Requirement; Gt and Lt compare integers). */
function holds(requirement: NodeRequirement, value: string | undefined): boolean {
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

export function mayRunOn(pod: PodSpec, node: ClusterNode): boolean {
  if (pod.nodeName !== undefined) return pod.nodeName === node.name
  if (node.object) return affinityAdmits(pod, node) && untolerated(pod.tolerations, node.taints) === undefined
  // A node that was not seen has no labels but those that its own pods ask for: only a contradiction excludes.
  if (node.controlPlane === 'no' && controlPlaneOf(pod) === 'yes') return false
  return [...pod.nodeSelector].every(([label, value]) => !node.labels.has(label) || node.labels.get(label) === value)
}

/** Tolerations that the DaemonSet controller and admission add to every pod say nothing about where it runs. */
function isOrdinary(toleration: Toleration): boolean {
  return toleration.key.startsWith('node.kubernetes.io/')
}

/** What of a pod spec chooses its nodes: pods with equal constraints share a node that stands for theirs. */
export function constraintsOf(pod: PodSpec): string {
  const tolerations = pod.tolerations
    .filter((each) => !isOrdinary(each))
    .map((each) => `${each.key} ${each.operator} ${each.value} ${each.effect}`)
  const terms = pod.nodeTerms?.map((term) => JSON.stringify([term.labels, term.fields])).sort()
  const selector = [...pod.nodeSelector].map(([key, value]) => `${key}=${value}`).sort()
  return JSON.stringify([selector, terms ?? null, tolerations.sort(), pod.runtimeClassName ?? '', pod.nodeName ?? ''])
}

/** A node for the pods with these constraints, where the input holds no Node at all. */
export function unseenNode(pod: PodSpec): ClusterNode {
  const name = nameOf(pod)
  return {
    id: idOf('Node', '', name),
    name,
    labels: pod.nodeSelector,
    taints: [],
    addresses: [],
    kubelet: undefined,
    runtime: undefined,
    controlPlane: controlPlaneOf(pod),
    pool: name,
    object: undefined,
  }
}

/** A node that only its pods name. */
export function namedNode(name: string, controlPlane: ClusterNode['controlPlane']): ClusterNode {
  const pool = controlPlane === 'yes' ? 'control-plane' : 'default'
  return {
    id: idOf('Node', '', name),
    name,
    labels: new Map(),
    taints: [],
    addresses: [],
    kubelet: undefined,
    runtime: undefined,
    controlPlane,
    pool,
    object: undefined,
  }
}

/** The selectors in words that no node can have as its name, so that it is not taken for a real one. */
function nameOf(pod: PodSpec): string {
  if (pod.nodeName !== undefined) return pod.nodeName
  const parts = [...pod.nodeSelector].map(([key, value]) => (value === '' ? key : `${key}=${value}`)).sort()
  for (const term of pod.nodeTerms ?? [])
    parts.push(
      [...term.labels, ...term.fields]
        .map((each) => `${each.key} ${each.operator} ${each.values.join(',')}`.trim())
        .join(' and '),
    )
  for (const each of pod.tolerations.filter((one) => !isOrdinary(one)))
    parts.push(
      `tolerates ${each.key === '' ? 'everything' : each.value === '' ? each.key : `${each.key}=${each.value}`}`,
    )
  if (pod.runtimeClassName !== undefined) parts.push(`runtimeClass ${pod.runtimeClassName}`)
  return parts.length === 0 ? '(any node)' : `(${[...new Set(parts)].join('; ')})`
}

/** Chosen by its label: yes. Only tolerated: unknown. Otherwise the taint of kubeadm and most installers keeps pods off. */
function controlPlaneOf(pod: PodSpec): ClusterNode['controlPlane'] {
  const chosenBySelector = [...pod.nodeSelector.keys()].some((key) => CONTROL_PLANE_KEYS.includes(key))
  const terms = pod.nodeTerms ?? []
  const chosenByTerms =
    terms.length > 0 &&
    terms.every((term) =>
      term.labels.some(
        (each) => CONTROL_PLANE_KEYS.includes(each.key) && (each.operator === 'Exists' || each.operator === 'In'),
      ),
    )
  if (chosenBySelector || chosenByTerms) return 'yes'
  const taints = CONTROL_PLANE_KEYS.map((key) => ({ key, value: '', effect: 'NoSchedule' }))
  return taints.some((taint) => pod.tolerations.some((each) => tolerates(each, taint))) ? 'unknown' : 'no'
}
