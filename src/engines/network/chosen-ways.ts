import type { Requirement, Selector } from '../../cluster/labels.ts'
import type { Effect } from './effects.ts'
import type { NetworkModel } from './model.ts'
import type { Policy, Rule } from './policy.ts'
import type { RulePorts } from './policy-port.ts'
import { type Selected, uniteAll } from './selection.ts'
import type { SetId } from './sets.ts'

/** Who receives from a kind of sender, on which ports. */
export interface Way {
  readonly to: Selected
  readonly ports: RulePorts
  readonly effect: Effect
}

export interface Ways {
  readonly ways: readonly Way[]
  /** Of the rules that let every pod of the namespaces in, whatever its labels. */
  readonly wholeWays: readonly Way[]
}

export interface Senders {
  readonly open: readonly Way[]
  /** Ways in for every pod of the cluster. */
  readonly everyone: readonly Way[]
  /** Ways in for pods of some labels, in every namespace. */
  readonly everywhere: readonly Way[]
  readonly ofOwn: ReadonlyMap<string, Ways>
  readonly bySelector: readonly (Ways & { readonly selector: Selector })[]
  readonly denied: SetId
  /** Namespaces with pods whose way out may be cut by what is not evaluated. */
  readonly unsure: ReadonlySet<string>
}

const found = new WeakMap<NetworkModel, Senders>()

export function sendersOf(model: NetworkModel): Senders {
  const known = found.get(model) ?? makeSenders(model)
  found.set(model, known)
  return known
}

/** Whether some labels meet a selector: no two requirements on one key contradict each other. */
export function isPossible(selector: Selector): boolean {
  const keys = Map.groupBy(selector, ({ key }) => key)
  return [...keys.values()].every((all) => {
    const absent = all.some(({ operator }) => operator === 'DoesNotExist')
    const wanted = all.filter(({ operator }) => operator === 'In')
    if (absent) return wanted.length === 0 && !all.some(({ operator }) => operator === 'Exists')
    const isFree = (value: string): boolean =>
      all.every(({ operator, values }: Requirement) => operator !== 'NotIn' || !values.includes(value))
    const [first, ...others] = wanted
    return !first || first.values.some((value) => isFree(value) && others.every(({ values }) => values.includes(value)))
  })
}

export function selectedBy({ selection }: NetworkModel, policy: Policy): Selected {
  return selection.inNamespace(policy.namespace, policy.pods)
}

interface Draft {
  readonly ports: RulePorts
  readonly effect: Effect
  readonly parts: Selected[]
}

/** Rules of equal ports are one way. */
class Collected {
  readonly #all = new Map<string, Draft>()
  readonly #whole = new Map<string, Draft>()

  add(effect: Effect, part: Selected, isWhole: boolean): void {
    for (const drafts of isWhole ? [this.#all, this.#whole] : [this.#all]) {
      const draft = drafts.get(effect.portsKey) ?? { ports: effect.ports, effect, parts: [] }
      drafts.set(effect.portsKey, draft)
      draft.parts.push(part)
    }
  }

  ways(model: NetworkModel): Ways {
    const made = (drafts: ReadonlyMap<string, Draft>): readonly Way[] =>
      [...drafts.values()].map(({ ports, effect, parts }) => ({ to: uniteAll(parts, model.sets), ports, effect }))
    return { ways: made(this.#all), wholeWays: made(this.#whole) }
  }
}

function makeSenders(model: NetworkModel): Senders {
  const { sets } = model
  const everyone = new Collected()
  const everywhere = new Collected()
  const ofOwn = new Map<string, Collected>()
  const bySelector = new Map<string, { readonly selector: Selector; readonly collected: Collected }>()
  const effects = effectsByRule(model)
  for (const policy of model.enforcement.truth === 'no' ? [] : model.policies) {
    for (const rule of policy.ingress ?? []) {
      const effect = effects.get(`${policy.object.id} ${rule.path.join('.')}`)
      if (!effect) continue
      const selected = selectedBy(model, policy)
      for (const { peer, isWhole } of peersOf(rule)) {
        if (peer === 'everyone') everyone.add(effect, selected, true)
        else if (peer === 'own') collectedAt(ofOwn, policy.namespace).add(effect, selected, isWhole)
        else if (peer.length === 0) (isWhole ? everyone : everywhere).add(effect, selected, isWhole)
        else {
          const key = JSON.stringify(peer)
          const known = bySelector.get(key) ?? { selector: peer, collected: new Collected() }
          bySelector.set(key, known)
          known.collected.add(effect, selected, isWhole)
        }
      }
    }
  }
  const namespacesOf = (set: SetId): string[] =>
    sets.members(set).flatMap((index) => {
      const member = model.members[index]
      return member && member.kind !== 'node' ? member.namespace.name : []
    })
  return {
    open: model.effects.ingress.flatMap((effect) =>
      effect.kind === 'open' || effect.kind === 'other' ? [{ to: effect.subjects, ports: effect.ports, effect }] : [],
    ),
    everyone: everyone.ways(model).ways,
    everywhere: everywhere.ways(model).ways,
    ofOwn: new Map([...ofOwn].map(([name, each]) => [name, each.ways(model)])),
    bySelector: [...bySelector.values()].map(({ selector, collected }) => ({ selector, ...collected.ways(model) })),
    denied: sets.unite(model.denying.ingress.map(({ subjects }) => subjects.may)),
    unsure: new Set(model.denying.egress.flatMap(({ subjects }) => namespacesOf(subjects.may))),
  }
}

function collectedAt(all: Map<string, Collected>, namespace: string): Collected {
  const known = all.get(namespace) ?? new Collected()
  all.set(namespace, known)
  return known
}

/** Whom a rule admits by labels; blocks of addresses tell nothing of pods that are yet to be made. */
function* peersOf(rule: Rule): Iterable<{ peer: 'everyone' | 'own' | Selector; isWhole: boolean }> {
  if (rule.peers === 'everyone') {
    yield { peer: 'everyone', isWhole: true }
    return
  }
  for (const peer of rule.peers)
    if (peer.kind === 'pods' && isPossible(peer.pods))
      yield { peer: peer.namespaces ?? 'own', isWhole: peer.pods.length === 0 }
}

function effectsByRule(model: NetworkModel): ReadonlyMap<string, Effect> {
  const byRule = new Map<string, Effect>()
  for (const effect of model.effects.ingress)
    for (const [policy, reasons] of effect.rules)
      for (const { path } of reasons) byRule.set(`${policy.object.id} ${path?.join('.') ?? ''}`, effect)
  return byRule
}
