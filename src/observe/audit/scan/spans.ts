import { areSame, skipValue } from './bytes.ts'

const SLOTS = 1 << 12
/** Of one slot: different tokens of one account, bindings of one user. */
const MOST_IN_SLOT = 4
const MOST_BYTES = 1024 ** 2
const LONGEST = 8 * 1024

export interface Span<T> {
  readonly value: T
  readonly length: number
  /** Where its bytes are kept. */
  readonly offset: number
  /** Where it last differed from what it was compared with: mostly it will again. */
  probe: number
}

/**
 * JSON values that come again and again, each parsed once and then known by its bytes: a value ends where it ends, so
 * that bytes which are the same are the same value, and need not be walked over. When the room for their bytes is full
 * all are let go.
 */
export class Spans<T> {
  readonly #make: (text: string) => T
  readonly #kept = Buffer.allocUnsafeSlow(MOST_BYTES)
  readonly #view = new DataView(this.#kept.buffer)
  readonly #slots = new Array<Span<T>[] | undefined>(SLOTS).fill(undefined)
  #used = 0

  constructor(make: (text: string) => T) {
    this.#make = make
  }

  /** The span that stands at this place, if it is known. */
  find(view: DataView, at: number, limit: number, hash: number): Span<T> | undefined {
    const slot = this.#slots[(hash ^ (hash >>> 15)) & (SLOTS - 1)]
    if (slot === undefined) return undefined
    for (let index = 0; index < slot.length; index++) {
      const span = slot[index] as Span<T>
      if (!this.#standsAt(view, at, limit, span)) continue
      if (index > 0) {
        slot.splice(index, 1)
        slot.unshift(span)
      }
      return span
    }
    return undefined
  }

  #standsAt(view: DataView, at: number, limit: number, span: Span<T>): boolean {
    const { length, offset, probe } = span
    if (at + length > limit) return false
    const kept = this.#view
    if (view.getUint8(at + probe) !== kept.getUint8(offset + probe)) return false
    if (areSame(view, at, kept, offset, length)) return true
    let index = 0
    while (view.getUint8(at + index) === kept.getUint8(offset + index)) index++
    span.probe = index
    return false
  }

  /** Throws what JSON.parse throws. */
  add(bytes: Buffer, from: number, to: number, hash: number): Span<T> {
    const length = to - from
    const value = this.#make(bytes.toString('latin1', from, to))
    if (length > LONGEST) return { value, length, offset: 0, probe: 0 }
    if (this.#used + length > MOST_BYTES) {
      this.#slots.fill(undefined)
      this.#used = 0
    }
    const span = { value, length, offset: this.#used, probe: 0 }
    bytes.copy(this.#kept, this.#used, from, to)
    this.#used += length
    const index = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    const slot = this.#slots[index]
    if (slot === undefined) this.#slots[index] = [span]
    else {
      if (slot.length === MOST_IN_SLOT) slot.pop()
      slot.unshift(span)
    }
    return span
  }
}

/** Adds the value that stands here; undefined for what is no plain JSON. */
export function addedAt<T>(
  spans: Spans<T>,
  bytes: Buffer,
  view: DataView,
  at: number,
  hash: number,
): Span<T> | undefined {
  const end = skipValue(bytes, view, at)
  return end < 0 ? undefined : spans.add(bytes, at, end, hash)
}
