import { field, type JsonObject } from '../../../cluster/json.ts'
import { Comparison, MAX_STEPS, newNumbers } from './comparison.ts'
import type { Numbers } from './numbers.ts'
import { type Part, partsOf } from './parts.ts'
import { Place } from './place.ts'
import { Reader, type VariableExpr } from './reads.ts'
import type { Answers, Basis, Recall } from './recall.ts'

/** Where the pod template stands depends on these; policies tell them from all other kinds. */
const KINDS_APART: ReadonlySet<string> = new Set(['Pod', 'PodTemplate', 'CronJob'])
/** More parts cost as much as evaluating. */
const MAX_PARTS = 32

/** Of kinds that are read alike: one of those apart, or all others. */
export function kindClass(kind: string): string {
  return KINDS_APART.has(kind) ? kind : ''
}

/** What tells the objects of one set of policies apart. */
export class Memory {
  #numbers: Numbers | undefined
  readonly root = Place.root()
  readonly #variable: VariableExpr
  readonly #readers = new Map<string, Reader>()

  constructor(variable: VariableExpr) {
    this.#variable = variable
  }

  get numbers(): Numbers {
    this.#numbers ??= newNumbers()
    return this.#numbers
  }

  /**
   * The parts of an object of these kinds that decide what expressions give, as long as they pass no guard if `guarded` is
   * false; undefined where that is more than parts.
   */
  partsOf({ exprs, names, depth }: Basis, kinds: string, guarded: boolean): readonly Part[] | undefined {
    const key = `${kinds} ${guarded}`
    const reader = this.#readers.get(key) ?? new Reader(this.root, kinds, KINDS_APART, this.#variable, guarded)
    this.#readers.set(key, reader)
    const reads = reader.reads(exprs, names, depth)
    if (reads === undefined) return undefined
    const parts = partsOf(reads)
    const isAll = parts.some((part) => part.place.parent === undefined && part.depth !== 'presence')
    return isAll || parts.length > MAX_PARTS || parts.some(({ place }) => place.depth > MAX_STEPS) ? undefined : parts
  }
}

/** A policy among those that look at objects of one type. */
export interface Member<Denial> {
  readonly recall: Recall<Denial> | undefined
  /** Those of its recall when groups were made last; undefined: not to be asked. */
  answers: Answers<Denial> | undefined
  /** Indices into what `groupsOf` gives; -1: none. */
  passGroup: number
  denialGroup: number
  /** How many objects were like none before them, since that was last looked at. */
  misses: number
}

/** How many objects of a type are judged before it is worth knowing on what answers rest, and then what denials rest on. */
const FIRST_LOOKS: readonly number[] = [8, 16]
/** Of so many objects, a policy must have known a quarter; from look to look there are four times as many. */
const TRIAL = 64
const GROWTH = 4

/** Compares the objects of one type with those before them. */
export class Alike<Denial> {
  readonly #memory: Memory
  readonly #kind: string
  readonly #members: readonly Member<Denial>[]
  #comparison: Comparison | undefined
  #seen = 0
  #looks = 0
  #lastLook = 0
  #nextLook = FIRST_LOOKS[0] as number

  constructor(memory: Memory, kind: string, members: readonly Member<Denial>[]) {
    this.#memory = memory
    this.#kind = kind
    this.#members = members
  }

  /**
   * The numbers of what is asked of this object, by group, until the next object; undefined: it is not to be compared.
   * Equal numbers mean that what policies read is equal.
   */
  groupsOf(body: JsonObject): readonly number[] | undefined {
    if (field(body, 'kind') !== this.#kind) return undefined
    if (this.#seen++ === this.#nextLook) this.#look()
    if (this.#comparison === undefined) return undefined
    this.#comparison.take(body)
    return this.#comparison.groups
  }

  /** Which policies are worth asking about, and what these read. */
  #look(): void {
    const asked = this.#seen - this.#lastLook
    const kinds = kindClass(this.#kind)
    let hasChanged = false
    for (const member of this.#members) {
      const { recall, answers, misses, denialGroup } = member
      if (recall === undefined) continue
      if (answers !== undefined && answers === recall.answers && asked >= TRIAL && misses * 4 > asked * 3)
        recall.doubt()
      member.misses = 0
      recall.prepare((basis, guarded) => this.#memory.partsOf(basis, kinds, guarded))
      const isTold = denialGroup < 0 && recall.answers?.denialParts !== undefined
      hasChanged ||= recall.answers !== answers || isTold
    }
    if (hasChanged) this.#compare()
    this.#lastLook = this.#seen
    this.#looks++
    this.#nextLook += FIRST_LOOKS[this.#looks] ?? TRIAL * GROWTH ** (this.#looks - FIRST_LOOKS.length)
  }

  #compare(): void {
    const comparison = new Comparison(this.#memory.numbers, this.#memory.root)
    for (const member of this.#members) {
      const answers = member.recall?.answers
      member.answers = answers
      member.passGroup = answers === undefined ? -1 : comparison.add(answers.passParts)
      member.denialGroup = answers?.denialParts === undefined ? -1 : comparison.add(answers.denialParts)
    }
    this.#comparison = comparison.isEmpty ? undefined : comparison
  }
}
