import type { FunctionDecl, Overload } from '../library.ts'
import type { Type } from '../type.ts'

type Run = Overload['run']
export type Cost = NonNullable<Overload['cost']>

/** A function with the same cost for each of its overloads, also where the checker left several of them. */
export function define(name: string, cost: Cost | undefined, overloads: readonly Overload[]): FunctionDecl {
  if (cost === undefined) return { name, overloads }
  return { name, ambiguousCost: cost, overloads: overloads.map((overload) => ({ ...overload, cost })) }
}

/** `target.name(args)`; the target is the first of `args`. */
export const member = (id: string, args: readonly Type[], result: Type, run: Run): Overload => ({
  id,
  member: true,
  args,
  result,
  run,
})

/** `name(args)`. */
export const global = (id: string, args: readonly Type[], result: Type, run: Run): Overload => ({
  id,
  member: false,
  args,
  result,
  run,
})

/** Accessors have a nominal cost, in every release. */
export const NOMINAL: Cost = () => 1
