import type { Applications } from '../cluster/application/application.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { idOf, idParts } from '../cluster/object.ts'
import { CONTROL_PLANE, type Edge } from '../engines/engine.ts'
import type { AssetKind, Weights } from './weights.ts'

/** Something worth protecting, counted once (docs/reference/risk.md). It is reached when any of its nodes is. */
export interface Asset {
  readonly id: string
  readonly kind: AssetKind
  /** The id of the application that it belongs to. */
  readonly application?: string
  /** For people: `data of shop/orders`. */
  readonly title: string
  readonly nodes: readonly string[]
  readonly value: number
}

/** Workloads that keep data, whether or not a claim shows it. */
export type Stores = ReadonlyMap<string, { readonly claims: readonly string[] }>

const SECRET_EDGES: ReadonlySet<string> = new Set(['holds-secret', 'node-reads', 'contains'])

/** Every asset of the cluster, those that nothing reaches included, with its value. */
export function assetsOf(
  cluster: Cluster,
  applications: Applications,
  stores: Stores,
  edges: readonly Edge[],
  replicas: ReadonlyMap<string, string>,
  weights: Weights,
): readonly Asset[] {
  const drafts = new Map<string, { kind: AssetKind; application?: string; title: string; nodes: Set<string> }>()
  const add = (
    kind: AssetKind,
    namespace: string,
    name: string,
    title: string,
    node: string,
    application?: string,
  ): void => {
    const id = idOf(kind, namespace, name)
    const draft = drafts.get(id)
    if (draft) draft.nodes.add(node)
    else drafts.set(id, { kind, title, nodes: new Set([node]), ...(application === undefined ? {} : { application }) })
  }

  add('controlPlane', '', 'control-plane', 'the control plane', CONTROL_PLANE)
  for (const node of cluster.placement.nodes) add('nodePool', '', node.pool, `node pool ${node.pool}`, node.id)

  const belongings = held(edges)
  for (const application of applications.all) {
    const { namespace, name } = idParts(application.id)
    const own = (kind: AssetKind, title: string, node: string): void =>
      add(kind, namespace, name, `${title} ${place(namespace, name)}`, node, application.id)
    for (const workload of application.workloads) {
      if (cluster.workload(workload)?.finished !== false) continue
      const replica = replicas.get(workload)
      own('control', 'control of', workload)
      if (replica !== undefined) own('control', 'control of', replica)
      own('availability', 'availability of', application.id)
      for (const claim of belongings.claims.get(workload) ?? []) own('data', 'data of', claim)
      for (const secret of belongings.secrets.get(workload) ?? []) own('secrets', 'secrets of', secret)
      if (stores.has(workload) && !belongings.claims.has(workload)) {
        own('data', 'data of', workload)
        if (replica !== undefined) own('data', 'data of', replica)
      }
    }
    for (const member of application.members) {
      if (member.startsWith('Secret/')) own('secrets', 'secrets of', member)
      else if (member.startsWith('PersistentVolumeClaim/')) own('data', 'data of', member)
    }
  }
  // What an operator will make a store of is data before any pod of it is seen.
  for (const id of stores.keys()) {
    if (cluster.workload(id)) continue
    const application = applications.applicationsOf(id)[0]?.id
    const { namespace, name } = idParts(application ?? id)
    add('data', namespace, name, `data of ${place(namespace, name)}`, id, application)
  }
  for (const [type, kind, title] of [
    ['Secret', 'secrets', 'other secrets in'],
    ['PersistentVolumeClaim', 'data', 'other data in'],
  ] as const) {
    const owned = new Set(
      [...drafts.values()].filter((draft) => draft.kind === kind).flatMap((draft) => [...draft.nodes]),
    )
    for (const object of cluster.ofKind(type))
      if (!owned.has(object.id)) add(kind, object.namespace, '', `${title} ${object.namespace}`, object.id)
  }
  for (const edge of edges) {
    if (edge.chance === 1 && edge.to.startsWith('External/'))
      add('external', '', idParts(edge.to).name, idParts(edge.to).name, edge.to)
    if (edge.to.startsWith('CloudIdentity/')) {
      const { namespace, name } = idParts(edge.to)
      add('cloudRole', namespace, name, `cloud role ${name}`, edge.to)
    } else if (edge.to.startsWith('CloudAsset/')) {
      const { namespace, name } = idParts(edge.to)
      add('external', namespace, name, `${namespace} ${name}`, edge.to)
    }
  }
  return [...drafts]
    .map(([id, draft]) => ({
      id,
      ...draft,
      nodes: [...draft.nodes].sort(),
      value: weights.overrides[id] ?? weights.assets[draft.kind],
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

function place(namespace: string, name: string): string {
  return namespace === '' || name.startsWith(`${namespace}/`) ? name : `${namespace}/${name}`
}

/** The claims and Secrets of each workload, as the edges tell; image pull secrets are read by nodes for a workload. */
function held(edges: readonly Edge[]): {
  claims: ReadonlyMap<string, readonly string[]>
  secrets: ReadonlyMap<string, readonly string[]>
} {
  const claims = new Map<string, string[]>()
  const secrets = new Map<string, string[]>()
  const push = (map: Map<string, string[]>, workload: string, node: string): void => {
    const nodes = map.get(workload)
    if (nodes) nodes.push(node)
    else map.set(workload, [node])
  }
  for (const edge of edges) {
    if (edge.kind === 'mounts-claim') push(claims, edge.from, edge.to)
    else if (SECRET_EDGES.has(edge.kind) && edge.to.startsWith('Secret/'))
      push(secrets, edge.kind === 'holds-secret' ? edge.from : edge.rule, edge.to)
  }
  return { claims, secrets }
}
