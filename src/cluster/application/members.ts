import type { Cluster } from '../cluster.ts'
import { typeName } from '../kinds.ts'
import type { KubeObject } from '../object.ts'
import { aliasesOf } from './aliases.ts'
import { type Claim, IN_NAMESPACE, keyOf } from './claim.ts'
import { claimsOf, type Keys } from './claims.ts'
import type { ApplicationConfig } from './config.ts'
import { configured } from './configured.ts'
import { DEPLOYS, deployed, deploys, targetOf } from './gitops.ts'
import { type Disjoint, nameNode, namesUnit, winner } from './groups.ts'
import { placeOf } from './places.ts'
import { relationsOf } from './relations.ts'

/** Longer chains of objects that take from each other are circles or meant to exhaust the stack. */
const MAX_CHAIN = 32

/** An application is known by a node of the groups until all are made. */
export type Node = string

export interface Resolved {
  /** Of workloads, by id. */
  readonly nodes: ReadonlyMap<string, Node>
  readonly claims: ReadonlyMap<string, readonly Claim[]>
  readonly units: ReadonlySet<string>
  readonly groups: Disjoint
}

export interface Members {
  /** The applications of each object that is no part of a workload; without those that have none. */
  readonly nodes: ReadonlyMap<string, readonly Node[]>
  /** What named the applications that no workload shows. */
  readonly unseen: ReadonlyMap<Node, readonly Claim[]>
}

/**
 * An object belongs to what its own marks name (steps 1 to 5), else to the applications of its owner, else of the
 * workloads that use or select it. A label of steps 4 and 5 that no workload shares gives way to the users.
 */
export function resolveMembers(
  cluster: Cluster,
  config: ApplicationConfig,
  keys: Keys,
  extra: ReadonlyMap<string, readonly Claim[]>,
  resolved: Resolved,
): Members {
  const { groups, units } = resolved
  const aliases = aliasesOf(cluster, resolved)
  const relations = relationsOf(cluster)
  const others = cluster.objects.filter((object) => cluster.workloadOf(object.id) === undefined)
  const found = new Map<string, readonly Node[]>()
  const unseen = new Map<Node, Claim[]>()
  const shared = new WeakMap<readonly string[], ReadonlySet<Node>>()
  const open = new Set<string>()

  const usersOf = (id: string): readonly Node[] => {
    const nodes = new Set<Node>()
    for (const source of relations.sourcesOf(id)) for (const node of throughAll(source)) nodes.add(groups.rootOf(node))
    return [...nodes]
  }
  /** Namespace-wide policies share one array of users, so its applications are found once. */
  const throughAll = (ids: readonly string[]): ReadonlySet<Node> => {
    const known = shared.get(ids)
    if (known) return known
    const nodes = new Set<Node>()
    for (const id of ids) for (const node of nodesOf(id)) nodes.add(groups.rootOf(node))
    if (ids.length > 1) shared.set(ids, nodes)
    return nodes
  }
  const nodesOf = (id: string): readonly Node[] => {
    const workload = resolved.nodes.get(id) ?? resolved.nodes.get(cluster.workloadOf(id) ?? '')
    if (workload !== undefined) return [workload]
    const known = found.get(id)
    if (known) return known
    if (open.has(id) || open.size > MAX_CHAIN) return []
    open.add(id)
    const object = cluster.get(id)
    const nodes = object ? resolve(object) : usersOf(id)
    open.delete(id)
    found.set(id, nodes)
    return nodes
  }
  const resolve = (object: KubeObject): readonly Node[] => {
    let alone: Claim | undefined
    let users: readonly Node[] | undefined
    for (const claim of claims.get(object.id) ?? []) {
      if (namesUnit(claim, units)) continue
      const known = aliases.of(claim, object.namespace)
      const node = keyOf(claim, object.namespace)
      if (known.length === 1) return known
      if (known.length === 0 && named.has(node)) return [node]
      if (known.length > 1) {
        users ??= usersOf(object.id)
        const both = known.filter((each) => (users as readonly Node[]).includes(each))
        if (both.length > 0) return both
        const namesake = groups.rootOf(nameNode(object.namespace, claim.name))
        return known.includes(namesake) ? [namesake] : known
      }
      alone ??= claim
    }
    users ??= usersOf(object.id)
    if (users.length > 0) return users
    if (alone && (object.namespace !== '' || alone.scope !== IN_NAMESPACE)) return [nameUnseen(alone, object)]
    const byLabel = claimsOf([placeOf(object)], keys.names).find(({ name }) =>
      named.has(nameNode(object.namespace, name)),
    )
    return byLabel ? [groups.rootOf(nameNode(object.namespace, byLabel.name))] : []
  }
  /** An application that the input names and of which it shows nothing that runs. */
  const nameUnseen = (claim: Claim, object: KubeObject): Node => {
    const node = keyOf(claim, object.namespace)
    if (claim.step === 1) groups.add(node)
    else groups.join(node, nameNode(placeOfUnseen(object), claim.name))
    const known = unseen.get(node)
    if (known) known.push(claim)
    else unseen.set(node, [claim])
    return node
  }

  // Before any object is resolved, so that their order does not matter: what names an application beyond doubt.
  const claims = new Map(others.map((object) => [object.id, claimsOn(object)] as const))
  const named = new Set<Node>()
  for (const { id, namespace } of cluster.workloads) {
    const claim = winner(resolved.claims.get(id) ?? [], units)
    if (claim) named.add(nameNode(namespace, claim.name))
  }
  for (const object of others) {
    const own = claims.get(object.id) as readonly Claim[]
    if (!own.some(isBeyondDoubt)) continue
    const strong = own.filter(isBeyondDoubt)
    if (strong.some((claim) => aliases.of(claim, object.namespace).length > 0)) continue
    const first = strong[0] as Claim
    named.add(nameUnseen(first, object))
    if (first.step > 1) named.add(nameNode(placeOfUnseen(object), first.name))
  }
  for (const { id } of others) nodesOf(id)
  return { nodes: new Map(others.flatMap(({ id }) => pair(id, found.get(id)))), unseen }

  function claimsOn(object: KubeObject): readonly Claim[] {
    const own = claimsOf([placeOf(object)], keys.managers)
    const more = [...configured(object, config, cluster), ...(extra.get(object.id) ?? []), ...deployed(object)]
    return more.length === 0 ? own : [...more, ...own]
  }
}

function isBeyondDoubt({ step, rank }: Claim): boolean {
  return step <= 2 || rank === DEPLOYS
}

/** Where the application is that an object names: what deploys one may do so elsewhere. */
function placeOfUnseen(object: KubeObject): string {
  return deploys(typeName(object.group, object.kind)) ? targetOf(object) : object.namespace
}

function pair(id: string, nodes: readonly Node[] | undefined): (readonly [string, readonly Node[]])[] {
  return nodes && nodes.length > 0 ? [[id, nodes]] : []
}
