import { type Because, because } from '../../cluster/because.ts'
import { both, either, type Truth } from '../../cluster/labels.ts'
import { type AddressSet, ALL_ADDRESSES, addressesOf, NO_ADDRESSES, uniteAddresses } from './addresses.ts'
import type { FindByAddress } from './blocks.ts'
import type { Member } from './members.ts'
import type { OtherPolicy } from './other-policies.ts'
import type { Direction, Policy, Rule } from './policy.ts'
import type { RulePorts } from './policy-port.ts'
import { ALL_PORTS, formatPorts } from './ports.ts'
import type { Selected, Selection } from './selection.ts'
import { EMPTY, type SetId, type SetTable } from './sets.ts'

/**
 * One way out of, or into, the members that have it. What a member may do in a direction is the union of its effects:
 * those of the rules that select it, or the open one where no policy isolates it.
 */
export interface Effect {
  readonly kind: 'open' | 'rule' | 'own-node' | 'other'
  readonly direction: Direction
  /** Who has it. `sure` without those that an object we do not evaluate may cut off. */
  readonly subjects: Selected
  /** Whom it admits at the other end: members, and addresses (of which `open` and `everyone` admit all). */
  readonly peers: Selected
  readonly addresses: AddressSet
  /** Whether it admits a pod of a namespace that the input does not show. */
  readonly strangers: Truth
  readonly ports: RulePorts
  /** Equal for equal ports. */
  readonly portsKey: string
  /** Of the effect of rules: the rules of each policy that have it. */
  readonly rules: ReadonlyMap<Policy, readonly Because[]>
  /** Of any other effect. */
  readonly because: readonly Because[]
}

export interface EffectInput {
  readonly direction: Direction
  readonly members: readonly Member[]
  readonly policies: readonly Policy[]
  readonly others: readonly OtherPolicy[]
  readonly selection: Selection
  readonly findByAddress: FindByAddress
  readonly sets: SetTable
  /** Why no policy cuts anything, where that is so. */
  readonly unenforced: readonly Because[] | undefined
}

type Reach = Pick<Effect, 'peers' | 'addresses' | 'strangers' | 'ports' | 'because'>

export interface Effects {
  readonly all: readonly Effect[]
  /** Members that a policy isolates in this direction. */
  readonly isolated: Selected
  /** Whom each policy that isolates in this direction selects. */
  readonly selected: ReadonlyMap<Policy, Selected>
}

const EVERY_PORT: RulePorts = { numbers: ALL_PORTS, names: [] }

export function effectsOf(input: EffectInput): Effects {
  const { direction, members, sets } = input
  const isolating = input.policies.filter((policy) => policy[direction] !== undefined)
  const selected = new Map(
    isolating.map((policy) => [policy, input.selection.inNamespace(policy.namespace, policy.pods)]),
  )
  const isolated = uniteAll([...selected.values()], sets)
  const everyone = sets.intern(members.map((member) => member.index))
  const denied = deniedIn(input, isolated)

  const drafts = new Map<string, Admitted & { rule: Rule; rules: Map<Policy, Because[]> }>()
  for (const policy of isolating) {
    for (const rule of policy[direction] ?? []) {
      const admitted = admittedBy(rule, policy, everyone, input)
      const { peers, addresses, strangers } = admitted
      const id = [peers.sure, peers.may, addresses.v4, addresses.v6, strangers, keyOf(rule.ports)].join(' ')
      const draft = drafts.get(id) ?? { ...admitted, rule, rules: new Map<Policy, Because[]>() }
      const reason = because(direction === 'ingress' ? 'admits it in' : 'lets it out', policy.object, rule.path)
      draft.rules.set(policy, [...(draft.rules.get(policy) ?? []), reason])
      drafts.set(id, draft)
    }
  }
  const make = (kind: Effect['kind'], subjects: Selected, rest: Reach, rules: Effect['rules'] = new Map()): Effect => ({
    kind,
    direction,
    ...rest,
    subjects: { sure: sets.subtract(subjects.sure, denied), may: subjects.may },
    portsKey: keyOf(rest.ports),
    rules,
  })
  // Nodes send; what they receive on their own ports is not the network's to decide.
  const own =
    direction === 'egress'
      ? everyone
      : sets.intern(members.flatMap(({ kind, index }) => (kind === 'node' ? [] : [index])))
  const open = { sure: sets.subtract(own, isolated.may), may: sets.subtract(own, isolated.sure) }
  const toEveryone = {
    peers: { sure: everyone, may: everyone },
    addresses: ALL_ADDRESSES,
    strangers: 'yes' as const,
    ports: EVERY_PORT,
  }
  const all = [
    make('open', open, {
      ...toEveryone,
      because: input.unenforced ?? [because(`no policy isolates its ${direction}`)],
    }),
    ...[...drafts.values()].map(({ rule, rules, ...admitted }) => {
      const subjects = uniteAll(
        [...rules.keys()].map((policy) => selected.get(policy) as Selected),
        sets,
      )
      return make('rule', subjects, { ...admitted, ports: rule.ports, because: [] }, rules)
    }),
    make('own-node', { sure: EMPTY, may: isolated.may }, ownNode(input)),
    ...othersIn(input).map(([policy, subjects]) => {
      return make(
        'other',
        { sure: EMPTY, may: sets.intersect(subjects.may, isolated.may) },
        { ...toEveryone, because: [unevaluated(policy)] },
      )
    }),
  ]
  return { all: all.filter((effect) => effect.subjects.may !== EMPTY), isolated, selected }
}

function uniteAll(all: readonly Selected[], sets: SetTable): Selected {
  if (all.length === 1) return all[0] as Selected
  return { sure: sets.unite(all.map((each) => each.sure)), may: sets.unite(all.map((each) => each.may)) }
}

export function keyOf({ numbers, names }: RulePorts): string {
  return [formatPorts(numbers), ...new Set(names.map(({ protocol, name }) => `${protocol} ${name}`))].sort().join(' ')
}

type Admitted = Pick<Effect, 'peers' | 'addresses' | 'strangers'>

function admittedBy(
  rule: Rule,
  policy: Policy,
  everyone: SetId,
  { selection, findByAddress, sets }: EffectInput,
): Admitted {
  if (rule.peers === 'everyone')
    return { peers: { sure: everyone, may: everyone }, addresses: ALL_ADDRESSES, strangers: 'yes' }
  let addresses = NO_ADDRESSES
  let strangers: Truth = 'no'
  const found: Selected[] = []
  for (const peer of rule.peers) {
    if (peer.kind === 'addresses') {
      addresses = uniteAddresses(addresses, peer.addresses)
      found.push(findByAddress(peer.addresses, peer.text))
    } else if (peer.namespaces) {
      found.push(selection.inNamespaces(peer.namespaces, peer.pods))
      strangers = either(
        strangers,
        both(selection.inUnseen(peer.namespaces), peer.pods.length === 0 ? 'yes' : 'unknown'),
      )
    } else found.push(selection.inNamespace(policy.namespace, peer.pods))
  }
  return { peers: uniteAll(found, sets), addresses, strangers }
}

/** Traffic between a pod and the node it runs on is always allowed, and who is on which node is not always known. */
function ownNode({ direction, members, sets }: EffectInput): Reach {
  const there = members.filter(({ kind }) => kind === 'host' || (kind === 'node' && direction === 'ingress'))
  const nodes = members.flatMap((member) => (member.kind === 'node' ? member.node.addresses : []))
  return {
    peers: { sure: EMPTY, may: sets.intern(there.map((member) => member.index)) },
    addresses: addressesOf(nodes),
    strangers: 'no',
    ports: EVERY_PORT,
    because: [because('traffic from and to the own node is always allowed')],
  }
}

function touched(policy: OtherPolicy, selection: Selection): Selected {
  return policy.namespace === undefined
    ? selection.inNamespaces([], policy.pods)
    : selection.inNamespace(policy.namespace, policy.pods)
}

function deniedIn({ direction, others, selection, sets }: EffectInput, isolated: Selected): SetId {
  const denying = others.filter((policy) => policy[direction].denies)
  return sets.unite(
    denying.map((policy) => {
      const { may } = touched(policy, selection)
      return policy.yields ? sets.subtract(may, isolated.sure) : may
    }),
  )
}

/** One for each set of members that some of them touch. */
function othersIn({ direction, others, selection }: EffectInput): readonly (readonly [OtherPolicy, Selected])[] {
  const found = new Map<number, readonly [OtherPolicy, Selected]>()
  for (const policy of others) {
    if (!policy[direction].allows) continue
    const subjects = touched(policy, selection)
    if (!found.has(subjects.may)) found.set(subjects.may, [policy, subjects])
  }
  return [...found.values()]
}

function unevaluated({ object }: OtherPolicy): Because {
  return because('is not evaluated and may allow it', object, ['spec'])
}
