import { type Selector, selects } from '../cluster/labels.ts'
import type { PodMember } from '../engines/network/members.ts'
import type { NetworkModel } from '../engines/network/model.ts'
import type { Direction, Policy } from '../engines/network/policy.ts'
import type { Peer } from '../engines/network/policy-peer.ts'
import { admitsPort, isProtocol, type Protocol } from '../engines/network/ports.ts'
import { portsAt } from '../engines/network/rule-ports.ts'
import type { End, Labels } from '../history/history.ts'
import type { ConnectionBehaviour } from './behaviour.ts'

/**
 * Whether the policies of a workload let a pod through that the cluster does not hold, by the labels and the namespace
 * that the record gives it: what serves the whole cluster (its DNS above all) is in nobody's repository.
 */
export function isAdmittedByLabels(
  model: NetworkModel,
  workload: string,
  direction: Direction,
  other: End,
  { protocol: text, port }: ConnectionBehaviour,
): boolean {
  const peer = labelledPeer(other)
  const protocol = text.toUpperCase()
  const members = model.membersOf(workload)
  if (!peer || !isProtocol(protocol) || members.length === 0) return false
  return members.every((member) => {
    const policies = model.isolatorsOf(direction, member.index)
    return (
      policies.length === 0 || policies.some((policy) => admits(model, member, direction, policy, peer, protocol, port))
    )
  })
}

interface Labelled {
  readonly namespace: string
  readonly labels: Labels
}

function labelledPeer(end: End): Labelled | undefined {
  if (end.kind !== 'workload' && end.kind !== 'unresolved') return undefined
  const namespace = end.kind === 'workload' ? (end.workload.split('/')[1] ?? '') : end.namespace
  return end.labels && namespace !== '' ? { namespace, labels: end.labels } : undefined
}

function admits(
  model: NetworkModel,
  member: PodMember,
  direction: Direction,
  policy: Policy,
  peer: Labelled,
  protocol: Protocol,
  port: number,
): boolean {
  if (!member.labelsComplete || !selects(policy.pods, member.pod.labels)) return false
  return (policy[direction] ?? []).some(
    ({ peers, ports }) =>
      (peers === 'everyone' || peers.some((each) => isPeer(model, each, policy, peer))) &&
      admitsPort(portsAt(ports, direction === 'ingress' ? member : undefined), protocol, port),
  )
}

function isPeer(model: NetworkModel, each: Peer, policy: Policy, { namespace, labels }: Labelled): boolean {
  if (each.kind !== 'pods' || !selects(each.pods, labels)) return false
  return each.namespaces ? selectsNamespace(model, each.namespaces, namespace) : policy.namespace === namespace
}

const NAME = 'kubernetes.io/metadata.name'

/** Of a namespace that the input does not hold, only the label is known that the API server writes. */
function selectsNamespace({ cluster }: NetworkModel, selector: Selector, namespace: string): boolean {
  const known = cluster.namespaces.get(namespace)
  if (known?.seen) return selects(selector, new Map([...known.labels, [NAME, namespace]]))
  return selector.every(({ key }) => key === NAME) && selects(selector, new Map([[NAME, namespace]]))
}
