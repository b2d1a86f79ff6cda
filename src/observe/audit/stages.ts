import type { AuditEvent } from './native.ts'

/** Of requests that were begun and not yet seen to end, and of those that were told before they ended. */
export interface StageLimits {
  readonly open: number
  readonly characters: number
  readonly told: number
}

export const STAGE_LIMITS: StageLimits = { open: 50_000, characters: 32 * 1024 ** 2, told: 200_000 }

/**
 * Joins the stages of a request, so that each is told once: when it is done or has panicked, or in the end when it was
 * only seen to begin. Too many at once, and the oldest are told before they end. A client may choose its auditID, so
 * that the time at which the request came is part of the key.
 */
export class Stages {
  readonly #open = new Map<string, AuditEvent>()
  readonly #told = new Set<string>()
  readonly #limits: StageLimits
  #characters = 0

  constructor(limits: StageLimits = STAGE_LIMITS) {
    this.#limits = limits
  }

  /** Tells this request, or one that has waited too long, when it is time. */
  add(event: AuditEvent, tell: (event: AuditEvent) => void): void {
    const { stage, access } = event
    if (stage === 'done' && this.#open.size === 0 && this.#told.size === 0) {
      tell(event)
      return
    }
    const key = `${access.time} ${access.id}`
    if (stage === 'done') {
      this.#close(key)
      if (!this.#told.delete(key)) tell(event)
      return
    }
    if (this.#told.has(key)) return
    const known = this.#open.get(key)
    // Stages may be written out of order.
    if (known && known.access.end > access.end) return
    this.#close(key)
    this.#open.set(key, event)
    this.#characters += event.size
    while (this.#open.size > this.#limits.open || this.#characters > this.#limits.characters) this.#giveUp(tell)
  }

  #close(key: string): void {
    const known = this.#open.get(key)
    if (!known) return
    this.#characters -= known.size
    this.#open.delete(key)
  }

  #giveUp(tell: (event: AuditEvent) => void): void {
    const [key, event] = this.#open.entries().next().value as [string, AuditEvent]
    this.#close(key)
    tell(event)
    this.#told.add(key)
    if (this.#told.size > this.#limits.told) this.#told.delete(this.#told.values().next().value as string)
  }

  /** Tells what was begun and not seen to end. */
  rest(tell: (event: AuditEvent) => void): void {
    for (const event of this.#open.values()) tell(event)
    this.#open.clear()
    this.#characters = 0
  }
}
