/** Something whose weight grows while it is counted. */
export interface Weighed {
  weight: number
  /** What it may have weighed before it was counted; set once, when it is kept. */
  missed: number
}

/**
 * The heaviest of any number of keys, in bounded memory (Metwally's Space-Saving, emptied by halves). What is kept weighs
 * at least what is told and at most `missed` more; of what was let go, none weighed more than `mostMissed`. Whatever
 * weighs more than that is kept.
 */
export class Heavy<T extends Weighed> {
  readonly #kept = new Map<string, T>()
  readonly #most: number
  readonly #merge: (gone: T) => void
  /** How often something was let go: of a key that came again, more than once. */
  dropped = 0
  mostMissed = 0

  /** `merge` is told of what is let go. */
  constructor(most: number, merge: (gone: T) => void) {
    this.#most = most
    this.#merge = merge
  }

  get(key: string): T | undefined {
    return this.#kept.get(key)
  }

  set(key: string, value: T): void {
    if (this.#kept.size >= this.#most) this.#halve()
    value.missed = this.mostMissed
    this.#kept.set(key, value)
  }

  get size(): number {
    return this.#kept.size
  }

  values(): IterableIterator<T> {
    return this.#kept.values()
  }

  #halve(): void {
    const bounds = Float64Array.from(this.#kept.values(), ({ weight, missed }) => weight + missed).sort()
    const limit = bounds[bounds.length >> 1] as number
    let left = this.#kept.size >> 1
    for (const [key, value] of this.#kept) {
      const bound = value.weight + value.missed
      if (bound > limit || left === 0) continue
      this.#kept.delete(key)
      this.#merge(value)
      this.dropped++
      left--
      if (bound > this.mostMissed) this.mostMissed = bound
    }
  }
}
