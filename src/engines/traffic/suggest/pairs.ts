/** Clients of a route as dense numbers of that route, so that many routes do not each hold a column for every client. */
export class Pairs {
  /** `route * 2^23 + client + 1`; 0 is free. A client's number is below 2^23. */
  #keys = new Float64Array(1 << 12)
  #numbers = new Uint32Array(1 << 12)
  #count = 0
  readonly #clients: { of: Uint32Array; count: number }[] = []
  readonly #isSingle: boolean

  /** With one route the numbers are the clients’ own. */
  constructor(routes: number) {
    this.#isSingle = routes <= 1
  }

  number(route: number, client: number): number {
    if (this.#isSingle) return client
    const key = route * 0x80_0000 + client + 1
    const mask = this.#keys.length - 1
    let slot = hash(route, client) & mask
    for (;;) {
      const found = this.#keys[slot]
      if (found === key) return this.#numbers[slot] as number
      if (found === 0) break
      slot = (slot + 1) & mask
    }
    while (this.#clients.length <= route) this.#clients.push({ of: new Uint32Array(16), count: 0 })
    const clients = this.#clients[route] as { of: Uint32Array; count: number }
    const number = clients.count++
    if (number === clients.of.length) {
      const larger = new Uint32Array(number * 2)
      larger.set(clients.of)
      clients.of = larger
    }
    clients.of[number] = client
    this.#keys[slot] = key
    this.#numbers[slot] = number
    if (++this.#count * 2 > this.#keys.length) this.#rehash()
    return number
  }

  client(route: number, number: number): number {
    return this.#isSingle ? number : (this.#clients[route]?.of[number] ?? number)
  }

  #rehash(): void {
    const keys = new Float64Array(this.#keys.length * 2)
    const numbers = new Uint32Array(keys.length)
    const mask = keys.length - 1
    for (let from = 0; from < this.#keys.length; from++) {
      const key = this.#keys[from] as number
      if (key === 0) continue
      let slot = hash(Math.floor((key - 1) / 0x80_0000), (key - 1) % 0x80_0000) & mask
      while (keys[slot] !== 0) slot = (slot + 1) & mask
      keys[slot] = key
      numbers[slot] = this.#numbers[from] as number
    }
    this.#keys = keys
    this.#numbers = numbers
  }
}

function hash(route: number, client: number): number {
  const mixed = Math.imul(client ^ Math.imul(route + 1, 0x85eb_ca6b), 0x9e37_79b1)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
