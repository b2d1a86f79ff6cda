import { ADMITTED, type ConcurrencyLimiter, REFUSED, type Verdict } from './limiter.ts'

/**
 * nginx `limit_conn`, HAProxy `conn_cur`, Traefik `inFlightReq`: requests of a client that are being answered; one more than
 * the limit is refused. The requests in flight are a heap by their ends, so that a decision costs the logarithm of them.
 */
export class Concurrency implements ConcurrencyLimiter {
  readonly #limit: number
  #inFlight = new Int32Array(64)
  #ends = new Float64Array(64)
  #clients = new Int32Array(64)
  #size = 0

  constructor(limit: number) {
    this.#limit = Math.floor(limit)
  }

  admit(client: number, startMs: number, endMs: number): Verdict {
    while (this.#size > 0 && this.#ends[0]! <= startMs) this.#pop()
    if (client >= this.#inFlight.length) this.#inFlight = grown(this.#inFlight, client)
    if (this.#inFlight[client]! >= this.#limit) return REFUSED
    if (endMs > startMs) this.#push(client, endMs)
    return ADMITTED
  }

  #push(client: number, endMs: number): void {
    let at = this.#size++
    if (at >= this.#ends.length) {
      this.#clients = grown(this.#clients, at)
      const ends = new Float64Array(this.#ends.length * 2)
      ends.set(this.#ends)
      this.#ends = ends
    }
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#ends[parent]! <= endMs) break
      this.#ends[at] = this.#ends[parent]!
      this.#clients[at] = this.#clients[parent]!
      at = parent
    }
    this.#ends[at] = endMs
    this.#clients[at] = client
    this.#inFlight[client] = this.#inFlight[client]! + 1
  }

  #pop(): void {
    const done = this.#clients[0]!
    this.#inFlight[done] = this.#inFlight[done]! - 1
    const size = --this.#size
    const end = this.#ends[size]!
    const client = this.#clients[size]!
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= size) break
      if (child + 1 < size && this.#ends[child + 1]! < this.#ends[child]!) child++
      if (this.#ends[child]! >= end) break
      this.#ends[at] = this.#ends[child]!
      this.#clients[at] = this.#clients[child]!
      at = child
    }
    this.#ends[at] = end
    this.#clients[at] = client
  }
}

function grown(array: Int32Array<ArrayBuffer>, index: number): Int32Array<ArrayBuffer> {
  let length = array.length
  while (index >= length) length *= 2
  const wider = new Int32Array(length)
  wider.set(array)
  return wider
}
