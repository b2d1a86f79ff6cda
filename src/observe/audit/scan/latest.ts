import { areSame } from './bytes.ts'

/** Beside a text there is room for one that is a little longer. */
const STEP = 32

/** Of a slot: the hash of its key, where in the bytes the text stands, how long it is, and how long one may be in its place. */
const OFFSET = 1
const LENGTH = 2
const ROOM = 3
const WIDTH = 4

/**
 * For each of many keys the last piece of text that was met under it, with what it means: the next is mostly the same, and
 * need not be walked over again. When the room for their bytes is full all are let go, so that no log makes it grow.
 */
export class Latest<T> {
  readonly #slots: number
  readonly #longest: number
  /** Of each slot side by side, so that asking touches little memory: what `HASH` to `ROOM` say. */
  readonly #numbers: Int32Array
  readonly #values: (T | undefined)[]
  readonly #view: DataView
  readonly #bytes: Buffer
  #used = 0

  /** `slots` is a power of two; `room`: bytes of all texts; `longest`: of one. */
  constructor(slots: number, room: number, longest: number) {
    this.#slots = slots
    this.#longest = longest
    this.#numbers = new Int32Array(slots * WIDTH)
    this.#values = new Array<T | undefined>(slots).fill(undefined)
    this.#bytes = Buffer.allocUnsafeSlow(room)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** What the text means that stands here in full, where it is the last of this key; `length` is how long it is. */
  find(view: DataView, at: number, limit: number, hash: number): T | undefined {
    const slot = this.#slotOf(hash)
    const numbers = this.#numbers
    if (numbers[slot * WIDTH] !== hash) return undefined
    const length = numbers[slot * WIDTH + LENGTH] as number
    if (length === 0 || at + length > limit) return undefined
    if (!areSame(view, at, this.#view, numbers[slot * WIDTH + OFFSET] as number, length)) return undefined
    this.length = length
    return this.#values[slot]
  }

  /** Of the text that was found last. */
  length = 0

  /** What the last text of this key means, whatever stands here; `length` is how long it is. */
  last(hash: number): T | undefined {
    const slot = this.#slotOf(hash)
    if (this.#numbers[slot * WIDTH] !== hash) return undefined
    this.length = this.#numbers[slot * WIDTH + LENGTH] as number
    return this.#values[slot]
  }

  /** Whether a part of the last text of this key, of which there is one, stands here. */
  hasPart(view: DataView, at: number, limit: number, hash: number, from: number, to: number): boolean {
    const offset = this.#numbers[this.#slotOf(hash) * WIDTH + OFFSET] as number
    return at + to - from <= limit && areSame(view, at, this.#view, offset + from, to - from)
  }

  /** Whether it is kept: not what is too long. */
  put(bytes: Buffer, from: number, to: number, hash: number, value: T): boolean {
    const length = to - from
    if (length > this.#longest) return false
    const slot = this.#slotOf(hash)
    const numbers = this.#numbers
    const first = slot * WIDTH
    if (length > (numbers[first + ROOM] as number)) this.#place(first, length)
    bytes.copy(this.#bytes, numbers[first + OFFSET], from, to)
    numbers[first] = hash
    numbers[first + LENGTH] = length
    this.#values[slot] = value
    return true
  }

  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 16)) & (this.#slots - 1)
  }

  #place(first: number, length: number): void {
    const room = length + STEP - (length % STEP)
    if (this.#used + room > this.#bytes.length) {
      this.#numbers.fill(0)
      this.#values.fill(undefined)
      this.#used = 0
    }
    this.#numbers[first + OFFSET] = this.#used
    this.#numbers[first + ROOM] = room
    this.#used += room
  }
}
