import type { Loss } from '../dialects/dialect.ts'
import type { Limit } from '../limit.ts'
import { differences, lost } from './differences.ts'
import { type Abilities, strictest, unwritable } from './screen.ts'

/** What a writer does with each limit: kept as the engine will do it, or lost; nothing in between goes unsaid. */
export class Sheet {
  readonly kept: Limit[] = []
  readonly losses: Loss[] = []
  /** Of each that is kept, the limit that it was made of. */
  readonly origins = new Map<Limit, Limit>()
  readonly #title: string
  readonly #writable: readonly Limit[]

  constructor(limits: readonly Limit[], abilities: Abilities) {
    this.#title = abilities.title
    this.#writable = limits.filter((limit) => {
      const loss = unwritable(limit, abilities)
      if (loss) this.losses.push(loss)
      return loss === undefined
    })
  }

  ofKind(kind: Limit['kind'], of?: string): readonly Limit[] {
    return this.#writable.filter((limit) => limit.kind === kind && (of === undefined || limit.of === of))
  }

  /** The times that are limited, each once. */
  times(): readonly string[] {
    return [...new Set(this.ofKind('timeout').map((limit) => limit.of ?? ''))]
  }

  /** Of several limits the one that an engine can have: the strictest. */
  one(field: string, limits: readonly Limit[], by: (limit: Limit) => number): Limit | undefined {
    const best = strictest(limits, by)
    for (const each of limits)
      if (each !== best) this.lose(each, field, `${this.#title} takes one of this kind: the strictest is written`)
    return best
  }

  keep(limit: Limit, made: Limit, why?: Readonly<Record<string, string>>): void {
    this.kept.push(made)
    this.origins.set(made, limit)
    this.losses.push(...differences(limit, made, why))
  }

  /** Besides what differs: what the engine makes of it that reading it back would not show. */
  note(limit: Limit, field: string, message: string): void {
    this.losses.push({ limit, field, severity: 'changed', message })
  }

  lose(limit: Limit, field: string, message: string): void {
    this.losses.push(lost(limit, field, message))
  }

  /** What this engine has nothing for. */
  loseKind(kind: Limit['kind'], message: string): void {
    for (const limit of this.ofKind(kind)) this.lose(limit, kind, message)
  }
}
