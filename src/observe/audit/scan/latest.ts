import { areSame } from './bytes.ts'

/** Beside a text there is room for one that is a little longer. */
const STEP = 32

/**
 * For each of many keys the last piece of text that was met under it, with what it means: the next is mostly the same, and
 * need not be walked over again. When the room for their bytes is full all are let go, so that no log makes it grow.
 */
export class Latest<T> {
  readonly #slots: number
  readonly #longest: number
  readonly #hashes: Int32Array
  /** Where in the bytes a text stands, how long it is, and how long one may be in its place. */
  readonly #offsets: Int32Array
  readonly #lengths: Int32Array
  readonly #rooms: Int32Array
  readonly #values: (T | undefined)[]
  readonly #view: DataView
  readonly #bytes: Buffer
  #used = 0

  /** `slots` is a power of two; `room`: bytes of all texts; `longest`: of one. */
  constructor(slots: number, room: number, longest: number) {
    this.#slots = slots
    this.#longest = longest
    this.#hashes = new Int32Array(slots)
    this.#offsets = new Int32Array(slots)
    this.#lengths = new Int32Array(slots)
    this.#rooms = new Int32Array(slots)
    this.#values = new Array<T | undefined>(slots).fill(undefined)
    this.#bytes = Buffer.allocUnsafeSlow(room)
    this.#view = new DataView(this.#bytes.buffer)
  }

  /** What the text means that stands here in full, where it is the last of this key; `length` is how long it is. */
  find(view: DataView, at: number, limit: number, hash: number): T | undefined {
    const slot = this.#slotOf(hash)
    if (this.#hashes[slot] !== hash) return undefined
    const length = this.#lengths[slot] as number
    if (length === 0 || at + length > limit) return undefined
    if (!areSame(view, at, this.#view, this.#offsets[slot] as number, length)) return undefined
    this.length = length
    return this.#values[slot]
  }

  /** Of the text that was found last. */
  length = 0

  /** What the last text of this key means, whatever stands here; `length` is how long it is. */
  last(hash: number): T | undefined {
    const slot = this.#slotOf(hash)
    if (this.#hashes[slot] !== hash) return undefined
    this.length = this.#lengths[slot] as number
    return this.#values[slot]
  }

  /** Whether a part of the last text of this key, of which there is one, stands here. */
  hasPart(view: DataView, at: number, limit: number, hash: number, from: number, to: number): boolean {
    const offset = this.#offsets[this.#slotOf(hash)] as number
    return at + to - from <= limit && areSame(view, at, this.#view, offset + from, to - from)
  }

  /** Whether it is kept: not what is too long. */
  put(bytes: Buffer, from: number, to: number, hash: number, value: T): boolean {
    const length = to - from
    if (length > this.#longest) return false
    const slot = this.#slotOf(hash)
    if (length > (this.#rooms[slot] as number)) this.#place(slot, length)
    bytes.copy(this.#bytes, this.#offsets[slot], from, to)
    this.#hashes[slot] = hash
    this.#lengths[slot] = length
    this.#values[slot] = value
    return true
  }

  #slotOf(hash: number): number {
    return (hash ^ (hash >>> 16)) & (this.#slots - 1)
  }

  #place(slot: number, length: number): void {
    const room = length + STEP - (length % STEP)
    if (this.#used + room > this.#bytes.length) {
      this.#hashes.fill(0)
      this.#lengths.fill(0)
      this.#rooms.fill(0)
      this.#values.fill(undefined)
      this.#used = 0
    }
    this.#offsets[slot] = this.#used
    this.#rooms[slot] = room
    this.#used += room
  }
}
