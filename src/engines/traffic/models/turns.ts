/** Which replica takes the next request of a client: they go round. */
export class Turns {
  readonly replicas: number
  #turns = new Uint16Array(64)

  constructor(replicas: number) {
    this.replicas = Math.min(65_535, Math.max(1, Math.floor(replicas)))
  }

  next(client: number): number {
    if (this.replicas === 1) return 0
    if (client >= this.#turns.length) {
      let length = this.#turns.length
      while (client >= length) length *= 2
      const turns = new Uint16Array(length)
      turns.set(this.#turns)
      this.#turns = turns
    }
    const turn = this.#turns[client]!
    this.#turns[client] = turn + 1 === this.replicas ? 0 : turn + 1
    return turn
  }
}
