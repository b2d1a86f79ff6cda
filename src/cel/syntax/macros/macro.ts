import type { Expr } from '../../ast.ts'
import type { Factory } from '../factory.ts'

/** A call that has the form of a macro. `at`: where its parenthesis stands, the place of all nodes that it becomes. */
export interface MacroCall {
  readonly at: number
  readonly make: Factory
  /** Of a receiver's macro its target; of `has` any expression. */
  readonly target: Expr
  readonly args: readonly Expr[]
}

/** The form fits and the arguments do not. */
export interface MacroError {
  readonly message: string
  readonly at: number
}

export type Expander = (call: MacroCall) => Expr | MacroError

export function isMacroError(result: Expr | MacroError): result is MacroError {
  return 'message' in result
}

/** `all:2:receiver`, `has:1:global`: as a macro is found. */
export function macroKey(name: string, args: number, receiver: boolean): string {
  return `${name}:${args}:${receiver ? 'receiver' : 'global'}`
}

/** A name that an iteration may bind, or what is wrong with it; `complaint`: what is said of all else. */
export function iterationVariable(call: MacroCall, index: number, complaint: string): string | MacroError {
  const arg = call.args[index]!
  if (arg.kind !== 'ident') return { message: complaint, at: arg.at }
  return arg.name
}

/** Accumulators are not to be bound again: the name that they had until 1.32 neither. */
export function accumulatorClash(call: MacroCall, index: number, name: string): MacroError | undefined {
  if (name !== call.make.accumulator && name !== '__result__') return undefined
  return { message: 'iteration variable overwrites accumulator variable', at: call.args[index]!.at }
}
