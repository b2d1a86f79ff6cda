import type { Because } from '../../cluster/because.ts'
import { CHANCE, type Edge } from '../engine.ts'
import { chosenLabelEdges } from './chosen-labels.ts'
import { classNames, type Role } from './classes.ts'
import type { Effect } from './effects.ts'
import type { Member } from './members.ts'
import type { NetworkModel } from './model.ts'
import { formatPorts, type PortSet, unitePorts } from './ports.ts'
import { type Product, products } from './products.ts'
import { reasonsFor } from './reasons.ts'
import type { SetId } from './sets.ts'

/**
 * Contact between workloads through classes, so that the number of edges grows with the rules and not with the pairs: a
 * workload sends through each class of sources it is in, and receives through each class of receivers.
 */
export function* reachEdges(model: NetworkModel): Iterable<Edge> {
  const nameOf = classNames(model)
  const joined = join(model, products(model).all)
  const sources = new Map<SetId, Effect>()
  const receivers = new Map<SetId, Effect>()
  for (const { from, to, served, truth, ports, because, egress, ingress } of joined) {
    if (!sources.has(from)) sources.set(from, egress)
    if (!receivers.has(to)) receivers.set(to, ingress)
    const chance = served ? CHANCE.served : CHANCE.unserved
    yield {
      kind: 'connects',
      from: nameOf('from', from),
      to: nameOf('to', to),
      chance,
      truth,
      rule: formatPorts(ports),
      because,
    }
  }
  yield* chosenLabelEdges(model, (set, effect) => {
    if (!receivers.has(set)) receivers.set(set, effect)
    return nameOf('to', set)
  })
  yield* memberships(model, sources, 'from', nameOf)
  yield* memberships(model, receivers, 'to', nameOf)
}

function* memberships(
  model: NetworkModel,
  classes: ReadonlyMap<SetId, Effect>,
  role: Role,
  nameOf: ReturnType<typeof classNames>,
): Iterable<Edge> {
  for (const [set, effect] of classes) {
    const name = nameOf(role, set)
    const first = new Map<string, number>()
    for (const index of model.sets.members(set)) {
      const { id } = model.members[index] as Member
      if (!first.has(id)) first.set(id, index)
    }
    for (const [id, index] of first) {
      const because = reasonsFor(model, effect, index)
      const ends = role === 'from' ? { kind: 'sends', from: id, to: name } : { kind: 'receives', from: name, to: id }
      yield { ...ends, chance: CHANCE.control, truth: 'yes', rule: role, because }
    }
  }
}

interface Joined extends Pick<Product, 'from' | 'to' | 'served' | 'truth'> {
  ports: PortSet
  because: readonly Because[]
  readonly egress: Effect
  readonly ingress: Effect
}

/** How many members and policies an edge names; more of them say the same. */
const FEW = 3

/** One edge for all products of the same two classes; an uncertain one goes where a certain one is as strong. */
function join(model: NetworkModel, all: readonly Product[]): readonly Joined[] {
  const found = new Map<string, Joined>()
  for (const { from, to, served, truth, ports, egress, ingress } of all) {
    const key = `${from} ${to} ${served} ${truth}`
    const same = found.get(key)
    if (same) same.ports = unitePorts(same.ports, ports)
    if (same && same.because.length >= 4 * FEW) continue
    const own = [...reasons(model, egress, from), ...reasons(model, ingress, to)]
    if (same) same.because = [...new Set([...same.because, ...own])]
    else found.set(key, { from, to, served, truth, ports, because: own, egress, ingress })
  }
  return [...found.values()].filter(({ from, to, served, truth }) => {
    return (
      truth === 'yes' || !(found.has(`${from} ${to} true yes`) || (!served && found.has(`${from} ${to} false yes`)))
    )
  })
}

function reasons(model: NetworkModel, effect: Effect, set: SetId): readonly Because[] {
  const all = model.sets.members(set)
  // That a few are on their node's network is no reason for the others.
  const pods: number[] = []
  for (const member of all) {
    if (pods.length === FEW) break
    if (model.members[member]?.kind !== 'host') pods.push(member)
  }
  const members = pods.length > 0 ? pods : all.slice(0, FEW)
  return [...new Set(members.flatMap((member) => reasonsFor(model, effect, member)))].slice(0, 2 * FEW)
}
