import { type Because, because } from '../../cluster/because.ts'
import type { Effect } from './effects.ts'
import type { NetworkModel } from './model.ts'
import type { OtherPolicy } from './other-policies.ts'
import type { Direction } from './policy.ts'

/** How many objects that are not evaluated an answer names; more of them say the same. */
const FEW = 3

/** Why a member has an effect, and what may take it away. */
export function reasonsFor(model: NetworkModel, effect: Effect, member: number): readonly Because[] {
  const own = ownReasons(model, effect, member)
  if (effect.kind === 'own-node' || effect.kind === 'other') return own
  const denying = model.denying[effect.direction].filter(({ subjects }) => model.sets.has(subjects.may, member))
  return [...own, ...denying.slice(0, FEW).map(({ policy }) => doubt(policy))]
}

/** The rules of the policies that select it, or the absence of such a policy. */
function ownReasons(model: NetworkModel, effect: Effect, member: number): readonly Because[] {
  if (effect.kind === 'rule')
    return model.isolatorsOf(effect.direction, member).flatMap((policy) => effect.rules.get(policy) ?? [])
  if (effect.kind === 'open' && model.members[member]?.kind === 'host') return [ON_HOST]
  return effect.because
}

const ON_HOST = because("is on its node's network, which no policy isolates")

const doubts = new WeakMap<OtherPolicy, Because>()

/** One object for each policy, so that an answer names it once. */
function doubt(policy: OtherPolicy): Because {
  const known = doubts.get(policy) ?? because('is not evaluated and may deny it', policy.object, ['spec'])
  doubts.set(policy, known)
  return known
}

/** The policies that isolate a member, where they admit nothing of what was asked. */
export function denials(model: NetworkModel, direction: Direction, member: number): readonly Because[] {
  const text = `isolates its ${direction} and admits none of this`
  return model.isolatorsOf(direction, member).map(({ object }) => because(text, object, ['spec', 'podSelector']))
}
