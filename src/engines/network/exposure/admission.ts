import { type AddressSet, overlap, PRIVATE } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import { both, either, type Truth } from '../../../cluster/labels.ts'
import type { Answer } from '../../known.ts'
import type { Effect } from '../effects.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import { admitsPort, noPorts, type PortSet } from '../ports.ts'
import { reasonsFor } from '../reasons.ts'
import { portsAt, portsThrough } from '../rule-ports.ts'
import type { Backend } from '../services.ts'
import type { SetId } from '../sets.ts'

type Judge = (effect: Effect) => Truth

/** A pod, and a port of it where one is meant; else any will do. */
export type Target = Backend | { readonly member: PodMember; readonly port?: undefined }

/** Whether the policies that isolate the backend for ingress admit what `judge` recognises, on the backend's port. */
function admitted(model: NetworkModel, target: Target, judge: Judge): Answer {
  const { member } = target
  let truth: Truth = 'no'
  const reasons: Because[] = []
  for (const effect of model.effectsOf('ingress', member.index)) {
    if (!isOpen(portsAt(effect.ports, member), target)) continue
    const judged = both(judge(effect), model.sets.has(effect.subjects.sure, member.index) ? 'yes' : 'unknown')
    if (judged === 'no') continue
    if (truth !== 'yes') reasons.push(...reasonsFor(model, effect, member.index).slice(0, 2))
    truth = either(truth, judged)
  }
  return { truth, because: reasons }
}

function isOpen(ports: PortSet, target: Target): boolean {
  return target.port === undefined ? !noPorts(ports) : admitsPort(ports, target.protocol, target.port)
}

/**
 * Whether someone at these addresses gets in. Where the source address may be replaced by a node's (`translated`), a rule
 * that admits private addresses may admit it.
 */
export function outsideAdmitted(
  model: NetworkModel,
  backend: Target,
  sources: AddressSet,
  translated: boolean,
): Answer {
  return admitted(model, backend, (effect) => {
    if (effect.kind === 'own-node') return 'no'
    if (overlap(effect.addresses, sources)) return 'yes'
    return translated && overlap(effect.addresses, PRIVATE) ? 'unknown' : 'no'
  })
}

/**
 * Whether a proxy gets in: one of these workloads, or, where none was recognised, one that may run anywhere in the cluster
 * or outside it (netpol-analyzer's `{ingress-controller}`).
 */
export function proxyAdmitted(model: NetworkModel, backend: Target, proxies: readonly PodMember[]): Answer {
  if (proxies.length === 0) {
    return admitted(model, backend, ({ kind, strangers, addresses, peers }) => {
      if (kind === 'own-node') return 'no'
      const isWide = addresses.v4.length > 0 || addresses.v6.length > 0 || fromElsewhere(model, peers.may, backend)
      return strangers === 'no' && isWide ? 'unknown' : strangers
    })
  }
  const answers = proxies.map((proxy) =>
    admitted(model, backend, (effect) => fromMember(model, effect, proxy, backend)),
  )
  return (
    answers.find(({ truth }) => truth === 'yes') ??
    answers.find(({ truth }) => truth === 'unknown') ?? {
      truth: 'no',
      because: [because('its proxies are not admitted')],
    }
  )
}

/** A pod of another namespace that gets in may be the proxy, though nothing of it says so. */
function fromElsewhere({ sets, members }: NetworkModel, peers: SetId, { member }: Target): boolean {
  return sets.members(peers).some((index) => {
    const peer = members[index]
    return peer?.kind === 'pod' && peer.namespace.name !== member.namespace.name
  })
}

function fromMember({ sets, effectsOf }: NetworkModel, into: Effect, proxy: PodMember, target: Target): Truth {
  const { member } = target
  const enters = sets.has(into.peers.sure, proxy.index)
    ? 'yes'
    : sets.has(into.peers.may, proxy.index)
      ? 'unknown'
      : 'no'
  if (enters === 'no') return 'no'
  let leaves: Truth = 'no'
  for (const out of effectsOf('egress', proxy.index)) {
    if (!sets.has(out.peers.may, member.index) || !isOpen(portsThrough(out, into, member), target)) continue
    const isSure = sets.has(out.peers.sure, member.index) && sets.has(out.subjects.sure, proxy.index)
    leaves = either(leaves, isSure ? 'yes' : 'unknown')
  }
  return both(enters, leaves)
}
