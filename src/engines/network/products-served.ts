import type { Effect } from './effects.ts'
import type { Member } from './members.ts'
import type { NetworkModel } from './model.ts'
import { admitsPort, formatPorts, NO_PORTS, noPorts, type PortSet, unitePorts } from './ports.ts'
import type { Draft, Product } from './products.ts'
import { portsThrough } from './rule-ports.ts'
import { EMPTY, type SetId } from './sets.ts'

/** Receivers with more port sets than this are not told apart by each of them on unserved ports. */
const MANY = 4

/** Receivers that mean more different numbers by a name than this are not told apart. */
const MANY_NUMBERS = 64

export function isNamed(egress: Effect, ingress: Effect): boolean {
  return egress.ports.names.length > 0 || ingress.ports.names.length > 0
}

/** Parts the receivers of each product by whether they serve what it admits. */
export function split(model: NetworkModel, drafts: readonly Draft[]): readonly Product[] {
  const variety = new Map<SetId, Set<PortSet>>()
  for (const { to, ports } of drafts) variety.set(to, (variety.get(to) ?? new Set()).add(ports))
  const memo = new Map<PortSet, Map<SetId, readonly [SetId, SetId]>>()
  return drafts.flatMap((draft) => {
    if (isNamed(draft.egress, draft.ingress)) return byName(model, draft)
    const ofPorts = memo.get(draft.ports) ?? new Map<SetId, readonly [SetId, SetId]>()
    memo.set(draft.ports, ofPorts)
    const [serving, others] = ofPorts.get(draft.to) ?? part(model, draft.to, draft.ports)
    ofPorts.set(draft.to, [serving, others])
    const rest = (variety.get(draft.to)?.size ?? 0) > MANY && others !== EMPTY ? draft.to : others
    return [
      { ...draft, to: serving, served: true },
      { ...draft, to: rest, served: false },
    ].filter((each) => each.to !== EMPTY)
  })
}

function part(model: NetworkModel, receivers: SetId, ports: PortSet): readonly [SetId, SetId] {
  const serving = model.sets.intern(model.sets.members(receivers).filter((member) => serves(model, member, ports)))
  return [serving, model.sets.subtract(receivers, serving)]
}

function serves(model: NetworkModel, member: number, ports: PortSet): boolean {
  return (model.served[member] ?? []).some(({ protocol, port }) => admitsPort(ports, protocol, port))
}

/** Where a port has a name, its number differs from receiver to receiver: those of equal ports are one product. */
function byName(model: NetworkModel, draft: Draft): readonly Product[] {
  const found = model.sets.members(draft.to).flatMap((member) => {
    const ports = portsThrough(draft.egress, draft.ingress, model.members[member] as Member)
    return noPorts(ports) ? [] : [{ member, ports, served: serves(model, member, ports) }]
  })
  const apart = Map.groupBy(found, ({ ports, served }) => `${served} ${formatPorts(ports)}`)
  const groups = apart.size > MANY_NUMBERS ? Map.groupBy(found, ({ served }) => `${served}`) : apart
  return [...groups.values()].map((group) => ({
    ...draft,
    ports: group.reduce((sum, { ports }) => unitePorts(sum, ports), NO_PORTS),
    to: model.sets.intern(group.map(({ member }) => member)),
    served: group[0]?.served === true,
  }))
}
