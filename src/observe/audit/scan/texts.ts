import { areSame } from './bytes.ts'

/** Of a slot: the hash, the length, and then the bytes, mostly in one line of the cache. */
const SLOT = 128
const HEAD = 8
const LONGEST = SLOT - HEAD

/**
 * Texts that come again and again, made once: names, namespaces, resources, verbs. Each has one place, which the next one
 * of that place takes, so that a log without end costs no more memory than this.
 */
export class Texts {
  readonly #slots: number
  readonly #texts: string[]
  readonly #kept: Buffer
  readonly #view: DataView

  /** `slots` is a power of two. */
  constructor(slots: number) {
    this.#slots = slots
    this.#texts = new Array<string>(slots).fill('')
    this.#kept = Buffer.alloc(slots * SLOT)
    this.#view = new DataView(this.#kept.buffer)
  }

  /** Of bytes that are plain ASCII, by their hash. */
  of(bytes: Buffer, view: DataView, from: number, to: number, hash: number): string {
    const length = to - from
    if (length === 0) return ''
    const slot = (hash ^ (hash >>> 17)) & (this.#slots - 1)
    const place = slot * SLOT
    const kept = this.#view
    if (kept.getInt32(place, true) === hash && kept.getInt32(place + 4, true) === length) {
      if (areSame(view, from, kept, place + HEAD, length)) return this.#texts[slot] as string
    }
    const made = bytes.toString('latin1', from, to)
    if (length > LONGEST) return made
    kept.setInt32(place, hash, true)
    kept.setInt32(place + 4, length, true)
    bytes.copy(this.#kept, place + HEAD, from, to)
    this.#texts[slot] = made
    return made
  }
}
