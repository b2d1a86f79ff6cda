const LEAST = 512 * 1024
const NOTHING = Buffer.alloc(0)

/** Room for what strings say, which must stay as long as the events that are read from it. */
export class Scratch {
  readonly #isPassing: boolean
  #used = 0
  bytes: Buffer = NOTHING
  view: DataView = new DataView(new ArrayBuffer(0))

  /** `isPassing`: events live only until the next batch of them. */
  constructor(isPassing: boolean) {
    this.#isPassing = isPassing
  }

  /** A batch begins. */
  begin(): void {
    if (!this.#isPassing) return
    this.#used = 0
    // One long line is no reason to keep as much for all others.
    if (this.bytes.length > LEAST) this.bytes = NOTHING
  }

  /** Where there is room for so many bytes, in `bytes`; they are not taken yet. */
  room(length: number): number {
    if (this.#used + length > this.bytes.length) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(LEAST, length))
      this.view = new DataView(this.bytes.buffer)
      this.#used = 0
    }
    return this.#used
  }

  take(to: number): void {
    this.#used = to
  }
}
