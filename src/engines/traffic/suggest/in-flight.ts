/** Requests that are being answered, by client: a heap by their ends. */
export class InFlight {
  #ends = new Float64Array(64)
  #clients = new Uint32Array(64)
  #size = 0
  #counts = new Uint32Array(64)

  /** How many of this client are being answered once this one has begun; in the order of `start`. */
  add(client: number, start: number, end: number): number {
    while (this.#size > 0 && (this.#ends[0] as number) <= start) this.#pop()
    if (client >= this.#counts.length) this.#counts = grown(this.#counts, client + 1)
    const count = (this.#counts[client] as number) + 1
    this.#counts[client] = count
    this.#push(end, client)
    return count
  }

  #push(end: number, client: number): void {
    if (this.#size === this.#ends.length) {
      const ends = new Float64Array(this.#size * 2)
      ends.set(this.#ends)
      this.#ends = ends
      this.#clients = grown(this.#clients, this.#size * 2)
    }
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((this.#ends[parent] as number) <= end) break
      this.#ends[at] = this.#ends[parent] as number
      this.#clients[at] = this.#clients[parent] as number
      at = parent
    }
    this.#ends[at] = end
    this.#clients[at] = client
  }

  #pop(): void {
    const client = this.#clients[0] as number
    this.#counts[client] = (this.#counts[client] as number) - 1
    const size = --this.#size
    const end = this.#ends[size] as number
    const last = this.#clients[size] as number
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && (this.#ends[child + 1] as number) < (this.#ends[child] as number)) child++
      if ((this.#ends[child] as number) >= end) break
      this.#ends[at] = this.#ends[child] as number
      this.#clients[at] = this.#clients[child] as number
      at = child
    }
    this.#ends[at] = end
    this.#clients[at] = last
  }
}

function grown(column: Uint32Array<ArrayBuffer>, least: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(least, column.length * 2))
  larger.set(column)
  return larger
}
