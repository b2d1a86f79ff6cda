import type { RecordPlace } from '../history/history.ts'

export type Verdict = 'holds' | 'breaks' | 'unknown'

/** The answer of recorded history to a set of changes (docs/reference/proof.md; DESIGN section 7 is its source). */
export interface Proof {
  readonly verdict: Verdict
  /** Of `unknown`, the first reason first; of `holds`, as to what (`as to admission only`). */
  readonly reasons: readonly string[]
  readonly window: Window
  /** Records replayed under the rules of their own time, and those that these do not explain. */
  readonly control: { readonly explained: number; readonly unexplained: number }
  /** Records that touch what was changed. */
  readonly replayed: number
  readonly counterexamples: readonly Counterexample[]
  readonly blindSpots: readonly BlindSpot[]
  /** Good-Turing over (behaviour, day); undefined where it was not estimated. */
  readonly unseenMass: number | undefined
  /** Behaviour first seen in the last days of the window: listed, never silently granted. */
  readonly recent: readonly { readonly behaviour: string; readonly first: number; readonly place: RecordPlace }[]
}

/** The span and the sources that a statement rests on. Milliseconds since 1970; both 0 when nothing was recorded. */
export interface Window {
  readonly from: number
  readonly to: number
  readonly days: number
  readonly sources: readonly string[]
}

/** A recorded, allowed use that the rules before allow and the rules after deny. */
export interface Counterexample {
  /** For people: `system:serviceaccount:shop:ci get secrets in shop`. */
  readonly what: string
  readonly why: string
  readonly times: number
  readonly first: number
  readonly last: number
  readonly place: RecordPlace
  readonly raw: string
}

/** Something that the sources could not show, with an instance of it and what it touches. */
export interface BlindSpot {
  /** Stable, kebab-case: `gap`, `lost-records`, `dropped-by-audit-policy`, `delegated-check`, `not-fired`, … */
  readonly kind: string
  readonly message: string
  /** An object, an interval or a record. */
  readonly instance: string
  /** Subjects or workloads that it touches; empty: all. */
  readonly touches: readonly string[]
}
