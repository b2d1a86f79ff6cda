import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { ClusterNode } from '../../cluster/node.ts'
import { idOf } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../engine.ts'
import type { Known } from '../known.ts'
import { type Group, groupsOf } from './groups.ts'
import { credentialsOf } from './kubelet.ts'

export const NODE_KINDS: readonly EdgeKind[] = [
  {
    kind: 'runs',
    title: 'runs pods of',
    from: 'Node',
    to: 'workload',
    chance: '1',
    precondition:
      'a pod of the workload was seen on the node, or must run there: of a DaemonSet whose pods the node takes, or where no other node takes them; unknown where it may be placed there. Of a workload that escapes to several nodes, only the pod there: a Scope',
    source: 'component-helpers/scheduling/corev1',
  },
  {
    kind: 'node-identity',
    title: 'is a node to the API server',
    from: 'Node',
    to: 'User system:node:…',
    chance: '1',
    precondition: 'none',
    source: 'kubernetes.io/docs/reference/access-authn-authz/node',
  },
  {
    kind: 'node-reads',
    title: 'is given what its pods need',
    from: 'User system:node:…',
    to: 'Secret, ServiceAccount',
    chance: '1',
    precondition:
      'the Node authorizer and NodeRestriction, which are presumed to be on: Secrets that its pods refer to, mounted or not (image pull secrets, their service account’s as well, and those with which volumes and PersistentVolumes are mounted), and tokens for their service accounts; from 1.33 only where the pod’s volumes hold a token for the API server. Nothing for a static pod',
    source: 'plugin/pkg/auth/authorizer/node/graph.go, plugin/pkg/admission/noderestriction',
  },
  {
    kind: 'control-plane-node',
    title: 'is a node of the control plane',
    from: 'Node',
    to: 'ControlPlane',
    chance: '1',
    precondition: 'labelled, tainted or chosen as control plane; unknown where pods only tolerate its taint',
    source: 'kubernetes.io/docs/setup/best-practices/certificates',
  },
]

/** What the pods of a workload give to the node that runs them. */
export interface NodeView {
  /** Nodes to the workload, or to the scope that stands for it and its like. */
  edges(): Iterable<Edge>
  /** Where "the credentials of the pods on this node" lead. */
  credentialsOf(node: ClusterNode): readonly { readonly id: string; readonly truth: Edge['truth'] }[]
}

/**
 * Pods that were seen are drawn one by one. The others are grouped by what they ask of a node, so that nodes and groups
 * are paired and never nodes and workloads.
 */
export function nodeView(cluster: Cluster, known: Known): NodeView {
  const groups = groupsOf(cluster, known)
  const live = livePairs(cluster)
  const onNode = new Map<ClusterNode, { group: Group; truth: Edge['truth'] }[]>()
  for (const group of groups) {
    for (const [node, truth] of group.nodes) {
      const same = onNode.get(node)
      if (same) same.push({ group, truth })
      else onNode.set(node, [{ group, truth }])
    }
  }
  return {
    *edges() {
      for (const node of cluster.placement.nodes) {
        yield identityEdge(node)
        if (node.controlPlane !== 'no') yield controlPlaneEdge(node)
        for (const workload of live.get(node.name) ?? []) yield* liveEdges(node, workload, cluster, known)
        for (const { group, truth } of onNode.get(node) ?? []) yield* groupEdges(node, group, truth)
      }
      for (const group of groups) yield* group.edges()
    },
    credentialsOf: (node) => [
      ...(onNode.get(node) ?? []).flatMap(({ group: { credentialsId }, truth }) =>
        credentialsId === undefined ? [] : [{ id: credentialsId, truth }],
      ),
      ...(live.get(node.name) ?? []).flatMap((workload) =>
        credentialsOf(cluster, known, workload)
          .filter((each) => each.onDisk)
          .map(({ to, truth }) => ({ id: to, truth })),
      ),
    ],
  }
}

const identityOf = (node: ClusterNode): string => idOf('User', '', `system:node:${node.name}`)

function identityEdge(node: ClusterNode): Edge {
  return {
    kind: 'node-identity',
    from: node.id,
    to: identityOf(node),
    chance: 1,
    truth: 'yes',
    rule: '',
    because: [because('its kubelet holds a client certificate', node.object)],
  }
}

function* liveEdges(node: ClusterNode, workload: Workload, cluster: Cluster, known: Known): Generator<Edge> {
  const pod = workload.pods.find((each) => each.node === node.name)?.object
  const why = [because(`a pod of ${workload.name} runs on it`, pod, ['spec', 'nodeName'])]
  yield { kind: 'runs', from: node.id, to: workload.id, chance: 1, truth: 'yes', rule: '', because: why }
  for (const { to, truth, because: reads } of credentialsOf(cluster, known, workload))
    yield {
      kind: 'node-reads',
      from: identityOf(node),
      to,
      chance: 1,
      truth,
      rule: workload.id,
      because: [...why, ...reads],
    }
}

function* groupEdges(node: ClusterNode, group: Group, truth: Edge['truth']): Generator<Edge> {
  const how = truth === 'yes' ? 'run' : 'may be placed'
  const why = [because(`pods with these constraints ${how} on it: ${group.title}`)]
  yield { kind: 'runs', from: node.id, to: group.podsId, chance: 1, truth, rule: '', because: why }
  for (const to of [group.credentialsId, group.grantsId]) {
    if (to !== undefined)
      yield { kind: 'node-reads', from: identityOf(node), to, chance: 1, truth, rule: '', because: why }
  }
}

function controlPlaneEdge(node: ClusterNode): Edge {
  const why =
    node.controlPlane === 'yes'
      ? because('it runs the control plane', node.object, ['metadata', 'labels'])
      : because('pods there tolerate the taint of the control plane; whether its nodes take pods was not seen')
  return {
    kind: 'control-plane-node',
    from: node.id,
    to: CONTROL_PLANE,
    chance: 1,
    truth: node.controlPlane === 'yes' ? 'yes' : 'unknown',
    rule: '',
    because: [why],
  }
}

/** Workloads by the nodes where their pods were seen. */
function livePairs(cluster: Cluster): ReadonlyMap<string, readonly Workload[]> {
  const pairs = new Map<string, Workload[]>()
  for (const workload of cluster.workloads) {
    for (const name of new Set(workload.pods.map((pod) => pod.node))) {
      if (name === '') continue
      const same = pairs.get(name)
      if (same) same.push(workload)
      else pairs.set(name, [workload])
    }
  }
  return pairs
}
