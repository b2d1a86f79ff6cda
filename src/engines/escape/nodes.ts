import { type Because, because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { type ClusterNode, constraintsOf, mayRunOn } from '../../cluster/node.ts'
import { idOf } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../engine.ts'

export const NODE_KINDS: readonly EdgeKind[] = [
  {
    kind: 'runs',
    title: 'runs pods of',
    from: 'Node',
    to: 'workload',
    chance: '1',
    precondition: 'a pod of the workload was seen on the node; unknown where it may be placed there',
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
      'the Node authorizer: Secrets that its pods refer to (image pull secrets as well), and tokens for their service accounts, mounted or not',
    source: 'plugin/pkg/auth/authorizer/node/graph.go',
  },
  {
    kind: 'control-plane-node',
    title: 'is a node of the control plane',
    from: 'Node',
    to: 'ControlPlane',
    chance: '1',
    precondition: 'labelled or chosen as control plane; unknown where pods only tolerate its taint',
    source: 'kubernetes.io/docs/setup/best-practices/certificates',
  },
]

/** What the pods of a workload give to the node that runs them. */
export interface NodeView {
  /** Nodes to the workload, or to the scope that stands for it and its like. */
  edges(): Iterable<Edge>
  /** Where "the credentials of the pods on this node" lead. */
  credentialsOf(node: ClusterNode): readonly string[]
}

/**
 * Pods that were seen are drawn one by one. The others are grouped by what they ask of a node, so that nodes and groups
 * are paired and never nodes and workloads.
 */
export function nodeView(cluster: Cluster): NodeView {
  const groups = groupsOf(cluster)
  const live = livePairs(cluster)
  const identity = (node: ClusterNode): string => idOf('User', '', `system:node:${node.name}`)
  const groupsOn = (node: ClusterNode): readonly Group[] => groups.filter((group) => group.mayRunOn(node))
  return {
    *edges() {
      for (const node of cluster.placement.nodes) {
        yield {
          kind: 'node-identity',
          from: node.id,
          to: identity(node),
          chance: 1,
          truth: 'yes',
          rule: '',
          because: [because('its kubelet holds a client certificate', node.object)],
        }
        if (node.controlPlane !== 'no') yield controlPlaneEdge(node)
        for (const workload of live.get(node.name) ?? []) {
          const why = [
            because(
              `a pod of ${workload.name} runs on it`,
              workload.pods.find((pod) => pod.node === node.name)?.object,
              ['spec', 'nodeName'],
            ),
          ]
          yield { kind: 'runs', from: node.id, to: workload.id, chance: 1, truth: 'yes', rule: '', because: why }
          for (const { to, because: reads } of readable(cluster, workload))
            yield {
              kind: 'node-reads',
              from: identity(node),
              to,
              chance: 1,
              truth: 'yes',
              rule: workload.id,
              because: [...why, ...reads],
            }
        }
        for (const group of groupsOn(node)) {
          const why = [because(`pods with these constraints may be placed on it: ${group.title}`)]
          yield { kind: 'runs', from: node.id, to: group.podsId, chance: 1, truth: 'unknown', rule: '', because: why }
          yield {
            kind: 'node-reads',
            from: identity(node),
            to: group.credentialsId,
            chance: 1,
            truth: 'unknown',
            rule: '',
            because: why,
          }
        }
      }
      for (const group of groups) yield* group.edges(cluster)
    },
    credentialsOf: (node) => [
      ...groupsOn(node).map((group) => group.credentialsId),
      ...(live.get(node.name) ?? []).flatMap((workload) => readable(cluster, workload).map((each) => each.to)),
    ],
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

interface Group {
  readonly title: string
  readonly podsId: string
  readonly credentialsId: string
  mayRunOn(node: ClusterNode): boolean
  edges(cluster: Cluster): Iterable<Edge>
}

function groupsOf(cluster: Cluster): readonly Group[] {
  const byConstraints = new Map<string, Workload[]>()
  for (const workload of cluster.workloads) {
    if (workload.finished || workload.pods.some((pod) => pod.node !== '')) continue
    for (const key of new Set(workload.specs.map(({ pod }) => constraintsOf(pod)))) {
      const same = byConstraints.get(key)
      if (same) same.push(workload)
      else byConstraints.set(key, [workload])
    }
  }
  return [...byConstraints].map(([key, workloads]) => groupOf(key, workloads))
}

function groupOf(key: string, workloads: readonly Workload[]): Group {
  const specs = (workloads[0] as Workload).specs.map(({ pod }) => pod)
  const pod = specs.find((each) => constraintsOf(each) === key) as (typeof specs)[number]
  const [selector, terms, tolerations, runtimeClass, nodeName] = JSON.parse(key) as [
    string[],
    string[] | null,
    string[],
    string,
    string,
  ]
  const title =
    [
      ...selector,
      ...(terms ? ['node affinity'] : []),
      ...tolerations.map((each) => `tolerates ${each.trim()}`),
      runtimeClass,
      nodeName,
    ]
      .filter((each) => each !== '')
      .join(', ') || 'none'
  const podsId = idOf('Scope', '*', `pods with node constraints: ${title}`)
  const credentialsId = idOf('Scope', '*', `credentials of pods with node constraints: ${title}`)
  return {
    title,
    podsId,
    credentialsId,
    mayRunOn: (node) => mayRunOn(pod, node),
    *edges(cluster) {
      for (const workload of workloads) {
        const why = [because(`its node constraints: ${title}`, workload.object ?? workload.specs[0]?.object)]
        yield { kind: 'contains', from: podsId, to: workload.id, chance: 1, truth: 'yes', rule: '', because: why }
        for (const { to, because: reads } of readable(cluster, workload))
          yield {
            kind: 'contains',
            from: credentialsId,
            to,
            chance: 1,
            truth: 'yes',
            rule: workload.id,
            because: reads,
          }
      }
    },
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

const reads = new WeakMap<Workload, readonly { readonly to: string; readonly because: readonly Because[] }[]>()

/** Secrets that the kubelet may get, and service accounts whose tokens it may ask for, on behalf of a workload's pods. */
function readable(
  cluster: Cluster,
  workload: Workload,
): readonly { readonly to: string; readonly because: readonly Because[] }[] {
  const known = reads.get(workload)
  if (known) return known
  const found = new Map<string, readonly Because[]>()
  for (const use of cluster.usesOf(workload)) {
    const to = idOf('Secret', workload.namespace, use.name)
    if (use.kind === 'Secret' && !found.has(to))
      found.set(to, [because(`${workload.name} uses it`, use.object, use.path)])
  }
  for (const { pod, object } of workload.specs) {
    const to = idOf('ServiceAccount', workload.namespace, pod.serviceAccountName)
    if (!found.has(to))
      found.set(to, [because(`${workload.name} runs as it`, object, [...pod.path, 'serviceAccountName'])])
  }
  const list = [...found].map(([to, why]) => ({ to, because: why }))
  reads.set(workload, list)
  return list
}
