import type { Request } from './request.ts'

const COMMA = 0x2c
const SPACE = 0x20
/** So many changes of the first address in X-Forwarded-For, and whoever sends it speaks for others. */
const MANY = 16
const PRIME = 0x0100_0193

/** Which logged clients speak for others: a CDN, a load balancer, a node that hides who connected to it. */
export class Relays {
  /** Requests of such clients, from when they were known to be. */
  requests = 0
  #last = new Uint32Array(1024)
  #changes = new Uint8Array(1024)

  add(client: number, request: Request): void {
    const { bytes, forwardedFrom, forwardedTo, clientFrom, clientTo } = request
    if (forwardedTo === forwardedFrom) return
    if (client >= this.#last.length) {
      const length = Math.max(client + 1, this.#last.length * 2)
      const last = new Uint32Array(length)
      last.set(this.#last)
      const changes = new Uint8Array(length)
      changes.set(this.#changes)
      this.#last = last
      this.#changes = changes
    }
    let hash = 0x811c_9dc5
    let at = forwardedFrom
    let isClient = true
    for (; at < forwardedTo && bytes[at] !== COMMA && bytes[at] !== SPACE; at++) {
      const byte = bytes[at] as number
      hash = Math.imul(hash ^ byte, PRIME)
      if (byte !== bytes[clientFrom + at - forwardedFrom]) isClient = false
    }
    if (isClient && at - forwardedFrom === clientTo - clientFrom) return
    const key = hash >>> 0 || 1
    const changes = this.#changes[client] as number
    if (this.#last[client] !== key) {
      this.#last[client] = key
      if (changes < 255) this.#changes[client] = changes + 1
    }
    if (changes > MANY) this.requests++
  }

  /** Numbers of the clients that speak for others. */
  clients(most: number): readonly number[] {
    const found: number[] = []
    for (let client = 0; client < this.#changes.length && found.length < most; client++)
      if ((this.#changes[client] as number) > MANY) found.push(client)
    return found
  }
}
