import { OTHERS, type Who } from '../engines/access/used/behaviour.ts'
import type { AccessFacts } from '../engines/access/used/fold.ts'
import type { Proof, Verdict } from './proof.ts'
import type { ProofOptions } from './prove.ts'
import { unseenMass } from './unseen.ts'

/** What a proof of many subjects says of one. */
export interface SubjectProof {
  readonly verdict: Verdict
  /** Why it is unknown. */
  readonly reasons: readonly string[]
  readonly counterexamples: number
  /** Undefined where it was not estimated. */
  readonly unseenMass: number | undefined
}

/** By the id of a subject; a group is proved by all of its members. */
export function subjectProofs(proof: Proof, facts: AccessFacts, options: ProofOptions): (id: string) => SubjectProof {
  const byId = new Map<string, Who[]>()
  for (const who of facts.whos)
    for (const id of who.subject === OTHERS ? [] : new Set(who.ids)) {
      const own = byId.get(id)
      if (own) own.push(who)
      else byId.set(id, [who])
    }
  return (id) => subjectProof(proof, facts, id, byId.get(id) ?? [], options)
}

function subjectProof(
  proof: Proof,
  facts: AccessFacts,
  id: string,
  whos: readonly Who[],
  options: ProofOptions,
): SubjectProof {
  const users = new Set(whos.map(({ user }) => `${user} `))
  const broken = proof.counterexamples.filter(({ what }) => [...users].some((user) => what.startsWith(user)))
  const days = facts.seenDays.size
  const used = whos.flatMap(({ behaviours }) => behaviours.filter(({ outcome }) => outcome === 'used'))
  const mass = days >= 2 && days < options.minDays ? undefined : unseenMass(used, days)
  const reasons = [
    ...(used.length === 0 ? ['nothing was recorded'] : []),
    ...(days < options.minDays ? [`the window is ${days} of at least ${options.minDays} days`] : []),
    ...(mass !== undefined && mass > options.maxUnseen
      ? [`unseen mass ${Math.ceil(mass * 1_000) / 1_000} is above ${options.maxUnseen}`]
      : []),
    ...proof.blindSpots
      .filter(({ touches }) => touches.length === 0 || touches.includes(id))
      .map(({ message }) => message),
  ]
  const verdict: Verdict = broken.length > 0 ? 'breaks' : reasons.length > 0 ? 'unknown' : 'holds'
  return { verdict, reasons: [...new Set(reasons)], counterexamples: broken.length, unseenMass: mass }
}
