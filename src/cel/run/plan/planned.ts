import type { Expr } from '../../ast.ts'
import type { Reference } from '../../check/check.ts'
import type { Env } from '../../env.ts'
import { CelError } from '../../error.ts'
import type { Value } from '../../value.ts'
import type { Step } from '../frame.ts'
import type { Attribute } from './attribute.ts'
import type { Concatenation } from './concatenation.ts'
import type { Junction } from './logic.ts'

/** A planned node. */
export interface Planned {
  readonly run: Step
  /** It is this value whatever the variables are, and costs nothing. */
  readonly constant?: Constant
  /** A variable or a value with a way into it, which selections make longer (cel-go interpreter/attributes.go). */
  readonly attribute?: Attribute
  /** Terms that a chain of the same operator takes as its own. */
  readonly junction?: Junction
  readonly concatenation?: Concatenation
}

/** The value of a node that is known while planning. */
export interface Constant {
  readonly value: Value
}

/** What planning needs to know beside the tree. */
export interface Context {
  readonly env: Env
  readonly references: ReadonlyMap<number, Reference>
  /** Slots of the variables by name; comprehensions shadow. */
  readonly scope: Scope
  /** The slots of a frame: how many are taken, and by whom. */
  readonly slots: string[]
  /** Those of variables that the expression reads. */
  readonly read: Set<number>
  /** Without direct loops and chains of texts, so that tests may compare them with the fold and with calls. */
  readonly generic: boolean
  readonly plan: (expr: Expr, context: Context) => Planned
}

/** What names stand for where a node is. */
export type Scope = ReadonlyMap<string, Binding>

/** A variable that is there when it is read, or an accumulator that begins when it is first read. */
export type Binding = { readonly slot: number } | { readonly lazy: Step }

/** What is wrong with a program before it runs: the pattern of a constant, the text of a constant date. */
export class PlanError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** The node of a value. */
export function constant(value: Value): Planned {
  return { run: () => value, constant: { value } }
}

/** Throws `PlanError` for a failure of what is evaluated while planning. */
export function folded(make: () => Value): Planned {
  try {
    return constant(make())
  } catch (error) {
    if (error instanceof CelError) throw new PlanError(error.message)
    throw error
  }
}
