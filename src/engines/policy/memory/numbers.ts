/** In characters: what is longer costs more to compare than it saves. */
const MAX_TEXT = 2_000
/** Beyond so many, no more is kept. */
const MAX_NUMBERS = 2 ** 15
/** A power of two; at most a half of them is taken. */
const SLOTS = 2 * MAX_NUMBERS

/**
 * Numbers for values: equal numbers mean equal values, whichever objects they come from, the order of a mapping's keys
 * included. What is too large, or one of too many, has a number of its own each time.
 */
export class Numbers {
  #next: number
  readonly #last: number
  readonly #scalars = new Map<unknown, number>()
  readonly #texts = new Map<string, number>()
  /** Pairs by open addressing: maps in maps would take many times the memory. 0 is an empty slot. */
  readonly #left = new Int32Array(SLOTS)
  readonly #right = new Int32Array(SLOTS)
  readonly #pair = new Int32Array(SLOTS)

  /** Numbers below `first` (at least 1) are the caller's. */
  constructor(first: number) {
    this.#next = first
    this.#last = first + MAX_NUMBERS - 1
  }

  /** Of JSON. */
  of(value: unknown): number {
    if (typeof value === 'object' && value !== null) return this.#ofText(JSON.stringify(value))
    // -0 and 0 would have one number.
    if (value === 0 && Object.is(value, -0)) return this.#unlike()
    if (typeof value === 'string' && value.length > MAX_TEXT) return this.#unlike()
    const known = this.#scalars.get(value)
    if (known !== undefined) return known
    const made = this.#unlike()
    if (made <= this.#last) this.#scalars.set(value, made)
    return made
  }

  /** Of what begins with `left` and goes on with `right`. */
  pair(left: number, right: number): number {
    const pairs = this.#pair
    const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
    let slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    for (let known = pairs[slot]; known !== 0; known = pairs[slot]) {
      if (this.#left[slot] === left && this.#right[slot] === right) return known as number
      slot = (slot + 1) & (SLOTS - 1)
    }
    const made = this.#unlike()
    if (made <= this.#last) {
      this.#left[slot] = left
      this.#right[slot] = right
      pairs[slot] = made
    }
    return made
  }

  /** JSON has no text for numbers without end, which would be null. */
  #ofText(text: string): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const made = this.#unlike()
    if (made <= this.#last && text.length <= MAX_TEXT && !text.includes('null')) this.#texts.set(text, made)
    return made
  }

  #unlike(): number {
    return this.#next++
  }
}
