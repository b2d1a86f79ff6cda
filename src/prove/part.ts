import type { Seen } from '../engines/seen.ts'
import type { BlindSpot, Counterexample, Proof } from './proof.ts'
import type { Incidence } from './unseen.ts'

/** What one kind of history says of the changes that it can witness. Parts of one proof are added up. */
export interface Part {
  readonly explained: number
  readonly unexplained: number
  readonly replayed: number
  readonly counterexamples: readonly Counterexample[]
  readonly blindSpots: readonly BlindSpot[]
  /** Why it does not hold although nothing breaks, over the blind spots. */
  readonly reasons: readonly string[]
  /** What it holds as to, where that is not all. */
  readonly limits: readonly string[]
  /** Behaviour of what was changed, and the days that were watched; undefined where absence is the evidence. */
  readonly incidences: { readonly of: readonly Incidence[]; readonly days: number } | undefined
  readonly recent: Proof['recent']
}

export function counterexample({ times, first, last, place, raw }: Seen, what: string, why: string): Counterexample {
  return { what, why, times, first, last, place, raw }
}

/** Many instances of one kind for one subject are one blind spot, told by the first of them. */
export class BlindSpots {
  readonly #found = new Map<string, BlindSpot & { seen: number }>()

  add(spot: BlindSpot, times = 1, message: (times: number) => string = () => spot.message): void {
    const key = `${spot.kind} ${spot.touches.join(' ')}`
    const known = this.#found.get(key)
    const seen = (known?.seen ?? 0) + times
    this.#found.set(key, { ...(known ?? spot), message: message(seen), seen })
  }

  list(): readonly BlindSpot[] {
    return [...this.#found.values()].map(({ seen: _, ...spot }) => spot)
  }
}
