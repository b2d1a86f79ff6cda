import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { mayMatch, type Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { admitsAll } from '../admits-all.ts'
import { type Enforcement, enforcement } from '../enforcement.ts'
import type { PodMember } from '../members.ts'
import type { OtherPolicy } from '../other-policies.ts'
import { type Pods, podsOf } from '../pods.ts'
import type { Direction } from '../policy.ts'
import { workloadsOf } from './workloads.ts'

/** Whether network policies keep anything from the pods of a workload, or them from anything. */
export interface Isolation {
  readonly truth: Truth
  /** Why not, or why that is not known, in a clause. */
  readonly says: string
  readonly because: readonly Because[]
  /** Not because of something that is there, but since no policy selects the pods. */
  readonly isUnselected?: true
}

export interface IsolatedWorkload extends Readonly<Record<Direction, Isolation>> {
  readonly object: KubeObject
  readonly members: readonly PodMember[]
}

const known = new WeakMap<Cluster, readonly IsolatedWorkload[]>()

/** Each workload with its isolation in both directions: of several shapes of its pods, that of the least isolated one. */
export function isolations(cluster: Cluster): readonly IsolatedWorkload[] {
  const done = known.get(cluster) ?? judged(cluster)
  known.set(cluster, done)
  return done
}

function judged(cluster: Cluster): readonly IsolatedWorkload[] {
  const pods = podsOf(cluster)
  const enforces = enforcement(cluster, 'assume')
  const others: Others = Map.groupBy(
    pods.unsupported.filter(({ byNetworkPlugin }) => byNetworkPlugin),
    ({ namespace }) => namespace,
  )
  const found = { ingress: byMember(pods, 'ingress'), egress: byMember(pods, 'egress') }
  const isolation = (direction: Direction, members: readonly PodMember[]): Isolation =>
    least(members.map((member) => ofMember(found[direction].get(member.index), enforces, others, direction, member)))
  return [...workloadsOf(cluster)].map(({ object, members }) => ({
    object,
    members,
    ingress: isolation('ingress', members),
    egress: isolation('egress', members),
  }))
}

const ISOLATED: Isolation = { truth: 'yes', says: '', because: [] }
const RANK: Readonly<Record<Truth, number>> = { no: 0, unknown: 1, yes: 2 }

function least(all: readonly Isolation[]): Isolation {
  return all.reduce((a, b) => (RANK[b.truth] < RANK[a.truth] ? b : a), ISOLATED)
}

/** The policies that isolate a member in a direction. */
interface Isolators {
  sure: boolean
  /** One that may select it, or that the API server refuses. */
  doubt: Because | undefined
  /** One that surely selects it and admits everyone. Policies add up, so that no other takes that back. */
  open: Because | undefined
  mayBeOpen: Because | undefined
}

function byMember({ policies, invalid, selection, sets }: Pods, direction: Direction): ReadonlyMap<number, Isolators> {
  const found = new Map<number, Isolators>()
  const of = (index: number): Isolators => {
    const one = found.get(index) ?? { sure: false, doubt: undefined, open: undefined, mayBeOpen: undefined }
    found.set(index, one)
    return one
  }
  for (const policy of policies) {
    const rules = policy[direction]
    if (!rules) continue
    const { object } = policy
    const { sure, may } = selection.inNamespace(policy.namespace, policy.pods)
    const open = rules.find(admitsAll)
    const why = open && because('admits everyone', object, open.path)
    for (const index of sets.members(may)) {
      const member = of(index)
      if (sets.has(sure, index)) {
        member.sure = true
        member.open ??= why
      } else {
        member.doubt ??= because('may select it', object, ['spec', 'podSelector'])
        member.mayBeOpen ??= why
      }
    }
  }
  for (const { object, asOther } of invalid) {
    if (!asOther[direction].denies || asOther.namespace === undefined) continue
    const { may } = selection.inNamespace(asOther.namespace, asOther.pods)
    for (const index of sets.members(may)) of(index).doubt ??= because('is refused by the API server', object, ['spec'])
  }
  return found
}

const EVERYONE: Readonly<Record<Direction, string>> = {
  ingress: 'they accept connections from everyone',
  egress: 'they may connect anywhere',
}

function ofMember(
  isolators: Isolators | undefined,
  enforces: Enforcement,
  others: Others,
  direction: Direction,
  member: PodMember,
): Isolation {
  const { object, pod } = member
  if (member.kind === 'host') {
    const path = [...pod.path, 'hostNetwork']
    const why = [because('is on the network of its node', object, path)]
    return { truth: 'no', says: 'its pods are on their node’s network, where no network policy holds', because: why }
  }
  const everyone = EVERYONE[direction]
  if (enforces.truth === 'no')
    return { truth: 'no', says: `network policies are not enforced: ${everyone}`, because: enforces.because }
  if (isolators?.open) {
    const says = `${isolators.open.object?.kind} ${isolators.open.object?.name} admits everything: ${everyone}`
    return { truth: 'no', says, because: [isolators.open] }
  }
  if (isolators?.sure && !isolators.mayBeOpen) return ISOLATED
  const doubt = isolators?.mayBeOpen ?? isolators?.doubt ?? otherDoubt(others, direction, member)
  if (doubt) {
    const says = `whether ${doubt.object?.kind} ${doubt.object?.name} isolates its pods is not known`
    return { truth: 'unknown', says, because: [doubt] }
  }
  return {
    truth: 'no',
    says: `no network policy isolates its pods for ${direction}: ${everyone}`,
    because: [because(`no policy of namespace ${member.namespace.name} selects it for ${direction}`, object, pod.path)],
    isUnselected: true,
  }
}

/** Of kinds that are not evaluated; those of no namespace are meant for all. */
type Others = ReadonlyMap<string | undefined, readonly OtherPolicy[]>

function otherDoubt(others: Others, direction: Direction, member: PodMember): Because | undefined {
  const near = [others.get(undefined), others.get(member.namespace.name)]
  const one = near
    .flatMap((each) => each ?? [])
    .find(
      ({ pods, ...ways }) =>
        ways[direction].denies && mayMatch(pods, member.pod.labels, member.labelsComplete) !== 'no',
    )
  return one && because('is not evaluated, and may isolate it', one.object, ['spec'])
}
