/**
 * `width` numbers for each client, side by side so that a decision touches one line of the cache. It grows by doubling;
 * clients that were never seen hold `unseen`.
 */
export class Rows {
  readonly #width: number
  readonly #unseen: readonly number[]
  numbers: Float64Array

  constructor(unseen: readonly number[], clients = 64) {
    this.#width = unseen.length
    this.#unseen = unseen
    this.numbers = new Float64Array(clients * this.#width)
    this.#clear(0)
  }

  /** Makes room for a row that starts at `offset`, and gives the array that holds it from now on. */
  grow(offset: number): Float64Array {
    let length = this.numbers.length
    while (offset + this.#width > length) length *= 2
    const grown = new Float64Array(length)
    grown.set(this.numbers)
    const from = this.numbers.length
    this.numbers = grown
    this.#clear(from)
    return grown
  }

  #clear(from: number): void {
    if (this.#unseen.every((each) => each === 0)) return
    for (let at = from; at < this.numbers.length; at += this.#width) this.numbers.set(this.#unseen, at)
  }
}
