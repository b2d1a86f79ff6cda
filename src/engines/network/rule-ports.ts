import type { Effect } from './effects.ts'
import type { Member } from './members.ts'
import type { RulePorts } from './policy-port.ts'
import { intersectPorts, NO_PORTS, type PortSet, unitePorts } from './ports.ts'

/** A name means what the receiving pod calls by it, in both directions; outside the cluster it means nothing. */
export function portsAt({ numbers, names }: RulePorts, receiver: Member | undefined): PortSet {
  if (receiver === undefined || receiver.kind === 'node') return numbers
  return names.reduce(
    (sum, { protocol, name }) => unitePorts(sum, receiver.named.get(`${protocol} ${name}`) ?? NO_PORTS),
    numbers,
  )
}

/** What both ends admit, at this receiver. */
export function portsThrough(egress: Effect, ingress: Effect, receiver: Member): PortSet {
  return intersectPorts(portsAt(egress.ports, receiver), portsAt(ingress.ports, receiver))
}
