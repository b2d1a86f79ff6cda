import type { RbacPolicy } from '../../authz/policy.ts'
import { MASTERS } from '../../authz/subjects.ts'
import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { credentialsInConfigMaps } from '../../cluster/credentials/open-credentials.ts'
import { field } from '../../cluster/json.ts'
import { plainSelector, selects } from '../../cluster/labels.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'
import type { Place } from '../../cluster/placement.ts'
import type { Workload } from '../../cluster/workload.ts'
import { CHANCE } from '../engine.ts'
import type { Known } from '../known.ts'
import { bareUser } from './memberships.ts'
import { openedApart } from './rules/secret-token.ts'
import { byHostClaims } from './rules/volumes.ts'
import { type Member, ONLY, type ScopeKind, type Scopes } from './scope.ts'

export { ONLY }

/** The scopes that access rules lead to, made for one cluster. */
export interface ScopeKinds {
  readonly pods: ScopeKind
  readonly newPods: ScopeKind
  readonly newContainers: ScopeKind
  readonly secrets: ScopeKind
  readonly serviceAccounts: ScopeKind
  readonly ports: ScopeKind
  readonly proxiedPorts: ScopeKind
  readonly servicePorts: ScopeKind
  readonly nodes: ScopeKind
  readonly users: ScopeKind
  /** Users as whoever impersonates them is them: without their groups. */
  readonly bareUsers: ScopeKind
  /** The groups that a binding names, but system:masters. */
  readonly groups: ScopeKind
  /** Users, groups and service accounts: whom a client certificate may name. */
  readonly identities: ScopeKind
  /** The users of nodes. */
  readonly nodeUsers: ScopeKind
  /** The ConfigMaps in which credentials lie. */
  readonly openConfigs: ScopeKind
  /** The applications with workloads in a namespace, as what an outage stops. */
  readonly applications: ScopeKind
  /** Pods as whoever changes what is admitted makes them: those of workloads, which come again and again. */
  readonly admittedPods: ScopeKind
  /** The nodes where a privileged container of a pod of the namespace would be, whatever admission says. */
  readonly nodesWithPods: ScopeKind
  nodesUnder(workload: string): readonly Member[]
  workloadsIn(namespace: string): readonly Workload[]
  /** The workloads whose template a right on this resource may change. */
  templates(resource: string, kinds: readonly string[]): ScopeKind
}

export function scopeKinds(cluster: Cluster, known: Known, policy: RbacPolicy): ScopeKinds {
  const workloads = byNamespace(cluster.workloads.filter((workload) => !workload.finished))
  const secretObjects = byNamespace(cluster.ofKind('Secret'))
  const claims = byNamespace(cluster.ofKind('PersistentVolumeClaim'))
  const accounts = serviceAccountsByNamespace(cluster, policy)
  const inside = (workload: Workload): Member => ({
    to: workload.id,
    because: [because(`runs in namespace ${workload.namespace}`, workload.object, ['metadata', 'namespace'])],
  })
  const object = (each: KubeObject): Member => ({
    to: each.id,
    because: [because(`is in namespace ${each.namespace}`, each, ['metadata'])],
  })

  /** `under`, of workloads one after another: those that may run on the very same nodes as one before add nothing. */
  const underEach = (): ((workload: Workload) => readonly Member[]) => {
    const told = new Set<readonly Place[]>()
    return (workload) => {
      const places = cluster.placement.placesOf(workload)
      if (told.has(places) || known.isWalled(workload)) return []
      told.add(places)
      return under(workload)
    }
  }

  /** A container that is added to a pod lives in the pod's own user namespace or sandbox. */
  const under = (workload: Workload): readonly Member[] =>
    known.isWalled(workload)
      ? []
      : cluster.placement.placesOf(workload).map(({ node, truth }) => ({
          to: node.id,
          truth,
          because: [because(`a pod of ${workload.name} runs there`, workload.object)],
        }))

  const secrets: ScopeKind = {
    name: 'secrets',
    members: (namespace) =>
      (secretObjects.get(namespace) ?? []).flatMap((secret): readonly Member[] => [
        object(secret),
        ...openedApart(cluster, known, secret.id),
      ]),
  }
  const serviceAccounts: ScopeKind = { name: 'serviceaccounts', members: (namespace) => accounts.get(namespace) ?? [] }
  const pods: ScopeKind = { name: 'pods', members: (namespace) => (workloads.get(namespace) ?? []).map(inside) }

  const nodes: ScopeKind = {
    name: 'nodes',
    *members() {
      for (const node of cluster.placement.nodes)
        yield {
          to: node.id,
          because: [because('a pod may ask for this node by name, and tolerate its taints', node.object)],
        }
    },
  }

  const openConfigs: ScopeKind = {
    name: 'configmaps with credentials',
    *members(namespace) {
      for (const [id, [first]] of credentialsInConfigMaps(cluster, known.asOf))
        if (first?.object.namespace === namespace)
          yield { to: id, because: [because('a credential lies in it', first.object, first.path)] }
    },
  }

  const newPods: ScopeKind = {
    name: 'new-pods',
    *members(namespace, scopes) {
      yield* accounts.get(namespace) ?? []
      for (const each of secretObjects.get(namespace) ?? [])
        yield { to: each.id, because: [because('a new pod may mount any Secret of its namespace', each, ['metadata'])] }
      for (const each of claims.get(namespace) ?? [])
        yield { to: each.id, because: [because('a new pod may mount any claim of its namespace', each, ['metadata'])] }
      yield* openConfigs.members(namespace, scopes)
      const admitted = known.admits(namespace, 'privileged')
      if (admitted.truth !== 'no')
        yield {
          kind: 'new-privileged-pod',
          to: scopes.of(nodes, ONLY),
          truth: admitted.truth,
          because: admitted.because,
        }
      if (admitted.truth !== 'yes') yield* byHostClaims(namespace, known, () => scopes.of(nodes, ONLY))
      const { pod } = known.chosenLabels(namespace)
      yield {
        kind: 'new-pod-sends',
        to: pod,
        because: [because(`a new pod is in the network of ${namespace}`, cluster.namespaces.get(namespace)?.object)],
      }
    },
  }

  const newContainers: ScopeKind = {
    name: 'new-containers',
    *members(namespace) {
      const admitted = known.admits(namespace, 'privileged')
      const nodesOf = underEach()
      for (const workload of workloads.get(namespace) ?? []) {
        yield inside(workload)
        if (admitted.truth === 'no') continue
        for (const { to, truth, because: runs } of nodesOf(workload))
          yield {
            kind: 'new-privileged-container',
            to,
            truth: truth === 'yes' ? admitted.truth : 'unknown',
            because: [...runs, ...admitted.because],
          }
      }
    },
  }
  const nodesWithPods: ScopeKind = {
    name: 'nodes with pods',
    members(namespace) {
      const found = new Map<string, Member>()
      const nodesOf = underEach()
      for (const workload of workloads.get(namespace) ?? [])
        for (const member of nodesOf(workload)) if (found.get(member.to)?.truth !== 'yes') found.set(member.to, member)
      return found.values()
    },
  }

  const ports: ScopeKind = {
    name: 'ports',
    members: (namespace) =>
      (workloads.get(namespace) ?? []).map((workload) => ({
        ...inside(workload),
        kind: 'forwards-to',
        chance: portChance(workload),
      })),
  }
  const proxied = function* (candidates: readonly Workload[]): Generator<Member> {
    for (const workload of candidates) {
      const reached = known.controlPlaneReaches(workload)
      if (reached.truth !== 'no')
        yield {
          to: workload.id,
          kind: 'proxies-to',
          chance: portChance(workload),
          truth: reached.truth,
          because: reached.because,
        }
    }
  }
  const proxiedPorts: ScopeKind = {
    name: 'proxied-ports',
    members: (namespace) => proxied(workloads.get(namespace) ?? []),
  }
  const servicePorts: ScopeKind = {
    name: 'service-ports',
    members: (namespace) => {
      const services = cluster.ofKind('Service').filter((each) => each.namespace === namespace)
      return proxied([
        ...new Set(services.flatMap((service) => workloadsBehind(service, workloads.get(namespace) ?? []))),
      ])
    },
  }
  const named = function* (kind: 'User' | 'Group'): Generator<Member> {
    for (const [id, subject] of policy.subjects)
      if (id.startsWith(`${kind}/`) && subject.name !== MASTERS)
        yield { to: id, because: [because(`${subject.name} is bound to a role`)] }
  }
  const nodeUsers: ScopeKind = {
    name: 'node users',
    *members() {
      for (const node of cluster.placement.nodes)
        yield {
          to: idOf('User', '', `system:node:${node.name}`),
          because: [because('the user name of a node', node.object)],
        }
    },
  }
  const users: ScopeKind = {
    name: 'users',
    *members(namespace, scopes) {
      yield* named('User')
      yield* nodeUsers.members(namespace, scopes)
    },
  }
  const bareUsers: ScopeKind = {
    name: 'users by name',
    *members() {
      for (const { to, because: why } of named('User')) yield { to: bareUser(to, known), because: why }
    },
  }
  const groups: ScopeKind = { name: 'groups', members: () => named('Group') }
  const identities: ScopeKind = {
    name: 'identities',
    *members(_, scopes) {
      for (const kind of [users, groups])
        yield { to: scopes.of(kind, ONLY), because: [because(`a certificate may name any of these ${kind.name}`)] }
      yield {
        to: scopes.of(serviceAccounts, ''),
        because: [because('a certificate may name the user of a service account')],
      }
    },
  }
  const applications: ScopeKind = {
    name: 'applications',
    members(namespace) {
      const found = new Map<string, Member>()
      for (const workload of workloads.get(namespace) ?? []) {
        const to = known.applicationOf(workload.id)
        if (to !== undefined && !found.has(to))
          found.set(to, { to, because: [because('it runs in the application', workload.object)] })
      }
      return found.values()
    },
  }
  const admittedPods: ScopeKind = {
    name: 'admitted-pods',
    *members(namespace, scopes) {
      const all = workloads.get(namespace) ?? []
      for (const workload of all)
        yield { to: workload.id, because: [because('its pods are admitted when they are created', workload.object)] }
      if (all.length > 0)
        yield {
          to: scopes.of(newPods, namespace),
          because: [because('a changed pod may name any service account, Secret, claim and node')],
        }
    },
  }
  const templates = (resource: string, kinds: readonly string[]): ScopeKind => ({
    name: resource,
    *members(namespace, scopes) {
      let found = false
      for (const workload of workloads.get(namespace) ?? []) {
        if (!kinds.includes(workload.kind)) continue
        found = true
        yield { to: workload.id, because: [because('its pod template may be changed', workload.object)] }
      }
      if (found)
        yield {
          to: scopes.of(newPods, namespace),
          because: [because('a changed template may name any service account, Secret, claim and node')],
        }
    },
  })
  return {
    pods,
    newPods,
    newContainers,
    secrets,
    serviceAccounts,
    ports,
    proxiedPorts,
    servicePorts,
    nodes,
    users,
    bareUsers,
    groups,
    identities,
    openConfigs,
    nodeUsers,
    applications,
    admittedPods,
    nodesWithPods,
    nodesUnder: (id) => {
      const workload = cluster.workload(id)
      return workload ? under(workload) : []
    },
    workloadsIn: (namespace) => workloads.get(namespace) ?? [],
    templates,
  }
}

/** The service account of this name, if the input or a binding knows one. */
export function accountNamed(
  kinds: ScopeKinds,
  scopes: Scopes,
): (namespace: string, name: string) => readonly string[] {
  return (namespace, name) => {
    const id = idOf('ServiceAccount', namespace, name)
    for (const member of kinds.serviceAccounts.members(namespace, scopes)) if (member.to === id) return [id]
    return []
  }
}

export function portChance(workload: Workload): number {
  const serves = workload.specs.some(({ pod }) => pod.containers.some((container) => container.ports.length > 0))
  return serves ? CHANCE.served : CHANCE.unserved
}

export function workloadsBehind(service: KubeObject, candidates: readonly Workload[]): readonly Workload[] {
  const selector = plainSelector(field(field(service.body, 'spec'), 'selector'))
  return selector
    ? candidates.filter((workload) => workload.specs.some(({ pod }) => selects(selector, pod.labels)))
    : []
}

function byNamespace<T extends { readonly namespace: string }>(items: readonly T[]): Map<string, T[]> {
  const map = new Map<string, T[]>()
  for (const item of items) {
    const same = map.get(item.namespace)
    if (same) same.push(item)
    else map.set(item.namespace, [item])
  }
  return map
}

/**
 * The service accounts of each namespace: of the input, those that workloads run as, and those of the controllers that
 * every API server binds by default (unless a list of service accounts shows that they are not there).
 */
function serviceAccountsByNamespace(cluster: Cluster, policy: RbacPolicy): Map<string, Member[]> {
  const found = new Map<string, Member>()
  const add = (namespace: string, name: string, member: Omit<Member, 'to'>): void => {
    const id = idOf('ServiceAccount', namespace, name)
    if (!found.has(id)) found.set(id, { to: id, ...member })
  }
  for (const each of cluster.ofKind('ServiceAccount'))
    add(each.namespace, each.name, { because: [because(`is in namespace ${each.namespace}`, each, ['metadata'])] })
  for (const workload of cluster.workloads) {
    for (const { pod, object } of workload.specs) {
      add(workload.namespace, pod.serviceAccountName, {
        because: [because(`${workload.name} runs as it`, object, [...pod.path, 'serviceAccountName'])],
      })
    }
  }
  if (!cluster.wasListed('ServiceAccount')) {
    for (const subject of policy.subjects.values()) {
      if (subject.kind !== 'ServiceAccount') continue
      add(subject.namespace, subject.name, {
        truth: 'unknown',
        because: [because(`${subject.name} is bound to a role; the account itself was not seen`)],
      })
    }
  }
  const byName = new Map<string, Member[]>()
  for (const member of found.values()) {
    const namespace = member.to.split('/')[1] as string
    const same = byName.get(namespace)
    if (same) same.push(member)
    else byName.set(namespace, [member])
  }
  return byName
}
