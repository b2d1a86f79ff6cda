import type { Cluster } from '../cluster.ts'
import type { Workload } from '../workload.ts'
import type { Application, Applications } from './application.ts'
import { type Claim, keyOf } from './claim.ts'
import { claimsOf, keysOf } from './claims.ts'
import type { ApplicationConfig } from './config.ts'
import { configured } from './configured.ts'
import { conflictsOf } from './conflicts.ts'
import { coverageOf } from './coverage.ts'
import { chooseIds, collect, finish, type Named, push } from './drafts.ts'
import { deployed } from './gitops.ts'
import { deploymentUnits, disjoint, nameNode, winner } from './groups.ts'
import { type Node, resolveMembers } from './members.ts'
import { memberships } from './memberships.ts'
import { chooseOwner, ownersIn } from './owner.ts'
import { type Place, placesOf } from './places.ts'
import { proposalsOf } from './proposals.ts'

/** Which application every resource belongs to, and why. The order is in docs/guides/applications.md. */
export function resolveApplications(cluster: Cluster, config: ApplicationConfig = {}): Applications {
  const keys = keysOf(config.applicationKeys)
  const extra = memberships(cluster)
  const places = new Map<string, readonly Place[]>()
  const claims = new Map<string, readonly Claim[]>()
  for (const workload of cluster.workloads) {
    const own = placesOf(workload, cluster)
    places.set(workload.id, own)
    const said = claimsOf(own, keys.all)
    const selected = extra.get(workload.object?.id ?? workload.id) ?? []
    const deploying = own.flatMap(({ where, object }) => (where === 'owner' ? deployed(object) : []))
    const more = [...selected, ...deploying]
    const all = more.length === 0 ? said : [...more, ...said].sort((a, b) => a.step - b.step || a.rank - b.rank)
    claims.set(workload.id, [...configured(workload, config, cluster), ...all])
  }
  const units = deploymentUnits(claims)
  const groups = disjoint()
  const nodes = new Map<string, Node>()
  const winners = new Map<Node, Claim[]>()
  for (const { id, namespace } of cluster.workloads) {
    const claim = winner(claims.get(id) as readonly Claim[], units)
    const node = claim ? keyOf(claim, namespace) : id
    groups.add(node)
    if (claim) groups.join(node, nameNode(namespace, claim.name))
    nodes.set(id, node)
    if (claim) push(winners, node, claim)
  }
  const members = resolveMembers(cluster, config, keys, extra, { nodes, claims, units, groups })
  for (const [node, unseen] of members.unseen) for (const claim of unseen) push(winners, node, claim)

  const drafts = collect(cluster, nodes, members, winners, groups.rootOf)
  const owners = ownersIn(cluster, config)
  const ids = chooseIds([...drafts.values()])
  const byRoot = new Map<Node, Application>()
  for (const [root, draft] of drafts) {
    const named = draft.workloads.flatMap(
      (id) => owners.of(cluster.workload(id) as Workload, places.get(id) ?? [], claims.get(id) ?? []) ?? [],
    )
    byRoot.set(root, finish(draft, ids.get(draft) as Named, claims, chooseOwner(named)))
  }
  const all = [...byRoot.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  const byId = new Map(all.map((application) => [application.id, application]))
  const applicationAt = (node: Node): Application => byRoot.get(groups.rootOf(node)) as Application
  const applicationOf = (id: string): Application | undefined => {
    const node = nodes.get(id)
    return node === undefined ? undefined : applicationAt(node)
  }
  const known = new Map<string, readonly Application[]>()
  const applicationsOf = (id: string): readonly Application[] => {
    const own = applicationOf(id) ?? applicationOf(cluster.workloadOf(id) ?? '')
    const all = own ? [own] : (known.get(id) ?? [...new Set((members.nodes.get(id) ?? []).map(applicationAt))])
    if (!own) known.set(id, all)
    return all
  }
  return {
    all,
    get: (id) => byId.get(id),
    applicationOf,
    applicationsOf,
    conflicts: conflictsOf(cluster, claims, units),
    proposals: proposalsOf(cluster, all, applicationsOf, claims),
    coverage: coverageOf(cluster, (id) => applicationsOf(id).some(({ resolved }) => resolved)),
  }
}
