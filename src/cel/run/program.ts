import type { Expr } from '../ast.ts'
import type { Checked } from '../check/check.ts'
import type { Env } from '../env.ts'
import { CostExceeded } from '../error.ts'
import type { Type } from '../type.ts'
import { adapt, type Value } from '../value.ts'
import { caught, type Frame, isFailure, type Outcome, type Step } from './frame.ts'
import type { Meter } from './meter.ts'
import { plan } from './plan/plan.ts'
import type { Binding, Context } from './plan/planned.ts'
import { Exhausted, restartWork } from './work.ts'

/** Values of the environment's variables, in the order of `env.variables`; undefined: not known. */
export type Activation = readonly (Value | undefined)[]

/** A checked expression that is ready to run, any number of times. */
export class Program {
  readonly expr: Expr
  readonly type: Type
  readonly #step: Step
  /** The slots of the environment's variables that are read. */
  readonly #read: readonly number[]
  /** The first slot that is a comprehension's, and how many slots there are. */
  readonly #own: number
  readonly #size: number
  #idle: Frame | undefined

  /** Throws `PlanError`. `generic`: without the direct loops of macros and the chains of texts. */
  constructor(expr: Expr, checked: Checked, env: Env, generic = false) {
    this.expr = expr
    this.type = checked.type
    const slots = [...env.variables.keys()]
    this.#own = slots.length
    const read = new Set<number>()
    const scope = new Map<string, Binding>(slots.map((name, slot) => [name, { slot }]))
    const context: Context = { env, references: checked.references, scope, slots, read, generic, plan }
    this.#step = plan(expr, context).run
    this.#size = slots.length
    this.#read = [...read].filter((slot) => slot < this.#own)
  }

  /**
   * The value of the expression. Reading an undefined variable throws `Unknown`; what goes wrong throws `CelError`;
   * `CostExceeded` ends it when the meter's limit is passed.
   */
  run(activation: Activation, meter: Meter): Value {
    const outcome = this.outcome(activation, meter)
    if (isFailure(outcome)) throw outcome
    return outcome
  }

  /** The same, but that it gives the failure instead of throwing it. */
  outcome(activation: Activation, meter: Meter): Outcome {
    const frame = this.#take(activation, meter)
    const before = restartWork()
    try {
      const outcome = this.#step(frame)
      return typeof outcome === 'number' ? (adapt(outcome) as Value) : outcome
    } catch (error) {
      if (error instanceof CostExceeded || error instanceof Exhausted) throw error
      return caught(error)
    } finally {
      restartWork(before)
      this.#idle = frame
      // The next object must not keep this one in memory.
      for (let i = 0; i < this.#read.length; i++) frame.slots[this.#read[i] as number] = undefined
      for (let slot = this.#own; slot < this.#size; slot++) frame.slots[slot] = undefined
    }
  }

  #take(activation: Activation, meter: Meter): Frame {
    // A computed field may run this very program again, which then needs a frame of its own.
    const frame = this.#idle ?? { slots: new Array(this.#size).fill(undefined), meter }
    this.#idle = undefined
    frame.meter = meter
    for (let i = 0; i < this.#read.length; i++) {
      const slot = this.#read[i] as number
      const value = activation[slot]
      frame.slots[slot] = typeof value === 'number' ? adapt(value) : value
    }
    return frame
  }
}
