import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { ChosenLabels, Known } from '../../known.ts'
import { type Making, placesOfAll } from '../making.ts'
import { probe, probes } from '../probe.ts'
import { allows, type Right, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, once, step } from '../rule.ts'
import type { ScopeKind } from '../scope.ts'
import type { ScopeKinds } from '../scopes.ts'

/**
 * Who has a pod and writes what network policies read, the labels of the pod and of its namespace, or the policies themselves,
 * says what it reaches: rights over objects are reach in the network.
 */

const NETWORKING = 'networking.k8s.io'
const WRITE_NAMESPACE = probes(['update', 'patch'], '', ['namespaces'])
const CREATE_POLICY = probe('create', NETWORKING, 'networkpolicies')
const WRITE_POLICY = probes(['update', 'patch'], NETWORKING, ['networkpolicies'])
const DELETE_POLICY = probe('delete', NETWORKING, 'networkpolicies')
const DELETE_POLICIES = probe('deletecollection', NETWORKING, 'networkpolicies')
export const POLICY_RIGHTS = [CREATE_POLICY, ...WRITE_POLICY, DELETE_POLICY, DELETE_POLICIES]

const FROM = 'User, Group, ServiceAccount'
const TO = 'Reach, or a scope of them'
const SOURCE = 'k8s.io/api networking/v1 types.go; kubernetes.io/docs/concepts/security/rbac-good-practices'

export interface Senders {
  /** Where a pod of the namespace sends from once its labels, its namespace’s labels or its policies are one’s own to choose. */
  readonly of: Readonly<Record<keyof ChosenLabels, ScopeKind>>
}

export function sendersOf(kinds: ScopeKinds, known: Known): Senders {
  const scope = (name: string, key: keyof ChosenLabels, text: string): ScopeKind => ({
    name,
    members(namespace) {
      if (key === 'pod' && kinds.workloadsIn(namespace).length === 0) return []
      const to = known.chosenLabels(namespace)[key]
      return to === undefined ? [] : [{ to, because: [because(text)] }]
    },
  })
  return {
    of: {
      pod: scope('pods of any labels', 'pod', 'no label of a pod is anybody’s to give'),
      namespace: scope(
        'namespaces of any labels',
        'namespace',
        'all labels of a namespace but its name may be written',
      ),
      unguarded: scope('namespaces without policies', 'unguarded', 'a policy isolates nothing once it is gone'),
    },
  }
}

export function sendingRules(cluster: Cluster, making: Making, senders: Senders): readonly AccessRule[] {
  const rule = (
    kind: string,
    title: string,
    precondition: string,
    chosen: keyof ChosenLabels,
    rightsAt: (rights: Rights, place: string, context: AccessContext) => readonly Right[],
    isAllowed: (right: Right, namespace: string) => boolean,
  ): AccessRule => ({
    kinds: [{ kind, title, from: FROM, to: TO, chance: '1', precondition, source: SOURCE }],
    *edges(rights, context) {
      const told = new Set<string>()
      const pods = (place: string): readonly Right[] => making.labels(rights, place, context)
      for (const { place, by } of placesOfAll(rights, (at) => rightsAt(rights, at, context), pods)) {
        const [writes, makes] = by as readonly [Right, Right]
        const scope = senders.of[chosen]
        const isWide = writes.names === undefined && makes.names === undefined
        for (const each of isWide ? [place] : context.scopes.within(place)) {
          if (!isWide && !(isAllowed(writes, each) && making.isOfUse(makes, each, context))) continue
          if (!isWide && context.known.chosenLabels(each)[chosen] === undefined) continue
          yield* once(told, step(kind, rights, context.scopes.of(scope, each), by))
        }
      }
    },
  })
  return [
    relabelPod(making, senders),
    rule(
      'relabel-namespace',
      'chooses the labels by which policies mean its namespace',
      '`update` or `patch` on a namespace, and a pod of one’s own choice or labels in it; where a policy asks for labels that the namespace has not. The label kubernetes.io/metadata.name cannot be chosen',
      'namespace',
      (rights, place) => rights.in(place, ...WRITE_NAMESPACE),
      allows,
    ),
    rule(
      'drop-policies',
      'takes away the NetworkPolicies of a namespace in which it has a pod',
      '`create`, `update`, `patch` or `delete` on networkpolicies (policies add up: one more lets in what the others do not; by name one that is there, to delete all that are), and a pod of one’s own choice or labels in the same namespace',
      'unguarded',
      (rights, place, context) =>
        rights
          .in(place, ...POLICY_RIGHTS)
          .filter((right) => context.scopes.within(place).some((each) => opensPolicies(right, each, cluster))),
      (right, namespace) => opensPolicies(right, namespace, cluster),
    ),
  ]
}

const policies = new WeakMap<Cluster, ReadonlyMap<string, readonly string[]>>()

function policiesIn(cluster: Cluster, namespace: string): readonly string[] {
  const known =
    policies.get(cluster) ??
    new Map(
      [...Map.groupBy(cluster.ofKind('NetworkPolicy', NETWORKING), (each) => each.namespace)].map(([place, all]) => [
        place,
        all.map(({ name }) => name),
      ]),
    )
  policies.set(cluster, known)
  return known.get(namespace) ?? []
}

/** Whether a right does away with what the policies of a namespace keep from its pods. */
export function opensPolicies({ probe: { verb }, names }: Right, namespace: string, cluster: Cluster): boolean {
  const there = policiesIn(cluster, namespace)
  if (there.length === 0) return false
  if (verb === 'create' || verb === 'deletecollection') return names === undefined
  if (verb === 'delete') return names === undefined || there.every((name) => names.includes(name))
  return names === undefined || there.some((name) => names.includes(name))
}

const PATCH_POD = probes(['update', 'patch'], '', ['pods'])

function relabelPod(making: Making, senders: Senders): AccessRule {
  return {
    kinds: [
      {
        kind: 'relabel-pod',
        title: 'chooses the labels by which policies mean a pod',
        from: FROM,
        to: TO,
        chance: '1',
        precondition:
          '`update` or `patch` on pods, for all or by name, of which one runs in the namespace: with its image the pod is its own, and with other labels it sends where they are let in. New pods have this by new-pod-sends',
        source: SOURCE,
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      for (const { place, by } of placesOfAll(rights, (at) => rights.in(at, ...PATCH_POD))) {
        const [right] = by as readonly [Right]
        for (const each of right.names === undefined ? [place] : context.scopes.within(place)) {
          if (right.names !== undefined && !making.isOfUse(right, each, context)) continue
          yield* once(told, step('relabel-pod', rights, context.scopes.of(senders.of.pod, each), by))
        }
      }
    },
  }
}
