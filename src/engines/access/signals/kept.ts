/** Of when something was last seen, so that what is old makes room. */
interface Aging {
  last: number
}

/**
 * A map with a bound: when it is full, the half that was not seen for longest goes, and is counted. What is told of the
 * rest stays true; of those that went, nothing is told.
 */
export class Kept<T extends Aging> {
  readonly #all = new Map<string, T>()
  readonly #most: number
  /** Those of whom nothing is told, because there were too many. */
  dropped = 0

  constructor(most: number) {
    this.#most = most
  }

  get(key: string): T | undefined {
    return this.#all.get(key)
  }

  set(key: string, value: T): void {
    if (this.#all.size >= this.#most) this.#sweep()
    this.#all.set(key, value)
  }

  get size(): number {
    return this.#all.size
  }

  values(): IterableIterator<T> {
    return this.#all.values()
  }

  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this.#all[Symbol.iterator]()
  }

  #sweep(): void {
    const times = Float64Array.from(this.#all.values(), ({ last }) => last).sort()
    const limit = times[times.length >> 1] as number
    let left = this.#all.size >> 1
    for (const [key, { last }] of this.#all) {
      if (last > limit || left === 0) continue
      this.#all.delete(key)
      this.dropped++
      left--
    }
  }
}
