import type { Truth } from './labels.ts'
import { type ClusterNode, decodeNode } from './node.ts'
import { type KubeObject, labelsOf } from './object.ts'
import { constraintsOf, mayRunOn, namedNode, unseenNode } from './stand-in.ts'
import type { Workload } from './workload.ts'

/** Where a workload's pods run, or may run. */
export interface Place {
  readonly node: ClusterNode
  /** `yes` where a pod of it was seen or must run, or where the node only stands for wherever it runs. */
  readonly truth: Exclude<Truth, 'no'>
}

export interface Placement {
  readonly nodes: readonly ClusterNode[]
  /** Whether the input holds Node objects. */
  readonly seen: boolean
  placesOf(workload: Workload): readonly Place[]
}

export function resolvePlacement(objects: readonly KubeObject[], workloads: readonly Workload[]): Placement {
  const nodes = new Map<string, ClusterNode>()
  for (const object of objects)
    if (object.kind === 'Node' && object.group === '') nodes.set(object.name, decodeNode(object))
  const seen = nodes.size > 0
  const controlPlaneOf = controlPlaneByPods(workloads)
  for (const { pods } of workloads) {
    for (const { node } of pods)
      if (node !== '' && !nodes.has(node)) nodes.set(node, namedNode(node, controlPlaneOf(node)))
  }
  const places = new Map<string, readonly Place[]>()
  const candidates = [...nodes.values()]
  // Most workloads ask nothing of a node, and many nodes times many workloads would not fit into memory.
  const alike = new Map<string, readonly Place[]>()
  for (const workload of workloads) {
    const asked = seen && isUnplaced(workload) ? askedOf(workload) : undefined
    const known = asked === undefined ? undefined : alike.get(asked)
    const found = known ?? placesOf(workload, nodes, candidates, seen)
    if (asked !== undefined) alike.set(asked, found)
    places.set(workload.id, found)
  }
  return { nodes: [...nodes.values()], seen, placesOf: (workload) => places.get(workload.id) ?? [] }
}

function placesOf(
  workload: Workload,
  nodes: Map<string, ClusterNode>,
  seenNodes: readonly ClusterNode[],
  seen: boolean,
): readonly Place[] {
  const live = new Set(workload.pods.map((pod) => pod.node).filter((name) => name !== ''))
  if (live.size > 0) return [...live].map((name) => ({ node: nodes.get(name) as ClusterNode, truth: 'yes' }))
  if (seen) {
    const possible = seenNodes.filter((node) => workload.specs.some(({ pod }) => mayRunOn(pod, node)))
    const truth = runsOnEach(workload) || possible.length === 1 ? 'yes' : 'unknown'
    return possible.map((node) => ({ node, truth }))
  }
  const standIns = new Map<string, ClusterNode>()
  for (const { pod } of workload.specs) {
    const key = constraintsOf(pod)
    if (!nodes.has(key)) nodes.set(key, unseenNode(pod))
    standIns.set(key, nodes.get(key) as ClusterNode)
  }
  return [...standIns.values()].map((node) => ({ node, truth: 'yes' }))
}

function isUnplaced({ pods }: Workload): boolean {
  return pods.every((pod) => pod.node === '')
}

/** All that decides where pods of the workload may run, as a text. */
function askedOf(workload: Workload): string {
  const asked = workload.specs.map(({ pod: { nodeName, nodeSelector, nodeTerms, tolerations } }) => [
    nodeName ?? null,
    [...nodeSelector].sort(),
    nodeTerms ?? null,
    tolerations,
  ])
  return JSON.stringify([runsOnEach(workload), asked])
}

/** A DaemonSet has a pod on every node that takes it. */
export function runsOnEach(workload: Workload): boolean {
  return workload.kind === 'DaemonSet'
}

/** Without Node objects, the API server's own static pods tell the control plane's nodes from the others. */
function controlPlaneByPods(workloads: readonly Workload[]): (node: string) => ClusterNode['controlPlane'] {
  const own = new Set<string>()
  let systemSeen = false
  for (const workload of workloads) {
    if (workload.namespace !== 'kube-system') continue
    for (const { node, object } of workload.pods) {
      systemSeen = true
      if (labelsOf(object.body).get('component') === 'kube-apiserver') own.add(node)
    }
  }
  return (node) => (own.has(node) ? 'yes' : systemSeen ? 'no' : 'unknown')
}
