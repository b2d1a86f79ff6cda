import type { Applications } from '../cluster/application/application.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { idOf } from '../cluster/object.ts'
import { revokedSubjects, subjectId } from '../cluster/rbac.ts'
import { CHANCE, CONTROL_PLANE, type Edge, INTERNET } from '../engines/engine.ts'
import { type Asset, assetsOf, type Stores } from './assets.ts'
import { credentialsOf, type Entry, entriesOf } from './entries.ts'
import { buildGraph, type Graph } from './graph.ts'
import { type Principals, principalsOf } from './principals.ts'
import { apart } from './replicas.ts'
import { type Reach, reachOf } from './risk.ts'
import type { Weights } from './weights.ts'

export interface JudgedEntry extends Entry {
  readonly reach: Reach
}

/** The graph of a cluster and what follows from it. */
export interface Judgement {
  /** Ids of all nodes that the input names, with or without edges, and of all that edges lead to. */
  readonly nodes: readonly string[]
  readonly edges: readonly Edge[]
  readonly graph: Graph
  readonly assets: readonly Asset[]
  /** Nodes that stand for one replica of a workload, by its id. */
  readonly replicas: ReadonlyMap<string, string>
  /** Identities of a cloud that come into the cluster. */
  readonly principals: Principals
  /** The greatest share of the risk first. */
  readonly entries: readonly JudgedEntry[]
  readonly risk: {
    readonly total: number
    /** The part that falls away without the edges whose truth is unknown. */
    readonly assumed: number
  }
}

export interface Judged {
  readonly cluster: Cluster
  readonly applications: Applications
  readonly stores: Stores
  readonly edges: readonly Edge[]
  readonly exposed: ReadonlyMap<string, 'yes' | 'unknown'>
  readonly weights: Weights
}

export function judge({ edges: all, ...judged }: Judged): Judgement {
  const named = namedNodes(judged.cluster)
  const { edges: told, replicas } = apart(distinct(all), judged.cluster)
  const principals = principalsOf(told, credentialsOf(judged.cluster))
  const edges = reachable(weighted(told, judged.weights), [...named, ...principals.entries])
  return valued({ ...judged, edges, replicas, principals })
}

/** The same edges, of a cluster that was judged before, under other weights. */
export function valued(judged: Judged & Pick<Judgement, 'edges' | 'replicas' | 'principals'>): Judgement {
  const { cluster, applications, stores, edges, replicas, principals, exposed, weights } = judged
  const assets = assetsOf(cluster, applications, stores, edges, replicas, weights)
  const graph = buildGraph(edges, assets, namedNodes(cluster))
  const entries = entriesOf(cluster, applications, exposed, weights, principals)
  const values = Float64Array.from(assets, (asset) => asset.value)
  const sources = entries.map((entry) => graph.indexOf(entry.id) as number)
  const reaches = reachOf(graph, sources, values)
  const sum = (reach: readonly Reach[]): number =>
    reach.reduce((total, each, at) => total + (entries[at] as Entry).weight * each.share, 0)
  const total = sum(reaches)
  let assumed: number | undefined
  const told = entries.map((entry, at): JudgedEntry => ({ ...entry, reach: reaches[at] as Reach }))
  told.sort(
    (a, b) =>
      b.weight * b.reach.share - a.weight * a.reach.share || b.reach.share - a.reach.share || (a.id < b.id ? -1 : 1),
  )
  return {
    nodes: graph.ids.slice(0, graph.sinkStart),
    edges,
    graph,
    assets,
    entries: told,
    replicas,
    principals,
    risk: {
      total,
      // As much work again, and a plan asks for it twice.
      get assumed() {
        assumed ??= total - sum(reachOf(graph, sources, values, (edge) => graph.unknown[edge] === 0))
        return assumed
      },
    },
  }
}

/** The id of an edge in every output: its kind, its ends and the rule that decided it. */
export function edgeId(edge: Edge): string {
  return `${edge.kind}|${edge.from}|${edge.to}${edge.rule === '' ? '' : `|${edge.rule}`}`
}

function distinct(edges: readonly Edge[]): readonly Edge[] {
  const found = new Map<string, Edge>()
  for (const edge of edges) {
    const id = edgeId(edge)
    const known = found.get(id)
    if (!known || (known.truth === 'unknown' && edge.truth === 'yes')) found.set(id, edge)
  }
  return [...found.values()]
}

/** Contact edges carry the shipped chances until a user's own replace them. */
function weighted(edges: readonly Edge[], { chances }: Weights): readonly Edge[] {
  const changed = (['served', 'unserved', 'exploited'] as const).filter((kind) => chances[kind] !== CHANCE[kind])
  if (changed.length === 0) return edges
  const byChance = new Map<number, number>(changed.map((kind) => [CHANCE[kind], chances[kind]]))
  return edges.map((edge) =>
    byChance.has(edge.chance) ? { ...edge, chance: byChance.get(edge.chance) as number } : edge,
  )
}

function namedNodes(cluster: Cluster): readonly string[] {
  const nodes = new Set<string>([CONTROL_PLANE, INTERNET])
  for (const workload of cluster.workloads) {
    nodes.add(workload.id)
    for (const { pod } of workload.specs) nodes.add(idOf('ServiceAccount', workload.namespace, pod.serviceAccountName))
  }
  for (const kind of ['ServiceAccount', 'Secret', 'PersistentVolumeClaim'])
    for (const object of cluster.ofKind(kind)) nodes.add(object.id)
  for (const node of cluster.placement.nodes) nodes.add(node.id)
  for (const binding of cluster.bindings)
    for (const subject of [...binding.subjects, ...revokedSubjects(binding.object)]) nodes.add(subjectId(subject))
  return [...nodes]
}

/** Drops what nothing in the input leads to: assumed subjects and scopes that nobody reaches say nothing of this cluster. */
function reachable(edges: readonly Edge[], named: readonly string[]): readonly Edge[] {
  const out = new Map<string, Edge[]>()
  for (const edge of edges) {
    const same = out.get(edge.from)
    if (same) same.push(edge)
    else out.set(edge.from, [edge])
  }
  const seen = new Set(named)
  const queue = [...named]
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const { to } of out.get(node) ?? []) {
      if (seen.has(to)) continue
      seen.add(to)
      queue.push(to)
    }
  }
  return edges.filter((edge) => seen.has(edge.from))
}
