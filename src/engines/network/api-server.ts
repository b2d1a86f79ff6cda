import {
  type AddressSet,
  ALL_ADDRESSES,
  addressesOf,
  holdsAll,
  isAnywhere,
  noAddresses,
  overlap,
  PRIVATE,
  PUBLIC,
} from '../../cluster/addresses.ts'
import { type Because, because } from '../../cluster/because.ts'
import { both, either, type Truth } from '../../cluster/labels.ts'
import type { Workload } from '../../cluster/workload.ts'
import type { Answer } from '../known.ts'
import { apiServer } from './api-server-endpoints.ts'
import { connection } from './connection.ts'
import type { Effect } from './effects.ts'
import type { PodMember } from './members.ts'
import type { NetworkModel } from './model.ts'
import type { Direction } from './policy.ts'
import { admitsPort, noPorts, type PortSet } from './ports.ts'
import { denials, reasonsFor } from './reasons.ts'

/** Of API servers whose endpoints are not in the input. */
const USUAL_PORTS: readonly number[] = [443, 6443]

/** Whether a pod of the workload can open a connection to the API server. */
export function reachesApiServer(model: NetworkModel, workload: Workload): Answer {
  if (model.membersOf(workload.id).length === 0) return hasEnded(workload)
  return anyOf(model.membersOf(workload.id).map((member) => memberReaches(model, member)))
}

/** Whether a pod of the workload can open a connection to an address outside the pod network, as that of the node's cloud. */
export function reachesAddress(model: NetworkModel, workload: Workload, address: string, port: number): Answer {
  const members = model.membersOf(workload.id)
  if (members.length === 0) return hasEnded(workload)
  const where = addressesOf([address])
  return anyOf(
    members.map((member) => {
      const best = judged(model, 'egress', member, (effect) =>
        effect.kind === 'own-node' ? 'no' : leadsTo(effect, where, [port]),
      )
      return best.truth === 'no' ? answer('no', denials(model, 'egress', member.index)) : best
    }),
  )
}

function hasEnded(workload: Workload): Answer {
  return answer('no', [because('has ended, or has no pod', workload.object)])
}

function memberReaches(model: NetworkModel, member: PodMember): Answer {
  const best = anyOf([
    judged(model, 'egress', member, ({ kind }) => (kind === 'own-node' ? ownNodeIsControlPlane(model, member) : 'no')),
    directly(model, member),
    judged(model, 'egress', member, carriesToken),
  ])
  return best.truth === 'no' ? answer('no', denials(model, 'egress', member.index)) : best
}

/** Whether the API server is public was not exported: any way out to the internet may carry the token to where it counts. */
function carriesToken({ addresses, ports }: Effect): Truth {
  return overlap(addresses, PUBLIC) && !noPorts(ports.numbers) ? 'unknown' : 'no'
}

function directly(model: NetworkModel, member: PodMember): Answer {
  const server = apiServer(model.cluster)
  const rules = (judge: (effect: Effect) => Truth): Answer =>
    judged(model, 'egress', member, (effect) => (effect.kind === 'own-node' ? 'no' : judge(effect)))
  const after = rules((effect) => leadsTo(effect, server.addresses, server.ports))
  // Most enforcers see the endpoint that a connection to the ClusterIP leads to; some see the ClusterIP.
  const before = rules((effect) => leadsTo(effect, server.clusterIP, [443]))
  const isLocated = !noAddresses(server.addresses)
  if (isLocated && !noAddresses(server.clusterIP))
    return after.truth === before.truth ? after : answer('unknown', [...after.because, ...before.because])
  if (after.truth === 'yes') return after
  if (isLocated) return rules((effect) => both('unknown', leadsTo(effect, PRIVATE, [443])))
  return rules((effect) =>
    both(isAnywhere(effect.addresses) ? 'yes' : 'unknown', leadsTo(effect, ALL_ADDRESSES, USUAL_PORTS)),
  )
}

function leadsTo({ addresses, ports }: Effect, where: AddressSet, numbers: readonly number[]): Truth {
  return overlap(addresses, where) && numbers.some((port) => admitsPort(ports.numbers, 'TCP', port)) ? 'yes' : 'no'
}

/** The best that one of a member's effects gives; what may be cut off by an object that is not evaluated is unknown. */
function judged(
  model: NetworkModel,
  direction: Direction,
  member: PodMember,
  judge: (effect: Effect) => Truth,
): Answer {
  return anyOf(
    model.effectsOf(direction, member.index).map((effect) => {
      const isSure = effect.kind === 'own-node' || model.sets.has(effect.subjects.sure, member.index)
      const truth = both(judge(effect), isSure ? 'yes' : 'unknown')
      return answer(truth, truth === 'no' ? [] : reasonsFor(model, effect, member.index))
    }),
  )
}

/** Traffic to the own node is always allowed, so a pod beside an API server reaches it. */
function ownNodeIsControlPlane({ cluster }: NetworkModel, member: PodMember): Truth {
  const { nodes } = apiServer(cluster)
  if (nodes.size === 0) return 'no'
  const places = cluster.placement.placesOf(member.workload)
  return places.reduce<Truth>(
    (truth, { node, truth: placed }) => either(truth, both(placed, nodes.get(node.id) ?? 'no')),
    'no',
  )
}

/** Whether the API server can open a connection to a pod of the workload, as for pods/proxy, webhooks and aggregated APIs. */
export function controlPlaneReaches(model: NetworkModel, workload: Workload): Answer {
  if (model.membersOf(workload.id).length === 0) return hasEnded(workload)
  const relayed = apiServer(model.cluster).relays.map((relay) => {
    const { truth, because: reasons } = connection(model, { workload: relay.id }, { workload: workload.id })
    return answer(truth, reasons)
  })
  return anyOf([...model.membersOf(workload.id).map((member) => memberIsReached(model, member)), ...relayed])
}

function memberIsReached(model: NetworkModel, member: PodMember): Answer {
  const { addresses: server } = apiServer(model.cluster)
  const best = judged(model, 'ingress', member, ({ kind, addresses }) => {
    return kind === 'own-node' ? ownNodeIsControlPlane(model, member) : admitsApiServer(addresses, server)
  })
  return best.truth === 'no' ? answer('no', denials(model, 'ingress', member.index)) : best
}

/** It connects from a node of the control plane, whose address the input may not show. */
function admitsApiServer(addresses: AddressSet, server: AddressSet): Truth {
  if (isAnywhere(addresses) || (!noAddresses(server) && holdsAll(addresses, server))) return 'yes'
  return noAddresses(addresses) ? 'no' : 'unknown'
}

function answer(truth: Truth, reasons: readonly Because[]): Answer {
  return { truth, because: reasons }
}

function anyOf(answers: readonly Answer[]): Answer {
  return (
    answers.find(({ truth }) => truth === 'yes') ??
    answers.find(({ truth }) => truth === 'unknown') ??
    answer(
      'no',
      answers.flatMap((each) => each.because),
    )
  )
}

/** Whether a connection from one workload to another is admitted, to any of these ports (all, when empty). */
export function reaches(model: NetworkModel, from: Workload, to: Workload, ports: readonly number[]): Answer {
  const { truth, ports: may, surely, because: reasons } = connection(model, { workload: from.id }, { workload: to.id })
  if (ports.length === 0) return answer(truth, reasons)
  const admits = (set: PortSet): boolean =>
    !noPorts(set) && ports.some((port) => admitsPort(set, 'TCP', port) || admitsPort(set, 'UDP', port))
  if (admits(surely)) return answer('yes', reasons)
  return admits(may)
    ? answer('unknown', reasons)
    : answer('no', [...reasons, because(`none of the ports ${ports.join(', ')} is admitted`)])
}
