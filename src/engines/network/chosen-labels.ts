import { ALL_ADDRESSES, isAnywhere } from '../../cluster/addresses.ts'
import { type Because, because } from '../../cluster/because.ts'
import { both, mayMatch, type Selector, type Truth } from '../../cluster/labels.ts'
import type { Namespace } from '../../cluster/namespace.ts'
import { idOf } from '../../cluster/object.ts'
import { CHANCE, type Edge } from '../engine.ts'
import type { ChosenLabels } from '../known.ts'
import { isPossible, type Senders, selectedBy, sendersOf, type Way, type Ways } from './chosen-ways.ts'
import type { Effect } from './effects.ts'
import type { Member } from './members.ts'
import type { NetworkModel } from './model.ts'
import type { RulePorts } from './policy-port.ts'
import { ALL_PORTS, admitsPort, formatPorts, intersectPorts, noPorts, type PortSet, portsMeet } from './ports.ts'
import { portsThrough } from './rule-ports.ts'
import { type Selected, uniteAll } from './selection.ts'
import { EMPTY, type SetId } from './sets.ts'

/**
 * Whoever makes pods, or writes labels, chooses which policies select them: no label of a pod, and but one of a namespace, is
 * anybody's to give. From here sends the pod that could be in a namespace, to all that would let it in.
 */

/** The API server sets it, and refuses another value (staging/src/k8s.io/apiserver NamespaceDefaultLabelName). */
const NAME_LABEL = 'kubernetes.io/metadata.name'

type Mode = 'pod' | 'namespace' | 'unguarded'

const idFor = (namespace: string, mode: Mode): string => idOf('Reach', namespace, NAMES[mode])
const NAMES: Readonly<Record<Mode, string>> = {
  pod: 'a pod of any labels',
  namespace: 'a pod of any labels, the namespace too',
  unguarded: 'a pod, its policies gone',
}

/** The nodes from where such pods of a namespace send. */
export function chosenLabels(model: NetworkModel, namespace: string): ChosenLabels {
  const senders = sendersOf(model)
  const there = namespaceOf(model, namespace)
  const cuts = model.enforcement.truth !== 'no'
  return {
    pod: idFor(namespace, 'pod'),
    namespace: senders.bySelector.some((each) => isGained(each.selector, there))
      ? idFor(namespace, 'namespace')
      : undefined,
    unguarded: cuts && model.policiesIn(namespace).length > 0 ? idFor(namespace, 'unguarded') : undefined,
  }
}

const ANY_POD = idOf('Reach', '', 'a pod of any namespace')
const ANY_LABELS = idOf('Reach', '', 'a pod of any namespace and labels')

/** What the senders of every namespace reach; `receiversOf` is the node of a class of receivers, which must lead to them. */
export function* chosenLabelEdges(
  model: NetworkModel,
  receiversOf: (set: SetId, effect: Effect) => string,
): Iterable<Edge> {
  const senders = sendersOf(model)
  const parts = splitter(model)
  const all = { peers: 'all', ports: EVERY_PORT, truth: 'yes' } as const
  const contact = function* (from: string, why: Because, contacts: Iterable<Contact>): Iterable<Edge> {
    const found = new Map<string, Edge>()
    for (const { to, served, truth, ports, effect } of contacts) {
      const target = receiversOf(to, RECEIVED)
      const key = `${target} ${served} ${truth}`
      if (found.has(key)) continue
      const chance = served ? CHANCE.served : CHANCE.unserved
      const reasons = [why, ...reasonOf(effect)]
      found.set(key, { kind: 'connects', from, to: target, chance, truth, rule: formatPorts(ports), because: reasons })
    }
    for (const edge of found.values()) if (!isSaidForCertain(edge, found)) yield edge
  }
  const meet = (ways: Iterable<Way>) => [...ways].map((way) => ({ way, truth: 'yes' as const }))
  const anyone = because('no label and no namespace is asked for')
  yield* contact(
    ANY_POD,
    anyone,
    contactsOf(model, senders, meet([...senders.open, ...senders.everyone]), [all], parts),
  )
  yield sends(ANY_LABELS, ANY_POD, anyone)
  yield* contact(ANY_LABELS, anyone, contactsOf(model, senders, meet(senders.everywhere), [all], parts))
  for (const name of [...new Set([...model.cluster.namespaces.keys(), 'default', 'kube-system'])].sort()) {
    const chosen = chosenLabels(model, name)
    const there = namespaceOf(model, name)
    for (const mode of ['pod', 'namespace', 'unguarded'] as const) {
      const from = chosen[mode]
      if (from === undefined) continue
      const reason = why(there, mode)
      const outs = [...waysOut(model, senders, there, mode)]
      const isFree =
        mode !== 'namespace' &&
        outs.some(({ peers, ports, truth }) => peers === 'all' && ports === EVERY_PORT && truth === 'yes')
      if (isFree) yield sends(from, mode === 'pod' ? ANY_LABELS : ANY_POD, reason)
      yield* contact(from, reason, [
        ...contactsOf(model, senders, waysIn(senders, there, mode, isFree), outs, parts),
        ...(mode === 'unguarded' ? keptIn(model, senders, there, parts) : []),
      ])
    }
  }
}

function sends(from: string, to: string, why: Because): Edge {
  return { kind: 'sends', from, to, chance: 1, truth: 'yes', rule: 'from', because: [why] }
}

function isSaidForCertain({ to, chance, truth }: Edge, found: ReadonlyMap<string, Edge>): boolean {
  if (truth === 'yes') return false
  return found.has(`${to} true yes`) || (chance === CHANCE.unserved && found.has(`${to} false yes`))
}

interface Contact {
  readonly to: SetId
  readonly served: boolean
  readonly truth: Edge['truth']
  readonly ports: PortSet
  readonly effect: Effect
}

function* contactsOf(
  model: NetworkModel,
  senders: Senders,
  ins: Iterable<{ way: Way; truth: Truth }>,
  outs: readonly Out[],
  parts: ReturnType<typeof splitter>,
): Iterable<Contact> {
  for (const { way, truth: admitted } of ins) {
    for (const { peers, ports, truth: sent } of outs) {
      const isNamed = way.ports.names.length + ports.names.length > 0
      if (!isNamed && !portsMeet(way.ports.numbers, ports.numbers)) continue
      const numbers = intersectPorts(way.ports.numbers, ports.numbers)
      for (const part of meeting(model, senders, way.to, peers, both(admitted, sent))) {
        const split = isNamed ? byName(model, part.to, ports, way.effect) : parts(part.to, numbers)
        for (const { to, served } of split) yield { to, served, truth: part.truth, ports: numbers, effect: way.effect }
      }
    }
  }
}

/** Which number a name has is for each receiver to say. */
function byName(
  model: NetworkModel,
  receivers: SetId,
  ports: RulePorts,
  ingress: Effect,
): readonly { to: SetId; served: boolean }[] {
  const egress: Effect = { ...RECEIVED, direction: 'egress', ports }
  const found = model.sets.members(receivers).flatMap((index) => {
    const through = portsThrough(egress, ingress, model.members[index] as Member)
    return noPorts(through) ? [] : [{ index, served: servesOne(model, index, through) }]
  })
  return [true, false].flatMap((served) => {
    const to = model.sets.intern(found.flatMap((each) => (each.served === served ? [each.index] : [])))
    return to === EMPTY ? [] : [{ to, served }]
  })
}

function servesOne(model: NetworkModel, index: number, ports: PortSet): boolean {
  return (model.served[index] ?? []).some(({ protocol, port }) => admitsPort(ports, protocol, port))
}

/** Those that the policies of the namespace kept. */
function* keptIn(
  model: NetworkModel,
  senders: Senders,
  there: Namespace,
  parts: ReturnType<typeof splitter>,
): Iterable<Contact> {
  const kept = uniteAll(
    model.policiesIn(there.name).flatMap((policy) => (policy.ingress ? [selectedBy(model, policy)] : [])),
    model.sets,
  )
  for (const part of meeting(model, senders, kept, 'all', 'yes'))
    for (const each of parts(part.to, ALL_PORTS))
      yield { ...each, truth: part.truth, ports: ALL_PORTS, effect: RECEIVED }
}

/** Of a class of receivers that no one rule makes. */
const RECEIVED: Effect = {
  kind: 'other',
  direction: 'ingress',
  subjects: { sure: EMPTY, may: EMPTY },
  peers: { sure: EMPTY, may: EMPTY },
  addresses: ALL_ADDRESSES,
  strangers: 'yes',
  ports: { numbers: ALL_PORTS, names: [] },
  portsKey: 'all ports',
  rules: new Map(),
  because: [because('its policies, or the absence of one, let it in')],
}

function why({ name, object }: Namespace, mode: Mode): Because {
  const text = {
    pod: `whoever makes a pod in ${name}, or changes its labels, chooses what policies see`,
    namespace: `whoever changes the labels of ${name} chooses which namespace selectors mean it`,
    unguarded: `NetworkPolicies of ${name} isolate nothing once they are gone`,
  }[mode]
  return because(text, object, ['metadata', 'labels'])
}

function reasonOf(effect: Effect): readonly Because[] {
  const [first] = effect.rules.values()
  return first ? first.slice(0, 1) : effect.because.slice(0, 1)
}

function namespaceOf({ cluster }: NetworkModel, name: string): Namespace {
  const known = cluster.namespaces.get(name)
  if (known) return known
  const labels = new Map([[NAME_LABEL, name]])
  return { name, labels, annotations: new Map(), seen: false, object: undefined, enforce: undefined }
}

function* waysIn(
  senders: Senders,
  there: Namespace,
  mode: Mode,
  isFree: boolean,
): Iterable<{ way: Way; truth: Truth }> {
  const of = ({ ways, wholeWays }: Ways): readonly Way[] => (mode === 'unguarded' ? wholeWays : ways)
  if (mode === 'namespace') {
    for (const each of senders.bySelector)
      if (isGained(each.selector, there)) for (const way of each.ways) yield { way, truth: 'yes' }
    return
  }
  // Of a pod whose way out is free, all this is told once for the cluster.
  if (!isFree) {
    for (const way of [...senders.open, ...senders.everyone]) yield { way, truth: 'yes' }
    if (mode === 'pod') for (const way of senders.everywhere) yield { way, truth: 'yes' }
  }
  for (const way of of(senders.ofOwn.get(there.name) ?? NONE)) yield { way, truth: 'yes' }
  for (const each of senders.bySelector) {
    const truth = mayMatch(each.selector, there.labels, there.seen)
    if (truth !== 'no') for (const way of of(each)) yield { way, truth }
  }
}

const NONE: Ways = { ways: [], wholeWays: [] }

/** A selector of namespaces that does not mean this one as it is, and would with other labels. */
function isGained(selector: Selector, there: Namespace): boolean {
  if (mayMatch(selector, there.labels, there.seen) === 'yes') return false
  const byName = selector.filter(({ key }) => key === NAME_LABEL)
  return mayMatch(byName, new Map([[NAME_LABEL, there.name]]), true) === 'yes' && isPossible(selector)
}

interface Out {
  readonly peers: Selected | 'all'
  readonly ports: RulePorts
  readonly truth: Truth
}

const EVERY_PORT: RulePorts = { numbers: ALL_PORTS, names: [] }

/** Labels keep a pod from any policy that asks for one; a policy for all pods of the namespace selects it as well. */
function* waysOut(model: NetworkModel, senders: Senders, there: Namespace, mode: Mode): Iterable<Out> {
  const policies = model.enforcement.truth === 'no' ? [] : model.policiesIn(there.name)
  const truth = senders.unsure.has(there.name) ? 'unknown' : 'yes'
  if (mode === 'unguarded' || !policies.some(({ pods, egress }) => egress && pods.length === 0)) {
    yield { peers: 'all', ports: EVERY_PORT, truth }
    return
  }
  for (const { pods, egress, namespace } of policies) {
    for (const { peers, ports } of isPossible(pods) ? (egress ?? []) : []) {
      if (peers === 'everyone') yield { peers: 'all', ports, truth }
      for (const peer of peers === 'everyone' ? [] : peers) {
        if (peer.kind === 'pods') {
          const { selection } = model
          const means = peer.namespaces
            ? selection.inNamespaces(peer.namespaces, peer.pods)
            : selection.inNamespace(namespace, peer.pods)
          yield { peers: means, ports, truth }
        } else if (isAnywhere(peer.addresses)) yield { peers: 'all', ports, truth: 'unknown' }
      }
    }
  }
}

function* meeting(
  { sets }: NetworkModel,
  { denied }: Senders,
  receivers: Selected,
  peers: Selected | 'all',
  truth: Truth,
): Iterable<{ to: SetId; truth: Edge['truth'] }> {
  const sureOf = peers === 'all' ? receivers.sure : sets.intersect(receivers.sure, peers.sure)
  const may = peers === 'all' ? receivers.may : sets.intersect(receivers.may, peers.may)
  const sure = truth === 'yes' ? sets.subtract(sureOf, denied) : EMPTY
  if (sure !== EMPTY) yield { to: sure, truth: 'yes' }
  const rest = sets.subtract(may, sure)
  if (rest !== EMPTY && truth !== 'no') yield { to: rest, truth: 'unknown' }
}

/** Receivers by whether they serve one of the ports; asked for few sets, again and again. */
function splitter(model: NetworkModel): (set: SetId, ports: PortSet) => readonly { to: SetId; served: boolean }[] {
  const memo = new Map<string, readonly { to: SetId; served: boolean }[]>()
  return (set, ports) => {
    const key = `${set} ${formatPorts(ports)}`
    const known = memo.get(key)
    if (known) return known
    const serving = model.sets.intern(model.sets.members(set).filter((index) => servesOne(model, index, ports)))
    const made = [
      { to: serving, served: true },
      { to: model.sets.subtract(set, serving), served: false },
    ].filter(({ to }) => to !== EMPTY)
    memo.set(key, made)
    return made
  }
}
