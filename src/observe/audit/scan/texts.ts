import { areSame } from './bytes.ts'

const SLOTS = 1 << 15
const MOST_BYTES = 1 << 20
const LONGEST = 256

/**
 * Texts that come again and again, made once: names, namespaces, resources, verbs. Each has one place, which the next one
 * of that place takes, and all are let go when the room for their bytes is full, so that a log without end costs no more
 * memory than this.
 */
export class Texts {
  /** Of each text its hash, where it is kept, and how long it is. */
  readonly #places = new Int32Array(4 * SLOTS)
  readonly #texts: string[] = new Array<string>(SLOTS).fill('')
  readonly #kept = Buffer.allocUnsafeSlow(MOST_BYTES)
  readonly #view = new DataView(this.#kept.buffer)
  #used = 0

  /** Of bytes that are plain ASCII, by their hash. */
  of(bytes: Buffer, view: DataView, from: number, to: number, hash: number): string {
    const length = to - from
    if (length === 0) return ''
    const slot = (hash ^ (hash >>> 17)) & (SLOTS - 1)
    const place = 4 * slot
    const places = this.#places
    if (places[place] === hash && places[place + 2] === length) {
      if (areSame(view, from, this.#view, places[place + 1] as number, length)) return this.#texts[slot] as string
    }
    const made = bytes.toString('latin1', from, to)
    if (length > LONGEST) return made
    if (this.#used + length > MOST_BYTES) {
      places.fill(0)
      this.#texts.fill('')
      this.#used = 0
    }
    bytes.copy(this.#kept, this.#used, from, to)
    places[place] = hash
    places[place + 1] = this.#used
    places[place + 2] = length
    this.#texts[slot] = made
    this.#used += length
    return made
  }
}
