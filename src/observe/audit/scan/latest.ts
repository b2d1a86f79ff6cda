import { areSame } from './bytes.ts'

/**
 * For each of many keys the last piece of text that was met under it, with what it means: the next is mostly the same, and
 * need not be walked over again. Each key has one place of fixed room, so that no log makes it grow.
 */
export class Latest<T> {
  readonly #slots: number
  readonly #room: number
  readonly #hashes: Int32Array
  readonly #lengths: Int32Array
  readonly #values: (T | undefined)[]
  readonly #view: DataView
  readonly #bytes: Buffer

  /** `slots` is a power of two. */
  constructor(slots: number, room: number) {
    this.#slots = slots
    this.#room = room
    this.#hashes = new Int32Array(slots)
    this.#lengths = new Int32Array(slots)
    this.#values = new Array<T | undefined>(slots).fill(undefined)
    this.#bytes = Buffer.allocUnsafeSlow(slots * room)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** What the text means that stands here in full, where it is the last of this key; `length` is how long it is. */
  find(view: DataView, at: number, limit: number, hash: number): T | undefined {
    const slot = (hash ^ (hash >>> 16)) & (this.#slots - 1)
    if (this.#hashes[slot] !== hash) return undefined
    const length = this.#lengths[slot] as number
    if (length === 0 || at + length > limit) return undefined
    if (!areSame(view, at, this.#view, slot * this.#room, length)) return undefined
    this.length = length
    return this.#values[slot]
  }

  /** Of the text that was found last. */
  length = 0

  /** What the last text of this key means, whatever stands here; `length` is how long it is. */
  last(hash: number): T | undefined {
    const slot = (hash ^ (hash >>> 16)) & (this.#slots - 1)
    if (this.#hashes[slot] !== hash) return undefined
    this.length = this.#lengths[slot] as number
    return this.#values[slot]
  }

  /** Whether a part of the last text of this key, of which there is one, stands here. */
  hasPart(view: DataView, at: number, limit: number, hash: number, from: number, to: number): boolean {
    const slot = (hash ^ (hash >>> 16)) & (this.#slots - 1)
    return at + to - from <= limit && areSame(view, at, this.#view, slot * this.#room + from, to - from)
  }

  /** Whether there is room for it. */
  put(bytes: Buffer, from: number, to: number, hash: number, value: T): boolean {
    if (to - from > this.#room) return false
    const slot = (hash ^ (hash >>> 16)) & (this.#slots - 1)
    bytes.copy(this.#bytes, slot * this.#room, from, to)
    this.#hashes[slot] = hash
    this.#lengths[slot] = to - from
    this.#values[slot] = value
    return true
  }
}
