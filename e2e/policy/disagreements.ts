// Compares two judges of the same pairs.
import type { Pair } from './agree.ts'

/** One policy's word on one question. A policy that does not match the object allows it. */
export type Told = {
  readonly policy: string
  readonly question: string
  readonly verdict: 'allow' | 'deny' | 'unknown'
  /** Of a denial: the message of the first validation that fails, as the API server tells it. */
  readonly message?: string
}

export type Disagreement = {
  readonly policy: string
  readonly question: string
  /** Absent where we did not say anything. */
  readonly ours?: Told
  readonly theirs: Told
}

export type Tally = { readonly allow: number; readonly deny: number }

/** The pairs of which something is known; those that were refused by something else than the policy are none. */
export function toldBy(pairs: readonly Pair[]): Told[] {
  return pairs.flatMap((pair): Told[] => {
    const { policy, question } = pair
    if (pair.verdict === 'refused') return []
    if (pair.verdict === 'allow') return [{ policy, question, verdict: 'allow' }]
    return [{ policy, question, verdict: 'deny', message: pair.denial.message }]
  })
}

/** Every pair of theirs that we judge otherwise, by verdict or by message, or not at all; *unknown* never agrees. */
export function disagreements(ours: readonly Told[], theirs: readonly Told[]): Disagreement[] {
  const key = ({ policy, question }: Told) => JSON.stringify([policy, question])
  const byPair = new Map(ours.map((told) => [key(told), told]))
  return theirs.flatMap((told) => {
    const own = byPair.get(key(told))
    const { policy, question } = told
    if (own === undefined) return [{ policy, question, theirs: told }]
    const agree = own.verdict === told.verdict && (told.verdict !== 'deny' || own.message === told.message)
    return agree ? [] : [{ policy, question, ours: own, theirs: told }]
  })
}

/** How often each policy allowed and denied: a check that only ever says one of them is hardly tested. */
export function tally(told: readonly Told[]): ReadonlyMap<string, Tally> {
  const counts = new Map<string, { allow: number; deny: number }>()
  for (const { policy, verdict } of told) {
    const count = counts.get(policy) ?? { allow: 0, deny: 0 }
    if (verdict !== 'unknown') count[verdict]++
    counts.set(policy, count)
  }
  return counts
}
