import type { Cluster } from '../cluster/cluster.ts'
import type { Workload } from '../cluster/workload.ts'
import { formatPlace } from '../engines/access/used/behaviour.ts'
import type { NetworkModel } from '../engines/network/model.ts'
import type { Direction } from '../engines/network/policy.ts'
import type { End } from '../history/history.ts'
import type { NetworkChange } from './affected.ts'
import { anywhereBlindSpots } from './anywhere.ts'
import { type ConnectionBehaviour, formatConnection } from './behaviour.ts'
import { type Facts, recentSince } from './facts.ts'
import { admits, classOfAddress, isOpenTo } from './network-replay.ts'
import { BlindSpots, counterexample, type Part } from './part.ts'
import type { Counterexample } from './proof.ts'
import { silentNodes, sourceBlindSpots, workloadBlindSpots } from './source-blind.ts'
import type { Incidence } from './unseen.ts'
import { isAdmittedByLabels } from './unseen-peer.ts'
import { formatId, plural } from './words.ts'

/** What recorded connections say of changed network policies. */
export function networkPart(
  before: NetworkModel,
  after: NetworkModel,
  facts: Facts,
  { workloads, unevaluated }: NetworkChange,
): Part {
  const spots = new BlindSpots()
  const reasons = unevaluated.map(({ id }) => `${formatId(id)} is of a kind that is not evaluated`)
  const flows = facts.connections
  if (!flows) return { ...NOTHING, reasons: ['no record of connections was given', ...reasons] }
  const counterexamples: Counterexample[] = []
  const recent = new Map<string, Part['recent'][number]>()
  const since = recentSince(flows)
  const incidences = new Map<string, Set<number>>()
  const judged = new Set<ConnectionBehaviour>()
  let explained = 0
  let unexplained = 0
  let replayed = 0

  const replay = (behaviour: ConnectionBehaviour, id: string): void => {
    const { times, used } = behaviour
    const old = admits(before, behaviour)
    // What was dropped need not have been dropped by a policy, nor a connection of today's rules have been made.
    const isExplained = used ? old !== 'no' : old !== 'yes'
    if (isExplained) explained += times
    else unexplained += times
    if (!used) return
    replayed += times
    if (behaviour.first >= since)
      recent.set(formatConnection(behaviour), {
        behaviour: formatConnection(behaviour),
        first: behaviour.first,
        place: behaviour.place,
      })
    if (!isExplained) {
      spots.add(
        {
          kind: 'unexplained',
          message: '',
          instance: `${formatConnection(behaviour)} (${formatPlace(behaviour.place)})`,
          touches: [id],
        },
        times,
        (sum) =>
          `${plural(sum, 'recorded connection')} of ${formatId(id)} ${sum === 1 ? 'is' : 'are'} not explained by the policies of today`,
      )
      return
    }
    const now = admits(after, behaviour)
    if (now === 'no')
      counterexamples.push(counterexample(behaviour, formatConnection(behaviour), whyDenied(after, behaviour)))
    else if (now === 'unknown')
      spots.add(
        {
          kind: 'undecided',
          message: '',
          instance: `${formatConnection(behaviour)} (${formatPlace(behaviour.place)})`,
          touches: [id],
        },
        times,
        (sum) =>
          `of ${plural(sum, 'recorded connection')} of ${formatId(id)} the input does not decide whether it stays`,
      )
  }

  for (const [id, directions] of workloads) {
    let own = 0
    for (const behaviour of facts.connectionsOf(id)) {
      for (const direction of directions) {
        const [end, other] = endsOf(behaviour, direction)
        if (end.kind !== 'workload' || end.workload !== id) continue
        if (behaviour.used) {
          own += behaviour.times
          addIncidence(incidences, keyOf(after, id, direction, other, behaviour), behaviour)
        }
        if (behaviour.told && isAdmittedByLabels(after, id, direction, other, behaviour)) {
          // Its own policies are not of this cluster, so that no change of them is proposed.
          if (behaviour.used && !judged.has(behaviour)) {
            judged.add(behaviour)
            explained += behaviour.times
            replayed += behaviour.times
          }
        } else if (other.kind === 'unresolved')
          doubt(after, id, direction, behaviour, spots, 'unresolved-peer', 'an end that resolves to nothing')
        else if (!behaviour.told)
          doubt(after, id, direction, behaviour, spots, 'untold-direction', 'a client that is not told from its server')
        else if (other.kind === 'workload' && !before.cluster.workload(other.workload))
          doubt(after, id, direction, behaviour, spots, 'departed-peer', 'an end that is no longer there')
        else if (!judged.has(behaviour)) {
          judged.add(behaviour)
          replay(behaviour, id)
        }
      }
    }
    const workload = before.cluster.workload(id)
    if (own === 0) reasons.push(`nothing was recorded for ${formatId(id)}`)
    for (const behaviour of workload?.namespace ? facts.unresolvedIn(workload.namespace) : []) {
      for (const direction of directions) {
        const [end, other] = endsOf(behaviour, direction)
        const isOwn = other.kind === 'workload' && other.workload === id
        if (end.kind === 'unresolved' && end.namespace === workload?.namespace && !isOwn)
          doubt(after, id, direction, behaviour, spots, 'unresolved-peer', 'an end that resolves to nothing')
      }
    }
    const dropped = flows.dropped.get(id)
    if (dropped)
      spots.add({
        kind: 'too-many-behaviours',
        message: `${formatId(id)} had more kinds of connections than are kept`,
        instance: formatPlace(dropped.place),
        touches: [id],
      })
    if (workload) workloadBlindSpots(workload, flows, own > 0 || hasFired(facts, workload), [id], spots)
  }
  anywhereBlindSpots(before, after, facts, workloads, spots)
  sourceBlindSpots(facts, 'flows', spots)
  silentNodes(before.cluster, facts, workloadsOf(before.cluster, workloads.keys()), spots)
  return {
    explained,
    unexplained,
    replayed,
    counterexamples,
    blindSpots: spots.list(),
    reasons,
    limits: [],
    incidences: { of: [...incidences.values()].map(incidenceOf), days: flows.days },
    recent: [...recent.values()],
  }
}

export const NOTHING: Part = {
  explained: 0,
  unexplained: 0,
  replayed: 0,
  counterexamples: [],
  blindSpots: [],
  reasons: [],
  limits: [],
  incidences: undefined,
  recent: [],
}

export function hasFired(facts: Facts, { namespace, name }: Workload): boolean {
  return facts.access?.fired.has(`${namespace}/${name}`) ?? false
}

function* workloadsOf(cluster: Cluster, ids: Iterable<string>): Generator<Workload> {
  for (const id of ids) {
    const workload = cluster.workload(id)
    if (workload) yield workload
  }
}

/** The end that a direction is about, and the other one. */
function endsOf({ source, destination }: ConnectionBehaviour, direction: Direction): readonly [End, End] {
  return direction === 'egress' ? [source, destination] : [destination, source]
}

/** A connection that cannot be judged: it only matters where the new policies do not let everyone through. */
function doubt(
  after: NetworkModel,
  id: string,
  direction: Direction,
  behaviour: ConnectionBehaviour,
  spots: BlindSpots,
  kind: string,
  why: string,
): void {
  if (!behaviour.used || isOpenTo(after, id, direction, behaviour)) return
  spots.add(
    {
      kind,
      message: '',
      instance: `${formatConnection(behaviour)} (${formatPlace(behaviour.place)})`,
      touches: [id],
    },
    behaviour.times,
    (times) => `${plural(times, 'recorded connection')} of ${formatId(id)} ${times === 1 ? 'has' : 'have'} ${why}`,
  )
}

function keyOf(
  after: NetworkModel,
  id: string,
  direction: Direction,
  other: End,
  { protocol, port, node, samePod }: ConnectionBehaviour,
): string {
  const peer =
    other.kind === 'workload'
      ? other.workload
      : other.kind === 'address'
        ? `addresses ${classOfAddress(after, id, direction, other) ?? other.address}`
        : other.kind === 'node'
          ? `node ${node}`
          : other.kind
  return `${id} ${direction} ${peer} ${protocol} ${port} ${samePod}`
}

function addIncidence(found: Map<string, Set<number>>, key: string, { days }: ConnectionBehaviour): void {
  const known = found.get(key) ?? new Set()
  for (const day of days) known.add(day)
  found.set(key, known)
}

function incidenceOf(days: ReadonlySet<number>): Incidence {
  return { days: [...days] }
}

/** The policies that isolate an end which they do not let the other through to. */
function whyDenied(after: NetworkModel, behaviour: ConnectionBehaviour): string {
  const words = (['egress', 'ingress'] as const).flatMap((direction) => {
    const [end] = endsOf(behaviour, direction)
    if (end.kind !== 'workload' || isOpenTo(after, end.workload, direction, behaviour)) return []
    const policies = new Set(
      after.membersOf(end.workload).flatMap((member) => after.isolatorsOf(direction, member.index)),
    )
    const names = [...policies].map(({ object }) => formatId(object.id))
    return names.length === 0
      ? []
      : [`the ${direction} of ${formatId(end.workload)} is isolated by ${names.join(', ')}`]
  })
  return words.length === 0 ? 'the policies admit none of this' : `${words.join(', and ')}, and no rule admits it`
}
