import { NO_ADDRESSES } from '../../cluster/addresses.ts'
import { because } from '../../cluster/because.ts'
import type { Effect } from './effects.ts'
import type { NetworkModel } from './model.ts'
import type { Direction } from './policy.ts'
import { ALL_PORTS, intersectPorts, type PortSet, portsMeet } from './ports.ts'
import { isNamed, split } from './products-served.ts'
import { EMPTY, type SetId } from './sets.ts'

/** Every one of `from` can connect to every one of `to`: what one way out and one way in have in common. */
export interface Product extends Draft {
  /** Whether a port is admitted that each of `to` is known to serve. */
  readonly served: boolean
}

export interface Draft {
  readonly from: SetId
  readonly to: SetId
  readonly truth: 'yes' | 'unknown'
  readonly ports: PortSet
  readonly egress: Effect
  readonly ingress: Effect
}

export interface Products {
  readonly all: readonly Product[]
  /** Whether the policies are too many and too distinct to be told apart. */
  readonly isCoarse: boolean
}

/** Policies that are written to be as distinct as can be multiply; real clusters come nowhere near. */
const MOST = 100_000

const done = new WeakMap<NetworkModel, Products>()

/** All connections between members, as products of sets: their number grows with the rules, not with the pairs. */
export function products(model: NetworkModel): Products {
  const known = done.get(model)
  if (known) return known
  const drafts: Draft[] = []
  const isCoarse = !collect(model, drafts)
  const made = { all: split(model, isCoarse ? [...drafts, everyone(model)] : drafts), isCoarse }
  done.set(model, made)
  return made
}

/** False: there are more than `MOST`, and the rest was left out. */
function collect(model: NetworkModel, drafts: Draft[]): boolean {
  const { sets } = model
  const common = portMemo()
  for (const egress of model.effects.egress) {
    for (const ingress of meeting(model, egress)) {
      if (!portsMeet(egress.ports.numbers, ingress.ports.numbers) && !isNamed(egress, ingress)) continue
      const from = {
        sure: sets.intersect(egress.subjects.sure, ingress.peers.sure),
        may: sets.intersect(egress.subjects.may, ingress.peers.may),
      }
      const to = {
        sure: sets.intersect(egress.peers.sure, ingress.subjects.sure),
        may: sets.intersect(egress.peers.may, ingress.subjects.may),
      }
      const add = (truth: Product['truth'], sources: SetId, receivers: SetId): void => {
        if (sources === EMPTY || receivers === EMPTY) return
        drafts.push({ from: sources, to: receivers, truth, ports: common(egress, ingress), egress, ingress })
      }
      add('yes', from.sure, to.sure)
      add('unknown', sets.subtract(from.may, from.sure), to.may)
      add('unknown', from.sure, sets.subtract(to.may, to.sure))
      if (drafts.length > MOST) return false
    }
  }
  return true
}

/** Whatever was left out is kept as possible. */
function everyone(model: NetworkModel): Draft {
  const all = model.sets.intern(model.members.map(({ index }) => index))
  const pods = model.sets.intern(model.members.flatMap(({ kind, index }) => (kind === 'node' ? [] : [index])))
  const effect = (direction: Direction): Effect => ({
    kind: 'other',
    direction,
    subjects: { sure: EMPTY, may: all },
    peers: { sure: EMPTY, may: all },
    addresses: NO_ADDRESSES,
    strangers: 'unknown',
    ports: { numbers: ALL_PORTS, names: [] },
    portsKey: 'all ports',
    rules: new Map(),
    because: [because('the policies are too many and too distinct to be told apart')],
  })
  return {
    from: all,
    to: pods,
    truth: 'unknown',
    ports: ALL_PORTS,
    egress: effect('egress'),
    ingress: effect('ingress'),
  }
}

/** The ways in of those that a way out may lead to. */
function meeting(model: NetworkModel, egress: Effect): Iterable<Effect> {
  const peers = model.sets.members(egress.peers.may)
  if (peers.length === model.members.length) return model.effects.ingress
  return new Set(peers.flatMap((peer) => model.effectsOf('ingress', peer)))
}

/** The numbers that two effects have in common, computed once for each two of their port sets. */
function portMemo(): (egress: Effect, ingress: Effect) => PortSet {
  const ids = new Map<string, number>()
  const idOf = (effect: Effect): number => {
    const id = ids.get(effect.portsKey) ?? ids.size
    ids.set(effect.portsKey, id)
    return id
  }
  const memo = new Map<number, PortSet>()
  return (egress, ingress) => {
    const key = idOf(egress) * 2 ** 26 + idOf(ingress)
    const known = memo.get(key)
    if (known) return known
    const ports = intersectPorts(egress.ports.numbers, ingress.ports.numbers)
    memo.set(key, ports)
    return ports
  }
}
