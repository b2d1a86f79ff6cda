import type { AuditEvent } from './event.ts'
import { Seen } from './seen.ts'

/** Of requests that were begun and not yet seen to end, and the characters that are held of them. */
export interface StageLimits {
  readonly open: number
  readonly characters: number
}

export const STAGE_LIMITS: StageLimits = { open: 50_000, characters: 24 * 1024 ** 2 }

interface Open {
  readonly number: number
  readonly slot: number
  readonly size: number
  /** Undefined once it has ended. */
  event: AuditEvent | undefined
}

/** Of the fields of an event that is held, apart from its text. */
const FIELDS = 700
const SLACK = 1_000
const SLOTS = 1 << 14

/**
 * Joins the stages of a request, so that each is told once: when it is done or has panicked, or in the end when it was
 * only seen to begin. Stages may be written out of order, and a record may be delivered twice or stand in two files. Too
 * many open at once, and the oldest are told before they end.
 */
export class Stages {
  readonly #open = new Map<number, Open>()
  /** How many of the open ones share a slot: of most that are done none was begun before. */
  readonly #mayBeOpen = new Uint32Array(SLOTS)
  /** In the order in which they began, with those that have ended since. */
  #begun: Open[] = []
  #oldest = 0
  readonly #seen = new Seen()
  readonly #limits: StageLimits
  readonly #tell: (event: AuditEvent) => void
  readonly #again: (event: AuditEvent) => void
  #characters = 0

  /** `again` takes the copies of requests that were told before. */
  constructor(tell: (event: AuditEvent) => void, again: (event: AuditEvent) => void, limits = STAGE_LIMITS) {
    this.#tell = tell
    this.#again = again
    this.#limits = limits
  }

  add(event: AuditEvent): void {
    const { stage, access, high, low } = event
    if (high === 0 && low === 0) {
      this.#tell(event)
      return
    }
    if (stage === 'done') {
      if (this.#mayBeOpen[slotOf(high, low)] !== 0) {
        const known = this.#close(numberOf(high, low))
        if (known) access.began(known.access.time)
      }
      const before = this.#seen.put(high, low, event.body, true)
      if (before === undefined) this.#tell(event)
      else if (before === 'done') this.#again(event)
      return
    }
    if (this.#seen.has(high, low)) return
    const number = numberOf(high, low)
    const known = this.#open.get(number)?.event
    if (known && isAfter(known, event)) {
      known.access.began(access.time)
      return
    }
    if (known) {
      this.#close(number)
      access.began(known.access.time)
    }
    const size = access.detach() + FIELDS
    const open = { number, slot: slotOf(high, low), event, size }
    this.#open.set(number, open)
    this.#mayBeOpen[open.slot] = (this.#mayBeOpen[open.slot] as number) + 1
    if (this.#begun.length > SLACK + 2 * this.#open.size) this.#forgetEnded()
    this.#begun.push(open)
    this.#characters += size
    while (this.#open.size > this.#limits.open || this.#characters > this.#limits.characters) this.#giveUp()
  }

  #close(number: number): AuditEvent | undefined {
    const known = this.#open.get(number)
    if (!known) return undefined
    this.#characters -= known.size
    this.#open.delete(number)
    this.#mayBeOpen[known.slot] = (this.#mayBeOpen[known.slot] as number) - 1
    const { event } = known
    known.event = undefined
    return event
  }

  #giveUp(): void {
    const oldest = this.#begun[this.#oldest++] as Open
    if (!oldest.event) return
    const event = this.#close(oldest.number) as AuditEvent
    this.#seen.put(event.high, event.low, event.body, false)
    this.#tell(event)
  }

  #forgetEnded(): void {
    this.#begun = this.#begun.slice(this.#oldest).filter((each) => each.event)
    this.#oldest = 0
  }

  /** Tells what was begun and not seen to end. */
  rest(): void {
    for (const { event } of this.#open.values()) this.#tell(event as AuditEvent)
    this.#open.clear()
    this.#mayBeOpen.fill(0)
    this.#characters = 0
  }
}

/** Within one millisecond the stage tells: what was received says nothing yet of what was decided. */
function isAfter(known: AuditEvent, event: AuditEvent): boolean {
  const [before, after] = [event.access.end, known.access.end]
  return after > before || (after === before && known.stage === 'started' && event.stage === 'received')
}

function slotOf(high: number, low: number): number {
  return (high ^ low) & (SLOTS - 1)
}

/** 53 of the 64 bits. */
function numberOf(high: number, low: number): number {
  return (high >>> 0) * 0x20_0000 + (low & 0x1f_ffff)
}
