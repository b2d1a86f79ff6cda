/** More are one client, which is told: an attacker may send from as many addresses as there are. */
export const MOST_CLIENTS = 4_194_304
const LONGEST = 64

/** Addresses as dense numbers, by their bytes, without a string for any of them. */
export class Clients {
  #count = 0
  /** Number + 1, by hash; 0 is free. */
  #slots = new Uint32Array(1 << 12)
  #hashes = new Uint32Array(1 << 11)
  /** Where each ends in the arena; it begins where the one before it ends. */
  #ends = new Uint32Array(1 << 11)
  #arena = new Uint8Array(1 << 15)
  #used = 0
  /** Numbers hang on the order of first appearance alone; the seed keeps others from choosing names that collide. */
  readonly #seed: number
  /** Names that got no number of their own. */
  overflow = 0

  constructor(seed = Math.floor(Math.random() * 0xffff_ffff)) {
    this.#seed = seed | 0
  }

  get count(): number {
    return this.#count
  }

  /** The number of these bytes; a name longer than 64 bytes counts by its first 64. */
  number(bytes: Uint8Array, from: number, to: number): number {
    const end = to - from > LONGEST ? from + LONGEST : to
    let hash = this.#seed
    for (let at = from; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x0100_0193)
    hash ^= hash >>> 15
    hash = Math.imul(hash, 0x2c1b_3c6d)
    hash = (hash ^ (hash >>> 13)) >>> 0
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (;;) {
      const found = this.#slots[slot] as number
      if (found === 0) break
      if (this.#hashes[found - 1] === hash && this.#equals(found - 1, bytes, from, end)) return found - 1
      slot = (slot + 1) & mask
    }
    return this.#add(hash, slot, bytes, from, end)
  }

  name(number: number): string {
    if (number >= this.#count) return 'clients beyond those that are counted'
    const text = Buffer.from(this.#arena.subarray(this.#from(number), this.#ends[number])).toString('latin1')
    return text === '' ? '-' : text
  }

  #from(number: number): number {
    return number === 0 ? 0 : (this.#ends[number - 1] as number)
  }

  #equals(number: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#from(number)
    const length = to - from
    if ((this.#ends[number] as number) - start !== length) return false
    const arena = this.#arena
    for (let at = 0; at < length; at++) if (arena[start + at] !== bytes[from + at]) return false
    return true
  }

  #add(hash: number, slot: number, bytes: Uint8Array, from: number, to: number): number {
    if (this.#count === MOST_CLIENTS) {
      this.overflow++
      return MOST_CLIENTS
    }
    const number = this.#count++
    if (number === this.#hashes.length) {
      this.#hashes = grown(this.#hashes)
      this.#ends = grown(this.#ends)
    }
    if (this.#used + (to - from) > this.#arena.length) {
      const arena = new Uint8Array(this.#arena.length + Math.max(this.#arena.length >> 1, LONGEST))
      arena.set(this.#arena)
      this.#arena = arena
    }
    for (let at = from; at < to; at++) this.#arena[this.#used++] = bytes[at] as number
    this.#hashes[number] = hash
    this.#ends[number] = this.#used
    this.#slots[slot] = number + 1
    if (this.#count * 2 > this.#slots.length) this.#rehash()
    return number
  }

  #rehash(): void {
    const slots = new Uint32Array(this.#slots.length * 2)
    const mask = slots.length - 1
    for (let number = 0; number < this.#count; number++) {
      let slot = (this.#hashes[number] as number) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = number + 1
    }
    this.#slots = slots
  }
}

function grown(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(column.length * 2)
  larger.set(column)
  return larger
}
