import type { Cluster } from '../cluster/cluster.ts'
import type { PodSecurityLevel } from '../cluster/namespace.ts'
import { idOf, type KubeObject } from '../cluster/object.ts'
import type { Workload } from '../cluster/workload.ts'
import { mountedToken } from '../engines/access/rules/token.ts'
import type { NetworkModel } from '../engines/network/model.ts'
import { type Direction, isNetworkPolicy } from '../engines/network/policy.ts'

/** Objects that differ between two clusters: as it was, and as it is; one of them may not exist. */
export interface Difference {
  readonly before: KubeObject | undefined
  readonly after: KubeObject | undefined
}

/** Both clusters hold their objects in the order of their ids. */
export function differences(before: Cluster, after: Cluster): readonly Difference[] {
  const found: Difference[] = []
  const old = before.objects
  const now = after.objects
  for (let i = 0, j = 0; i < old.length || j < now.length; ) {
    const a = old[i]
    const b = now[j]
    if (a && b && a.id === b.id) {
      if (a.body !== b.body && JSON.stringify(a.body) !== JSON.stringify(b.body)) found.push({ before: a, after: b })
      i++
      j++
    } else if (b === undefined || (a !== undefined && a.id < b.id)) {
      found.push({ before: a, after: undefined })
      i++
    } else {
      found.push({ before: undefined, after: b })
      j++
    }
  }
  return found
}

/** A workload whose pods no longer hold the token of a service account, and whose they hold instead. */
export interface Move {
  readonly workload: Workload
  readonly from: string
  /** Undefined: none. */
  readonly to: string | undefined
}

export function moves(before: Cluster, after: Cluster, changed: readonly Difference[]): readonly Move[] {
  const workloads = new Set<string>()
  for (const { before: old } of changed) {
    if (!old) continue
    const of = before.workloadOf(old.id)
    if (of !== undefined) workloads.add(of)
    if (old.kind !== 'ServiceAccount' || old.group !== '') continue
    for (const { id, specs, namespace } of before.workloads)
      if (namespace === old.namespace && specs.some(({ pod }) => pod.serviceAccountName === old.name)) workloads.add(id)
  }
  return [...workloads].flatMap((id) => {
    const old = before.workload(id)
    const now = after.workload(id)
    // What does not run makes no requests that could fail.
    if (!old || !now || old.finished) return []
    const kept = tokensOf(after, now)
    const [to] = kept
    return [...tokensOf(before, old)].filter((from) => !kept.has(from)).map((from) => ({ workload: old, from, to }))
  })
}

function tokensOf(cluster: Cluster, workload: Workload): ReadonlySet<string> {
  return new Set(
    workload.specs
      .filter((shape) => mountedToken(cluster, workload, shape).truth === 'yes')
      .map(({ pod }) => idOf('ServiceAccount', workload.namespace, pod.serviceAccountName)),
  )
}

export interface NetworkChange {
  /** Workloads for which something changed, and for which direction. */
  readonly workloads: ReadonlyMap<string, ReadonlySet<Direction>>
  /** Changed policies of kinds that are not evaluated. */
  readonly unevaluated: readonly KubeObject[]
}

const BOTH: readonly Direction[] = ['ingress', 'egress']

/** Before any model is made, which costs: whether anything differs that a NetworkPolicy decides by. */
export function mayChangeNetwork(before: Cluster, after: Cluster, changed: readonly Difference[]): boolean {
  return changed.some(({ before: old, after: now }) => {
    const object = (old ?? now) as KubeObject
    return (
      isNetworkPolicy(object) ||
      /NetworkPolicy$/.test(object.kind) ||
      (object.kind === 'Namespace' && labelsDiffer(old, now)) ||
      (old !== undefined && now !== undefined && !samePods(before, after, old))
    )
  })
}

function labelsDiffer(old: KubeObject | undefined, now: KubeObject | undefined): boolean {
  return JSON.stringify(labels(old)) !== JSON.stringify(labels(now))
}

/** Pod Security labels select nothing but pods that may be created. */
function labels(object: KubeObject | undefined): unknown {
  const all = (object?.body as { metadata?: { labels?: Record<string, unknown> } } | undefined)?.metadata?.labels ?? {}
  return Object.entries(all)
    .filter(([key]) => !key.startsWith('pod-security.kubernetes.io/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Whether policies see the same pods of an object's workload. */
function samePods(before: Cluster, after: Cluster, object: KubeObject): boolean {
  const id = before.workloadOf(object.id)
  return id === undefined || viewOf(before.workload(id)) === viewOf(after.workload(id))
}

function viewOf(workload: Workload | undefined): string {
  return JSON.stringify(
    (workload?.specs ?? []).map(({ pod }) => [
      [...pod.labels].sort(([a], [b]) => (a < b ? -1 : 1)),
      pod.hostNetwork,
      pod.containers.map(({ ports }) => ports.map(({ name, port, protocol }) => [name, port, protocol])),
    ]),
  )
}

export function networkChange(
  before: NetworkModel,
  after: NetworkModel,
  changed: readonly Difference[],
): NetworkChange {
  const workloads = new Map<string, Set<Direction>>()
  const unevaluated: KubeObject[] = []
  const add = (id: string, directions: readonly Direction[]): void => {
    const known = workloads.get(id) ?? new Set()
    for (const direction of directions) known.add(direction)
    workloads.set(id, known)
  }
  for (const { before: old, after: now } of changed) {
    const object = (old ?? now) as KubeObject
    if (isNetworkPolicy(object)) {
      for (const [id, directions] of [...selectedBy(before, old), ...selectedBy(after, now)]) add(id, directions)
    } else if (/NetworkPolicy$/.test(object.kind)) {
      unevaluated.push(object)
    } else if (object.kind === 'Namespace' && labelsDiffer(old, now)) {
      for (const { id, namespace } of before.cluster.workloads) if (namespace === object.name) add(id, BOTH)
    } else if (old && now && !samePods(before.cluster, after.cluster, old)) {
      add(before.cluster.workloadOf(old.id) as string, BOTH)
    }
  }
  return { workloads, unevaluated }
}

/** Whom a policy selects, in which directions it isolates them. */
function selectedBy(
  { policies, selection, sets, members }: NetworkModel,
  object: KubeObject | undefined,
): readonly (readonly [string, readonly Direction[]])[] {
  const policy = object && policies.find((each) => each.object.id === object.id)
  if (!policy) return []
  const directions = BOTH.filter((direction) => policy[direction] !== undefined)
  const { may } = selection.inNamespace(policy.namespace, policy.pods)
  return sets.members(may).map((index) => [members[index]?.id ?? '', directions] as const)
}

const RANK: Readonly<Record<PodSecurityLevel, number>> = { privileged: 0, baseline: 1, restricted: 2 }

/** Namespaces that will refuse pods that they admitted. */
export function stricterNamespaces(
  before: Cluster,
  after: Cluster,
  changed: readonly Difference[],
): readonly { readonly namespace: string; readonly level: PodSecurityLevel }[] {
  return changed.flatMap(({ after: now }) => {
    if (now?.kind !== 'Namespace' || now.group !== '') return []
    const level = after.namespaces.get(now.name)?.enforce ?? 'privileged'
    return RANK[level] > RANK[before.namespaces.get(now.name)?.enforce ?? 'privileged']
      ? [{ namespace: now.name, level }]
      : []
  })
}

export function refuses(level: PodSecurityLevel, needed: PodSecurityLevel): boolean {
  return RANK[level] > RANK[needed]
}
