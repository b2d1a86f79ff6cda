import { hash8, hash53 } from './hash.ts'
import { affinityAdmits, type ClusterNode, CONTROL_PLANE_KEYS, type Taint, tolerates, untolerated } from './node.ts'
import { idOf } from './object.ts'
import type { NodeRequirement, NodeTerm, PodSpec, Toleration } from './pod.ts'
import { type Alternative, alternative, alternativesOf, mayHoldTogether } from './requirements.ts'

/** Nodes that the input does not hold: one stands for all where pods with certain constraints may run. */

export function mayRunOn(pod: PodSpec, node: ClusterNode): boolean {
  if (pod.nodeName !== undefined) return pod.nodeName === node.name
  if (node.object) return affinityAdmits(pod, node) && untolerated(pod.tolerations, node.taints) === undefined
  if (node.controlPlane === 'no' && controlPlaneOf(pod) === 'yes') return false
  // A node that was not seen has no labels but those that its own pods ask for: only a contradiction excludes.
  const offered = ofNode(node)
  return ofPod(pod).some((own) => offered.some((other) => mayHoldTogether(own, other)))
}

const byPod = new WeakMap<object, readonly Alternative[]>()
const byName = new WeakMap<ClusterNode, readonly Alternative[]>()

function ofPod(asks: Pick<PodSpec, 'nodeSelector' | 'nodeTerms'>): readonly Alternative[] {
  const known = byPod.get(asks) ?? alternativesOf(asks)
  byPod.set(asks, known)
  return known
}

function ofNode(node: ClusterNode): readonly Alternative[] {
  if (node.standsFor) return ofPod(node.standsFor)
  const name = { key: 'metadata.name', operator: 'In', values: [node.name] }
  const known = byName.get(node) ?? [alternative({ labels: [], fields: [name] })]
  byName.set(node, known)
  return known
}

/** Tolerations that the DaemonSet controller and admission add to every pod say nothing about where it runs. */
export function isOrdinary(toleration: Toleration): boolean {
  return toleration.key.startsWith('node.kubernetes.io/')
}

const MAX_TEXT = 160
const ANY = '(any node)'
const PLAIN = /^[\w./-]*$/

/**
 * What of a pod spec chooses its nodes, in words that no node can have as its name: pods with equal constraints share a
 * node that stands for theirs, and different constraints never have equal words.
 */
export function constraintsOf(pod: PodSpec): string {
  if (pod.nodeName !== undefined) return pod.nodeName
  const selector = [...pod.nodeSelector].map(([key, value]) => (value === '' ? key : `${key}=${value}`))
  const terms = pod.nodeTerms?.map(termText)
  const tolerations = pod.tolerations.filter((each) => !isOrdinary(each)).map(tolerationText)
  const parts = [
    ...selector.sort(),
    ...(terms ? [terms.sort().join(' or ') || 'no node'] : []),
    ...[...new Set(tolerations)].sort(),
    ...(pod.runtimeClassName === undefined ? [] : [`runtimeClass ${pod.runtimeClassName}`]),
  ]
  if (parts.length === 0) return ANY
  const text = parts.join('; ')
  if (text.length <= MAX_TEXT && isPlain(pod)) return `(${text})`
  const all = JSON.stringify([
    [...pod.nodeSelector].sort(),
    pod.nodeTerms?.map((term) => JSON.stringify([term.labels, term.fields])).sort() ?? null,
    pod.tolerations
      .filter((each) => !isOrdinary(each))
      .map((each) => JSON.stringify(each))
      .sort(),
    pod.runtimeClassName ?? '',
  ])
  return `(${text.slice(0, MAX_TEXT - 20)}… #${hash8([hash53(all)])})`
}

function termText(term: NodeTerm): string {
  const texts = [
    ...term.labels.map(requirementText),
    ...term.fields.map((each) => `field ${requirementText(each)}`),
  ].sort()
  return texts.join(' and ') || 'nothing'
}

function requirementText({ key, operator, values }: NodeRequirement): string {
  return values.length === 0 ? `${key} ${operator}` : `${key} ${operator} ${values.join(',')}`
}

function tolerationText({ key, operator, value, effect }: Toleration): string {
  const what =
    operator === 'Equal'
      ? `${key}=${value}`
      : operator === 'Exists'
        ? key || 'everything'
        : `${key} ${operator} ${value}`
  return `tolerates ${what}${effect === '' ? '' : `:${effect}`}`
}

/** No part holds what parts the words, so that the words tell all. */
function isPlain(pod: PodSpec): boolean {
  const requirements = (pod.nodeTerms ?? []).flatMap((term) => [...term.labels, ...term.fields])
  return (
    [...pod.nodeSelector].flat().every((each) => PLAIN.test(each)) &&
    requirements.every(
      (each) =>
        PLAIN.test(each.key) &&
        PLAIN.test(each.operator) &&
        each.values.every((value) => value !== '' && PLAIN.test(value)),
    ) &&
    pod.tolerations.every(
      (each) =>
        [each.key, each.operator, each.value, each.effect].every((text) => PLAIN.test(text)) &&
        (each.operator !== 'Exists' || (each.value === '' && each.key !== 'everything')),
    ) &&
    PLAIN.test(pod.runtimeClassName ?? '')
  )
}

/** A node for the pods with these constraints, where the input holds no Node at all. */
export function unseenNode(pod: PodSpec): ClusterNode {
  const name = constraintsOf(pod)
  if (pod.nodeName !== undefined) return namedNode(name, controlPlaneOf(pod))
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
    standsFor: pod,
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
    standsFor: undefined,
    object: undefined,
  }
}

/** The taints with which kubeadm and other installers keep pods off the control plane. */
const TAINTS: readonly Taint[] = [
  ...CONTROL_PLANE_KEYS.map((key) => ({ key, value: '', effect: 'NoSchedule' })),
  { key: 'node-role.kubernetes.io/controlplane', value: 'true', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/etcd', value: 'true', effect: 'NoExecute' },
]

/** Chosen by its label: yes. Only tolerated: unknown. Otherwise the taint of the installer keeps pods off. */
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
  return TAINTS.some((taint) => pod.tolerations.some((each) => tolerates(each, taint))) ? 'unknown' : 'no'
}
