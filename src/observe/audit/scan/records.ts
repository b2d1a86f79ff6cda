import { type Scanned, ScannedEvent } from './access.ts'
import type { Same } from './alikes.ts'

/** After a batch with more, which takes a line of many events, they are let go. */
const MOST_KEPT = 4096

/** Makes events of what was scanned: in passing the same objects again for each batch, but for those that are held. */
export class Records {
  readonly #isPassing: boolean
  #made: ScannedEvent[] = []
  #next = 0

  /** `isPassing`: events live only until the next batch of them. */
  constructor(isPassing: boolean) {
    this.#isPassing = isPassing
  }

  /** A batch begins. */
  begin(): void {
    this.#next = 0
    if (this.#made.length > MOST_KEPT) this.#made = []
  }

  of(found: Scanned, same: Same): ScannedEvent {
    if (!this.#isPassing) return new ScannedEvent(found, same)
    const at = this.#next++
    const known = this.#made[at]
    if (known !== undefined && !known.isDetached) {
      known.fill(found, same)
      return known
    }
    const made = new ScannedEvent(found, same)
    this.#made[at] = made
    return made
  }
}
