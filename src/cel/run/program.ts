import type { Expr } from '../ast.ts'
import type { Checked } from '../check/check.ts'
import type { Env } from '../env.ts'
import { CostExceeded } from '../error.ts'
import type { Type } from '../type.ts'
import { adapt, type Value } from '../value.ts'
import { caught, type Frame, isFailure, type Step } from './frame.ts'
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
  readonly #variables: number
  readonly #size: number
  #idle: Frame | undefined

  /** Throws `PlanError`. `generic`: without the direct loops of macros. */
  constructor(expr: Expr, checked: Checked, env: Env, generic = false) {
    this.expr = expr
    this.type = checked.type
    const slots = [...env.variables.keys()]
    this.#variables = slots.length
    const scope = new Map<string, Binding>(slots.map((name, slot) => [name, { slot }]))
    const context: Context = { env, references: checked.references, scope, slots, generic, plan }
    this.#step = plan(expr, context).run
    this.#size = slots.length
  }

  /**
   * The value of the expression. Reading an undefined variable throws `Unknown`; what goes wrong throws `CelError`;
   * `CostExceeded` ends it when the meter's limit is passed.
   */
  run(activation: Activation, meter: Meter): Value {
    const frame = this.#take(activation, meter)
    const before = restartWork()
    try {
      const outcome = this.#step(frame)
      if (isFailure(outcome)) throw outcome
      return adapt(outcome) as Value
    } catch (error) {
      throw error instanceof CostExceeded || error instanceof Exhausted ? error : caught(error)
    } finally {
      restartWork(before)
      // The next object must not keep this one in memory.
      frame.slots.fill(undefined)
      this.#idle = frame
    }
  }

  #take(activation: Activation, meter: Meter): Frame {
    // A computed field may run this very program again, which then needs a frame of its own.
    const frame = this.#idle ?? { slots: new Array(this.#size), meter }
    this.#idle = undefined
    frame.meter = meter
    for (let i = 0; i < this.#variables; i++) frame.slots[i] = adapt(activation[i])
    return frame
  }
}
