import { type AddressSet, ALL_ADDRESSES, addressesOf } from '../../cluster/addresses.ts'
import { type Because, because } from '../../cluster/because.ts'
import type { Truth } from '../../cluster/labels.ts'
import { type Admitted, admittedBy } from './admitted.ts'
import type { FindByAddress } from './blocks.ts'
import type { Member } from './members.ts'
import type { OtherPolicy } from './other-policies.ts'
import type { Direction, Policy, Rule } from './policy.ts'
import type { RulePorts } from './policy-port.ts'
import { ALL_PORTS, formatPorts } from './ports.ts'
import { type Selected, type Selection, uniteAll } from './selection.ts'
import { EMPTY, type SetTable } from './sets.ts'
import { allowing, denyingIn, type Touch } from './touched.ts'

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
  /** What is not evaluated and may take connections away. */
  readonly denying: readonly Touch[]
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
  const denying = denyingIn(input, isolated)
  const denied = sets.unite(denying.map(({ subjects }) => subjects.may))

  const drafts = new Map<string, Admitted & { rule: Rule; rules: Map<Policy, Because[]> }>()
  for (const policy of isolating) {
    for (const rule of policy[direction] ?? []) {
      const admitted = admittedBy(rule, policy, everyone, input)
      const { peers, addresses, strangers } = admitted
      const id = [peers.sure, peers.may, addresses.v4, addresses.v6, strangers, keyOf(rule.ports)].join(' ')
      const draft = drafts.get(id) ?? { ...admitted, rule, rules: new Map<Policy, Because[]>() }
      const reason = because(wordsFor(direction, peers), policy.object, rule.path)
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
    ...allowing(input).map(({ policy, subjects }) => {
      return make(
        'other',
        { sure: EMPTY, may: sets.intersect(subjects.may, isolated.may) },
        { ...toEveryone, because: [unevaluated(policy)] },
      )
    }),
  ]
  return { all: all.filter((effect) => effect.subjects.may !== EMPTY), isolated, selected, denying }
}

function wordsFor(direction: Direction, { sure, may }: Selected): string {
  const verb = direction === 'ingress' ? 'admits it in' : 'lets it out'
  return sure === may ? verb : `${verb}, as far as the labels or addresses of its peers are known`
}

function keyOf({ numbers, names }: RulePorts): string {
  return [formatPorts(numbers), ...new Set(names.map(({ protocol, name }) => `${protocol} ${name}`))].sort().join(' ')
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

function unevaluated({ object }: OtherPolicy): Because {
  return because('is not evaluated and may allow it', object, ['spec'])
}
