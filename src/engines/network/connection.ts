import { type AddressSet, holdsAll, overlap, PUBLIC } from '../../cluster/addresses.ts'
import { type Because, because } from '../../cluster/because.ts'
import type { Truth } from '../../cluster/labels.ts'
import type { Effect } from './effects.ts'
import type { PodMember } from './members.ts'
import type { NetworkModel } from './model.ts'
import type { Direction } from './policy.ts'
import { ALL_PORTS, NO_PORTS, noPorts, type PortSet, unitePorts } from './ports.ts'
import { denials, reasonsFor } from './reasons.ts'
import { portsAt, portsThrough } from './rule-ports.ts'
import type { Selected } from './selection.ts'

/** One end: a workload, all of a set of addresses, or someone on the internet. */
export type Peer = { readonly workload: string } | { readonly addresses: AddressSet } | 'internet'

export interface Connection {
  readonly truth: Truth
  /** The ports that are, or may be, admitted. */
  readonly ports: PortSet
  /** Of them, those that surely are. */
  readonly surely: PortSet
  /** The policies and rules that decided. */
  readonly because: readonly Because[]
}

/** Whether, and on which ports, one end can connect to the other. Of two workloads: any pod of the one to any of the other. */
export function connection(model: NetworkModel, from: Peer, to: Peer): Connection {
  const sum = summing()
  if (isWorkload(from) && isWorkload(to)) {
    if (from.workload === to.workload) {
      return { truth: 'yes', ports: ALL_PORTS, surely: ALL_PORTS, because: [because('a pod can always reach itself')] }
    }
    const receivers = model.membersOf(to.workload)
    for (const source of model.membersOf(from.workload))
      for (const receiver of receivers) between(model, source, receiver, sum)
  } else if (isWorkload(to)) {
    for (const receiver of model.membersOf(to.workload)) oneSided(model, 'ingress', receiver, from, sum)
  } else if (isWorkload(from)) {
    for (const source of model.membersOf(from.workload)) oneSided(model, 'egress', source, to, sum)
  }
  return sum.result(() => whyDenied(model, from, to))
}

function isWorkload(peer: Peer): peer is { readonly workload: string } {
  return peer !== 'internet' && 'workload' in peer
}

interface Sum {
  add(ports: PortSet, isSure: boolean, why: () => readonly Because[]): void
  result(why: () => readonly Because[]): Connection
}

function summing(): Sum {
  let may = NO_PORTS
  let surely = NO_PORTS
  const reasons = new Set<Because>()
  return {
    add(ports, isSure, why) {
      if (noPorts(ports)) return
      may = unitePorts(may, ports)
      if (isSure) surely = unitePorts(surely, ports)
      for (const reason of why()) reasons.add(reason)
    },
    result(denied) {
      const truth = !noPorts(surely) ? 'yes' : noPorts(may) ? 'no' : 'unknown'
      return {
        truth,
        ports: may,
        surely,
        because: truth === 'no' ? denied() : [...reasons],
      }
    },
  }
}

function isSure(model: NetworkModel, { sure }: Selected, member: number): boolean {
  return model.sets.has(sure, member)
}

function between(model: NetworkModel, source: PodMember, receiver: PodMember, sum: Sum): void {
  const waysIn = model
    .effectsOf('ingress', receiver.index)
    .filter((effect) => model.sets.has(effect.peers.may, source.index))
  for (const out of model.effectsOf('egress', source.index)) {
    if (!model.sets.has(out.peers.may, receiver.index)) continue
    const outIsSure = isSure(model, out.subjects, source.index) && isSure(model, out.peers, receiver.index)
    for (const into of waysIn) {
      const inIsSure = isSure(model, into.subjects, receiver.index) && isSure(model, into.peers, source.index)
      sum.add(portsThrough(out, into, receiver), outIsSure && inIsSure, () => [
        ...reasonsFor(model, out, source.index),
        ...reasonsFor(model, into, receiver.index),
      ])
    }
  }
}

/** What happens outside the cluster is not decided by its policies, so only the one end that is a pod is asked. */
function oneSided(model: NetworkModel, direction: Direction, member: PodMember, other: Peer, sum: Sum): void {
  for (const effect of model.effectsOf(direction, member.index)) {
    const admitted = admits(effect, other)
    if (admitted === 'no') continue
    const ports = portsAt(effect.ports, direction === 'ingress' ? member : undefined)
    sum.add(ports, admitted === 'yes' && isSure(model, effect.subjects, member.index), () =>
      reasonsFor(model, effect, member.index),
    )
  }
}

/** Someone on the internet is admitted by any public address; a set of addresses, only as a whole. */
function admits({ addresses }: Effect, other: Peer): Truth {
  if (isWorkload(other)) return 'no'
  if (other === 'internet') return overlap(addresses, PUBLIC) ? 'yes' : 'no'
  if (holdsAll(addresses, other.addresses)) return 'yes'
  return overlap(addresses, other.addresses) ? 'unknown' : 'no'
}

/** The policies that isolate an end, where nothing admits the other. */
function whyDenied(model: NetworkModel, from: Peer, to: Peer): readonly Because[] {
  const at = (direction: Direction, peer: Peer): readonly Because[] => {
    return isWorkload(peer)
      ? model.membersOf(peer.workload).flatMap((member) => denials(model, direction, member.index))
      : []
  }
  return [...at('egress', from), ...at('ingress', to)]
}
