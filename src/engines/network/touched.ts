import type { EffectInput } from './effects.ts'
import type { OtherPolicy } from './other-policies.ts'
import type { Selected } from './selection.ts'

/** An object that is not evaluated, and the members that it may act on. */
export interface Touch {
  readonly policy: OtherPolicy
  readonly subjects: Selected
}

type Input = Pick<EffectInput, 'direction' | 'others' | 'selection' | 'sets'>

function touch(policy: OtherPolicy, { selection }: Input): Touch {
  const { namespace, pods } = policy
  const subjects = namespace === undefined ? selection.inNamespaces([], pods) : selection.inNamespace(namespace, pods)
  return { policy, subjects }
}

/** Those that may take connections away; a baseline does not where a NetworkPolicy isolates the pod. */
export function denyingIn(input: Input, isolated: Selected): readonly Touch[] {
  const denying = input.others.filter((policy) => policy[input.direction].denies)
  return denying.map((policy) => {
    const { subjects } = touch(policy, input)
    const may = policy.yields ? input.sets.subtract(subjects.may, isolated.sure) : subjects.may
    return { policy, subjects: { sure: subjects.sure, may } }
  })
}

/** Those that may give connections: one for each set of members that some of them touch. */
export function allowing(input: Input): readonly Touch[] {
  const found = new Map<number, Touch>()
  for (const policy of input.others) {
    if (!policy[input.direction].allows) continue
    const touched = touch(policy, input)
    if (!found.has(touched.subjects.may)) found.set(touched.subjects.may, touched)
  }
  return [...found.values()]
}
