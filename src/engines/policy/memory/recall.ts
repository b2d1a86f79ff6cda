import type { Expr } from '../../../cel/ast.ts'
import type { Part } from './parts.ts'
import type { Depth } from './reads.ts'

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
  /** What it reads to pass. */
  readonly passParts: readonly Part[]
  /** And what it reads to deny. */
  denialParts: readonly Part[] | undefined
  /** Whether it has denied anything. */
  hasDenied = false
  readonly #passes = new Set<number>()
  readonly #denials = new Map<number, Denial>()

  constructor(basis: Basis, passParts: readonly Part[]) {
    this.basis = basis
    this.passParts = passParts
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
  #isDenialTold = false

  constructor(grounds: Grounds) {
    this.#grounds = grounds
  }

  /** Finds the parts on which answers rest, as far as they can be told by now. */
  prepare(partsOf: (basis: Basis) => readonly Part[] | undefined): void {
    if (this.#isOff) return
    const basis = this.#grounds.pass()
    if (basis !== undefined && !isSame(basis, this.answers?.basis)) {
      const parts = partsOf(basis)
      if (parts === undefined) this.forget()
      else {
        this.answers = new Answers(basis, parts)
        this.#isDenialTold = false
      }
    }
    if (this.answers?.hasDenied !== true || this.#isDenialTold) return
    this.#isDenialTold = true
    const told = this.#grounds.denial()
    this.answers.denialParts = told && partsOf(told)
  }

  /** It is not worth asking: hardly any object has been like another. */
  forget(): void {
    this.#isOff = true
    this.answers = undefined
  }
}

function isSame(a: Basis, b: Basis | undefined): boolean {
  return a.depth === b?.depth && a.exprs.length === b.exprs.length && a.exprs.every((expr, at) => expr === b.exprs[at])
}
