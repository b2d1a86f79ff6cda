import { type Because, because } from '../../cluster/because.ts'
import type { Effect } from './effects.ts'
import type { NetworkModel } from './model.ts'
import type { Direction } from './policy.ts'

/** Why a member has an effect: the rules that give it one, of the policies that select it. */
export function reasonsFor(model: NetworkModel, effect: Effect, member: number): readonly Because[] {
  if (effect.kind === 'rule')
    return model.isolatorsOf(effect.direction, member).flatMap((policy) => effect.rules.get(policy) ?? [])
  if (effect.kind === 'open' && model.members[member]?.kind === 'host')
    return [because("is on its node's network, which no policy isolates")]
  return effect.because
}

/** The policies that isolate a member, where they admit nothing of what was asked. */
export function denials(model: NetworkModel, direction: Direction, member: number): readonly Because[] {
  const text = `isolates its ${direction} and admits none of this`
  return model.isolatorsOf(direction, member).map(({ object }) => because(text, object, ['spec', 'podSelector']))
}
