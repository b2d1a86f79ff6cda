import { PUBLIC } from '../../../cluster/addresses.ts'
import { because } from '../../../cluster/because.ts'
import { at, string } from '../../../cluster/json.ts'
import { both } from '../../../cluster/labels.ts'
import type { ContainerPort } from '../../../cluster/pod.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import { isPortNumber } from '../policy-port.ts'
import { isProtocol, portRange } from '../ports.ts'
import { outsideAdmitted } from './admission.ts'
import type { Exposure } from './exposure.ts'

/** Ways in at the address of a node: ports of pods that it forwards, and of pods on its own network. */
export function* hostExposures(model: NetworkModel): Iterable<Exposure> {
  for (const member of model.members) {
    if (member.kind === 'node') continue
    for (const container of member.pod.containers) {
      if (container.role === 'init' || container.role === 'ephemeral') continue
      for (const port of container.ports) yield* opened(model, member, port)
    }
  }
}

function* opened(
  model: NetworkModel,
  member: PodMember,
  { port, protocol, hostPort, path }: ContainerPort,
): Iterable<Exposure> {
  const isHost = member.kind === 'host'
  if (!isHost && hostPort === undefined) return
  const address = string(at(member.object.body, ...path, 'hostIP')) ?? ''
  if (!isProtocol(protocol) || !isPortNumber(port) || address.startsWith('127.') || address === '::1') return
  const admitted = outsideAdmitted(model, { member, protocol, port }, PUBLIC, true)
  const truth = both('unknown', admitted.truth)
  if (truth === 'no') return
  const text = isHost ? `listens on port ${port} of its node` : `has port ${hostPort} of its node`
  const kind = isHost ? 'exposed-host-network' : 'exposed-host-port'
  const reason = because(`${text}, unless a firewall closes it`, member.object, path)
  yield {
    kind,
    workload: member.id,
    ports: portRange(protocol, port),
    truth,
    rule: member.id,
    because: [reason, ...admitted.because],
  }
}
