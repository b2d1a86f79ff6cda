import { type AddressSet, ALL_ADDRESSES, addressesOf, addressSet, holdsAll, noAddresses } from '../cluster/addresses.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Truth } from '../cluster/labels.ts'
import { controlPlaneReaches, reachesApiServer } from '../engines/network/api-server.ts'
import { connection } from '../engines/network/connection.ts'
import type { Effect } from '../engines/network/effects.ts'
import { probePorts } from '../engines/network/member-ports.ts'
import type { PodMember } from '../engines/network/members.ts'
import type { NetworkModel } from '../engines/network/model.ts'
import type { Direction } from '../engines/network/policy.ts'
import { admitsPort, isProtocol, type PortSet, type Protocol } from '../engines/network/ports.ts'
import { portsAt, portsThrough } from '../engines/network/rule-ports.ts'
import type { End } from '../history/history.ts'
import type { ConnectionBehaviour } from './behaviour.ts'

const answers = new WeakMap<NetworkModel, Map<ConnectionBehaviour, Truth>>()

/** Whether the policies of a cluster admit a recorded connection. Ends that resolved to nothing are not asked about. */
export function admits(model: NetworkModel, behaviour: ConnectionBehaviour): Truth {
  let known = answers.get(model)
  if (!known) {
    known = new Map()
    answers.set(model, known)
  }
  let answer = known.get(behaviour)
  if (answer === undefined) {
    answer = judge(model, behaviour)
    known.set(behaviour, answer)
  }
  return answer
}

function judge(model: NetworkModel, behaviour: ConnectionBehaviour): Truth {
  const { source, destination, samePod, port } = behaviour
  const protocol = behaviour.protocol.toUpperCase()
  // What policies do to other protocols is not defined.
  if (!isProtocol(protocol)) return 'unknown'
  if (samePod || behaviour.node === 'own-node') return 'yes'
  if (source.kind === 'workload' && destination.kind === 'workload')
    return betweenPods(model, source.workload, destination.workload, protocol, port)
  if (source.kind === 'workload') return outward(model, source.workload, destination, protocol, port)
  if (destination.kind !== 'workload') return 'unknown'
  if (behaviour.node === 'some-node' && isProbed(model, destination.workload, port)) return 'yes'
  return inward(model, source, destination.workload, protocol, port)
}

function outward(model: NetworkModel, workload: string, to: End, protocol: Protocol, port: number): Truth {
  const of = model.cluster.workload(workload)
  if (to.kind === 'api-server') return of ? reachesApiServer(model, of).truth : 'no'
  const addresses = addressesOfEnd(model.cluster, to)
  if (addresses) return portTruth(connection(model, { workload }, { addresses }), protocol, port)
  return admitsAnyone(model, workload, 'egress', protocol, port) ? 'yes' : 'unknown'
}

function inward(model: NetworkModel, from: End, workload: string, protocol: Protocol, port: number): Truth {
  const of = model.cluster.workload(workload)
  if (from.kind === 'api-server') return of ? controlPlaneReaches(model, of).truth : 'no'
  const addresses = addressesOfEnd(model.cluster, from)
  if (addresses) return portTruth(connection(model, { addresses }, { workload }), protocol, port)
  return admitsAnyone(model, workload, 'ingress', protocol, port) ? 'yes' : 'unknown'
}

function portTruth(
  { ports, surely }: { readonly ports: PortSet; readonly surely: PortSet },
  protocol: Protocol,
  port: number,
): Truth {
  return admitsPort(surely, protocol, port) ? 'yes' : admitsPort(ports, protocol, port) ? 'unknown' : 'no'
}

export function addressesOfEnd(cluster: Cluster, end: End): AddressSet | undefined {
  if (end.kind === 'address') return addressSet(end.address)
  if (end.kind !== 'node') return undefined
  const nodes = cluster.placement.nodes.filter(({ id }) => end.name === '' || id === `Node//${end.name}`)
  const found = addressesOf(nodes.flatMap(({ addresses }) => addresses))
  return noAddresses(found) ? undefined : found
}

/** Probes come from the pod's own node, wherever it ran. */
function isProbed(model: NetworkModel, workload: string, port: number): boolean {
  return model
    .membersOf(workload)
    .some(({ pod, object }) =>
      pod.containers.some(({ path }) => probePorts(object.body, path).some((probe) => probe.port === port)),
    )
}

/** Any pod of the one to any other of the other: sure only where no shape of either is refused. */
function betweenPods(model: NetworkModel, from: string, to: string, protocol: Protocol, port: number): Truth {
  const found = new Set<Truth>()
  for (const source of model.membersOf(from))
    for (const receiver of model.membersOf(to)) found.add(between(model, source, receiver, protocol, port))
  return found.size === 0 ? 'no' : found.size === 1 ? ([...found][0] as Truth) : 'unknown'
}

function between(model: NetworkModel, source: PodMember, receiver: PodMember, protocol: Protocol, port: number): Truth {
  const { sets } = model
  const meets = ({ peers }: Effect, other: PodMember): boolean => sets.has(peers.may, other.index)
  const isSure = ({ subjects, peers }: Effect, own: PodMember, other: PodMember): boolean =>
    sets.has(subjects.sure, own.index) && sets.has(peers.sure, other.index)
  const waysIn = model.effectsOf('ingress', receiver.index).filter((effect) => meets(effect, source))
  let truth: Truth = 'no'
  for (const out of model.effectsOf('egress', source.index)) {
    if (!meets(out, receiver)) continue
    for (const into of waysIn) {
      if (!admitsPort(portsThrough(out, into, receiver), protocol, port)) continue
      if (isSure(out, source, receiver) && isSure(into, receiver, source)) return 'yes'
      truth = 'unknown'
    }
  }
  return truth
}

/** Whether one end admits whoever may be at the other: then it does not matter that it is not known. */
export function isOpenTo(
  model: NetworkModel,
  workload: string,
  direction: Direction,
  { protocol: text, port }: ConnectionBehaviour,
): boolean {
  const protocol = text.toUpperCase()
  return isProtocol(protocol) && admitsAnyone(model, workload, direction, protocol, port)
}

function admitsAnyone(
  model: NetworkModel,
  workload: string,
  direction: Direction,
  protocol: Protocol,
  port: number,
): boolean {
  const members = model.membersOf(workload)
  return (
    members.length > 0 &&
    members.every((member) =>
      model
        .effectsOf(direction, member.index)
        .some(
          (effect) =>
            effect.strangers === 'yes' &&
            model.sets.has(effect.subjects.sure, member.index) &&
            holdsAll(effect.addresses, ALL_ADDRESSES) &&
            admitsPort(portsAt(effect.ports, direction === 'ingress' ? member : undefined), protocol, port),
        ),
    )
  )
}

/**
 * Of an address, the ways of the workload that admit it: two addresses that no policy tells apart are one behaviour, or
 * every new client on the internet would be a new one.
 */
export function classOfAddress(
  model: NetworkModel,
  workload: string,
  direction: Direction,
  end: End,
): string | undefined {
  const addresses = end.kind === 'address' ? addressSet(end.address) : undefined
  if (!addresses) return undefined
  const effects = model.membersOf(workload).flatMap((member) => model.effectsOf(direction, member.index))
  return [...new Set(effects)].map((effect) => (holdsAll(effect.addresses, addresses) ? '1' : '0')).join('')
}
