import type { Cluster } from '../../cluster/cluster.ts'
import { blockIndex } from './blocks.ts'
import { type Effect, type Effects, effectsOf } from './effects.ts'
import { type Enforced, type Enforcement, enforcement } from './enforcement.ts'
import type { ServedPort } from './member-ports.ts'
import type { Member, PodMember } from './members.ts'
import type { OtherPolicy } from './other-policies.ts'
import { podsOf } from './pods.ts'
import type { InvalidPolicy } from './policies.ts'
import type { Direction, Policy } from './policy.ts'
import type { Selected, Selection } from './selection.ts'
import { type Services, servedPorts } from './services.ts'
import type { SetId, SetTable } from './sets.ts'
import type { Touch } from './touched.ts'

export type { Enforced }

export interface NetworkOptions {
  readonly enforced?: Enforced
}

/** What every question about reach is answered from; made once for a cluster. */
export interface NetworkModel {
  readonly cluster: Cluster
  readonly enforcement: Enforcement
  readonly policies: readonly Policy[]
  policiesIn(namespace: string): readonly Policy[]
  readonly invalid: readonly InvalidPolicy[]
  /** Those of kinds that this release does not evaluate. */
  readonly unsupported: readonly OtherPolicy[]
  readonly members: readonly Member[]
  membersOf(workload: string): readonly PodMember[]
  readonly served: readonly (readonly ServedPort[])[]
  readonly services: Services
  readonly selection: Selection
  readonly sets: SetTable
  readonly effects: Readonly<Record<Direction, readonly Effect[]>>
  readonly isolated: Readonly<Record<Direction, Selected>>
  /** The effects that a member has, or may have. */
  effectsOf(direction: Direction, member: number): readonly Effect[]
  /** What is not evaluated and may take connections away. */
  readonly denying: Readonly<Record<Direction, readonly Touch[]>>
  /** The policies that isolate a member, or may. */
  isolatorsOf(direction: Direction, member: number): readonly Policy[]
}

const models = new WeakMap<Cluster, Map<Enforced, NetworkModel>>()

export function networkModel(cluster: Cluster, options: NetworkOptions = {}): NetworkModel {
  const enforced = options.enforced ?? 'assume'
  const ofCluster = models.get(cluster) ?? new Map<Enforced, NetworkModel>()
  models.set(cluster, ofCluster)
  const known = ofCluster.get(enforced) ?? build(cluster, enforced)
  ofCluster.set(enforced, known)
  return known
}

/** For a cluster that differs from another in nothing that network policies read: the model of the other is its own. */
export function shareNetworkModel(from: Cluster, to: Cluster): void {
  const known = models.get(from)
  if (known) models.set(to, known)
}

function build(cluster: Cluster, enforced: Enforced): NetworkModel {
  const enforces = enforcement(cluster, enforced)
  const pods = podsOf(cluster)
  const { members, sets, selection: select, services, policies: valid, invalid, unsupported } = pods
  const cuts = enforces.truth !== 'no'
  const shared = {
    members,
    sets,
    selection: select,
    policies: cuts ? valid : [],
    others: cuts
      ? [...unsupported, ...invalid.map(({ asOther }) => asOther)]
      : unsupported.filter((each) => !each.byNetworkPlugin),
    findByAddress: blockIndex(members, sets, enforces.blocksMatchPods),
    unenforced: cuts ? undefined : enforces.because,
  }
  const ingress = effectsOf({ ...shared, direction: 'ingress' })
  const egress = effectsOf({ ...shared, direction: 'egress' })
  const bySubject = ({ all }: Effects) => byMember(all, ({ subjects }) => subjects.may, members.length, sets)
  const bySelected = ({ selected }: Effects) => byMember([...selected], ([, { may }]) => may, members.length, sets)
  const effects = { ingress: bySubject(ingress), egress: bySubject(egress) }
  const isolators = { ingress: bySelected(ingress), egress: bySelected(egress) }
  const policiesIn = Map.groupBy(valid, ({ namespace }) => namespace)
  return {
    cluster,
    enforcement: enforces,
    policies: valid,
    policiesIn: (namespace) => policiesIn.get(namespace) ?? [],
    invalid,
    unsupported,
    members,
    membersOf: (workload) => pods.membersOf(workload),
    served: servedPorts(members, services),
    services,
    selection: select,
    sets,
    effects: { ingress: ingress.all, egress: egress.all },
    isolated: { ingress: ingress.isolated, egress: egress.isolated },
    denying: { ingress: ingress.denying, egress: egress.denying },
    effectsOf: (direction, member) => effects[direction](member),
    isolatorsOf: (direction, member) => isolators[direction](member).map(([policy]) => policy),
  }
}

/** For each member what has it in its set; made when first asked for. */
function byMember<T>(
  all: readonly T[],
  setOf: (one: T) => SetId,
  size: number,
  sets: SetTable,
): (member: number) => readonly T[] {
  let lists: T[][] | undefined
  return (member) => {
    if (!lists) {
      lists = Array.from({ length: size }, () => [])
      for (const one of all) for (const index of sets.members(setOf(one))) lists[index]?.push(one)
    }
    return lists[member] ?? []
  }
}
