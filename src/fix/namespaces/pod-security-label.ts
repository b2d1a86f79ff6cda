import type { Cluster } from '../../cluster/cluster.ts'
import type { Namespace, PodSecurityLevel } from '../../cluster/namespace.ts'
import { idOf, idParts, type KubeObject } from '../../cluster/object.ts'
import { isMirrorPod } from '../../cluster/pod.ts'
import { hidesWorkloads } from '../../cluster/templates.ts'
import type { Workload } from '../../cluster/workload.ts'
import type { Edge } from '../../engines/engine.ts'
import type { Change, Fix, FixContext, Proposer } from '../fix.ts'
import { fixId } from '../pods/fix-id.ts'
import { byId } from '../pods/without.ts'
import { neededLevel } from './needed-level.ts'

const LABEL = 'pod-security.kubernetes.io/enforce'
const RANK: Readonly<Record<PodSecurityLevel, number>> = { privileged: 0, baseline: 1, restricted: 2 }

/** A namespace enforces the strongest Pod Security level that all its workloads keep, where somebody may make others. */
export const podSecurityLabel: Proposer = {
  kind: 'pod-security-label',
  propose(context) {
    const { cluster } = context
    const open = openNamespaces(context.edges, cluster)
    if (open.size === 0) return []
    const workloads = byNamespace(cluster.workloads, open)
    return byId(
      [...open].flatMap(([name, from]) => {
        const namespace = cluster.namespaces.get(name)
        // A manifest of these is nobody's to write: the API server makes them.
        if (!namespace || (!namespace.object && name.startsWith('kube-'))) return []
        const own = workloads.get(name) ?? []
        // What nobody was seen to run keeps every level.
        if (own.length === 0) return []
        const level = strongest(own)
        if (RANK[level] <= RANK[namespace.enforce ?? 'privileged']) return []
        return [labelled(context, namespace, level, from)]
      }),
    )
  },
}

const OPENED: ReadonlySet<string> = new Set(['new-privileged-pod', 'new-privileged-container', 'privileged-container'])

/** Namespaces where a pod of any kind may be made, each with the nodes of the graph from where. */
function openNamespaces(edges: readonly Edge[], cluster: Cluster): ReadonlyMap<string, ReadonlySet<string>> {
  const open = new Map<string, Set<string>>()
  for (const { kind, from, because: reasons } of edges) {
    if (!OPENED.has(kind)) continue
    const scope = idParts(from)
    // A right to one pod by name leads to its node without a scope between.
    const named = reasons.flatMap(({ object }) => (object && cluster.workloadOf(object.id) ? object.namespace : []))
    for (const namespace of scope.kind === 'Scope' ? [scope.namespace] : named) {
      const same = open.get(namespace)
      if (same) same.add(from)
      else open.set(namespace, new Set([from]))
    }
  }
  return open
}

function byNamespace(
  workloads: readonly Workload[],
  wanted: { has(namespace: string): boolean },
): ReadonlyMap<string, readonly Workload[]> {
  const found = new Map<string, Workload[]>()
  for (const workload of workloads) {
    if (!wanted.has(workload.namespace)) continue
    const same = found.get(workload.namespace)
    if (same) same.push(workload)
    else found.set(workload.namespace, [workload])
  }
  return found
}

/** Of static pods the kubelet asks nobody; of all others the template counts, and what is running. */
function strongest(workloads: readonly Workload[]): PodSecurityLevel {
  let level: PodSecurityLevel = 'restricted'
  for (const { specs } of workloads) {
    for (const { pod, object } of specs) {
      if (isMirrorPod(object)) continue
      const needed = neededLevel(pod, object)
      if (RANK[needed] < RANK[level]) level = needed
      if (level === 'privileged') return level
    }
  }
  return level
}

function labelled(
  { cluster }: FixContext,
  { name, object, enforce }: Namespace,
  level: PodSecurityLevel,
  from: ReadonlySet<string>,
): Fix {
  const change: Change = object
    ? { action: 'edit', object, edits: [{ op: 'set', path: ['metadata', 'labels', LABEL], value: level }] }
    : { action: 'add', object: namespaceOf(name, level) }
  const hiding = cluster.objects.filter((each) => each.namespace === name && hidesWorkloads(each))
  const notes = [
    `Every pod of ${name} that the input shows keeps the ${level} level${enforce === undefined ? '' : ` (now: ${enforce})`}; pods that need more are refused, those of a debugger too.`,
    'Pods that run are not stopped. What webhooks add to pods before they are judged, and exemptions of the API server, were not seen.',
    ...(object
      ? []
      : [`Namespace ${name} is not in the input: if it exists, add the label to it, beside those that it has.`]),
    ...(hiding.length > 0
      ? [
          `Not seen: the pods behind ${hiding
            .map((each) => `${each.kind} ${each.name}`)
            .slice(0, 5)
            .join(', ')}.`,
        ]
      : []),
  ]
  return {
    id: fixId('pod-security-label', idOf('Namespace', '', name)),
    kind: 'pod-security-label',
    title: `Enforce the ${level} Pod Security level in namespace ${name}`,
    changes: [change],
    witness: 'admission',
    around: [...from].sort(),
    notes,
  }
}

function namespaceOf(name: string, level: PodSecurityLevel): KubeObject {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [LABEL]: level } } }
  return { id: idOf('Namespace', '', name), group: '', version: 'v1', kind: 'Namespace', namespace: '', name, body }
}
