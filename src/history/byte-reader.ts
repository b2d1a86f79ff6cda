const NOTHING = Buffer.alloc(0)

/** Reads chunks by numbers of bytes. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>
  #chunk: Buffer = NOTHING
  #at = 0
  #position = 0

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** How many bytes were read. */
  get position(): number {
    return this.#position
  }

  /** So many bytes in one, to be bounded by who asks; undefined where there are fewer. */
  async take(count: number): Promise<Buffer | undefined> {
    if (this.#chunk.length - this.#at >= count) {
      const taken = this.#chunk.subarray(this.#at, this.#at + count)
      this.#at += count
      this.#position += count
      return taken
    }
    const pieces: Buffer[] = []
    for await (const piece of this.pieces(count)) pieces.push(Buffer.from(piece))
    const whole = Buffer.concat(pieces)
    return whole.length === count ? whole : undefined
  }

  /** So many bytes as they come, or fewer where they end. A piece is as valid as the chunk that it is of. */
  async *pieces(count: number): AsyncGenerator<Buffer> {
    let rest = count
    while (rest > 0) {
      if (this.#at === this.#chunk.length && !(await this.#next())) return
      const from = this.#at
      const to = Math.min(this.#chunk.length, from + rest)
      this.#at = to
      this.#position += to - from
      rest -= to - from
      yield this.#chunk.subarray(from, to)
    }
  }

  /** False where there are fewer. */
  async skip(count: number): Promise<boolean> {
    const from = this.#position
    for await (const _ of this.pieces(count));
    return this.#position - from === count
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#chunks.next()
    if (done === true) return false
    this.#chunk = value
    this.#at = 0
    return true
  }
}
