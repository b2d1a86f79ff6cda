import type { Expr } from '../../../cel/ast.ts'
import type { Depth } from './draft.ts'
import type { Part } from './parts.ts'

/** What a policy's answer rests on: expressions over variables of these names. */
export interface Basis {
  readonly exprs: readonly Expr[]
  readonly names: ReadonlyMap<string, number>
  /** How much of their values counts. */
  readonly depth: Depth
}

/** What is asked to find out on what a policy's answers rest; undefined: not known yet, or it cannot be told. */
export interface Grounds {
  /** What decides that it passes. */
  pass(): Basis | undefined
  /** What decides and words that it does not. */
  denial(): Basis | undefined
}

/** So much is kept of one policy. */
const MAX_KEPT = 2_000

/** What a policy has said, by the numbers of the parts that it reads. */
export class Answers<Denial> {
  readonly basis: Basis
  /** What it reads to pass; if `withGuarded` is false, as long as it passes no guard (`Meter.passedGuard`). */
  readonly passParts: readonly Part[]
  /** And what it reads to deny. */
  denialParts: readonly Part[] | undefined
  /** Whether it has denied anything. */
  hasDenied = false
  readonly withGuarded: boolean
  readonly #passes = new Set<number>()
  readonly #denials = new Map<number, Denial>()

  constructor(basis: Basis, passParts: readonly Part[], withGuarded: boolean) {
    this.basis = basis
    this.passParts = passParts
    this.withGuarded = withGuarded
  }

  hasPassed(number: number): boolean {
    return this.#passes.has(number)
  }

  pass(number: number): void {
    if (this.#passes.size < MAX_KEPT) this.#passes.add(number)
  }

  denial(number: number): Denial | undefined {
    return this.#denials.get(number)
  }

  deny(number: number, denial: Denial): void {
    if (this.#denials.size < MAX_KEPT) this.#denials.set(number, denial)
  }
}

/** What one policy has said of objects of kinds that are read alike. */
export class Recall<Denial> {
  /** Undefined: not to be asked. Where it rests on something else from now on, what was said before is another's. */
  answers: Answers<Denial> | undefined
  readonly #grounds: Grounds
  #isOff = false
  #withGuarded = true
  /** Hardly any two objects were alike in these. */
  #doubted: readonly Part[] | undefined
  #isDenialTold = false

  constructor(grounds: Grounds) {
    this.#grounds = grounds
  }

  /** Finds the parts on which answers rest, as far as they can be told by now. */
  prepare(partsOf: (basis: Basis, withGuarded: boolean) => readonly Part[] | undefined): void {
    if (this.#isOff) return
    const basis = this.#grounds.pass()
    if (basis !== undefined && !isSame(basis, this.answers?.basis)) {
      const parts = partsOf(basis, this.#withGuarded)
      if (parts === undefined || (this.#doubted !== undefined && areSame(parts, this.#doubted))) this.forget()
      else {
        this.answers = new Answers(basis, parts, this.#withGuarded)
        this.#isDenialTold = false
      }
    }
    if (this.answers?.hasDenied !== true || this.#isDenialTold) return
    this.#isDenialTold = true
    const told = this.#grounds.denial()
    this.answers.denialParts = told && partsOf(told, true)
  }

  /** Hardly any object has been like another. More may be in what is read before a guard; else it is not worth asking. */
  doubt(): void {
    if (!this.#withGuarded) this.forget()
    this.#withGuarded = false
    this.#doubted = this.answers?.passParts
    this.answers = undefined
  }

  forget(): void {
    this.#isOff = true
    this.answers = undefined
  }
}

function areSame(some: readonly Part[], others: readonly Part[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ place, depth }, at) => place === others[at]?.place && depth === others[at]?.depth)
  )
}

function isSame(a: Basis, b: Basis | undefined): boolean {
  return a.depth === b?.depth && a.exprs.length === b.exprs.length && a.exprs.every((expr, at) => expr === b.exprs[at])
}
