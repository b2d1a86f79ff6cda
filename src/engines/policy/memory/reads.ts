import type { Expr } from '../../../cel/ast.ts'
import type { Depth, Draft, Reads } from './draft.ts'
import type { Place } from './place.ts'
import { MAX_PLACES, Reading, type Told, Untold } from './reading.ts'

/** The expression of a variable; undefined where it does not compile. */
export type VariableExpr = (
  slot: number,
) => { readonly expr: Expr; readonly names: ReadonlyMap<string, number> } | undefined

/**
 * Tells, without evaluating, which places of an object the expressions of policies read: whatever two objects
 * of the kind have elsewhere, where these places are equal an expression gives the same value at the same cost. More may
 * be told than is read, never less: what is not understood is told as everything (undefined).
 */
export class Reader {
  readonly #root: Place
  readonly #kind: string
  readonly #kinds: ReadonlySet<string>
  readonly #variable: VariableExpr
  readonly #withGuarded: boolean
  readonly #variables = new Map<number, Told | undefined>()

  /**
   * `kind`: which of these `kinds` `object.kind` is; of an object of any other kind, empty. `withGuarded`: false for what is
   * read by evaluations that pass no guard (`Meter.passedGuard`).
   */
  constructor(root: Place, kind: string, kinds: ReadonlySet<string>, variable: VariableExpr, withGuarded = true) {
    this.#root = root
    this.#withGuarded = withGuarded
    this.#kind = kind
    this.#kinds = kinds
    this.#variable = variable
  }

  /** What evaluating these reads, of one policy, where so much of their values counts; undefined: it cannot be told. */
  reads(exprs: readonly Expr[], names: ReadonlyMap<string, number>, depth: Depth): Reads | undefined {
    const all: Reads = { whole: new Set(), extent: new Set(), presence: new Set() }
    const seen = new Set<Draft>()
    try {
      for (const expr of exprs) {
        const reading = this.#reading(names)
        reading.take(reading.originOf(expr), depth)
        reading.reads.addTo(all, seen)
      }
    } catch (error) {
      if (error instanceof Untold) return undefined
      throw error
    }
    return all.whole.size + all.extent.size + all.presence.size > MAX_PLACES ? undefined : all
  }

  #reading(names: ReadonlyMap<string, number>): Reading {
    return new Reading(
      this.#root,
      (kind) => (this.#kinds.has(kind) ? kind === this.#kind : undefined),
      (name) => this.#variableOf(names, name),
      this.#withGuarded,
    )
  }

  #variableOf(names: ReadonlyMap<string, number>, name: string): Told {
    const slot = names.get(name)
    if (slot === undefined) throw new Untold()
    if (!this.#variables.has(slot)) this.#variables.set(slot, this.#told(slot))
    const told = this.#variables.get(slot)
    if (told === undefined) throw new Untold()
    return told
  }

  #told(slot: number): Told | undefined {
    const variable = this.#variable(slot)
    if (variable === undefined) return undefined
    const reading = this.#reading(variable.names)
    try {
      return { origin: reading.originOf(variable.expr), reads: reading.reads }
    } catch (error) {
      if (error instanceof Untold) return undefined
      throw error
    }
  }
}
