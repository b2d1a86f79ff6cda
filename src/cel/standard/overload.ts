import { CelError } from '../error.ts'
import type { FunctionDecl, Overload } from '../library.ts'
import { sizeOf } from '../run/size.ts'
import type { Type } from '../type.ts'
import type { Value } from '../value.ts'

type Run = Overload['run']
type Cost = Overload['cost']

/** A global overload. */
export function global(id: string, args: readonly Type[], result: Type, run: Run, cost?: Cost): Overload {
  return { id, member: false, args, result, run, ...(cost === undefined ? {} : { cost }) }
}

/** An overload that is called on its first argument. */
export function member(id: string, args: readonly Type[], result: Type, run: Run, cost?: Cost): Overload {
  return { ...global(id, args, result, run, cost), member: true }
}

/** A function by its overloads. */
export function fn(name: string, ...overloads: readonly Overload[]): FunctionDecl {
  return { name, overloads }
}

/** Operators that the planner evaluates itself are never called. */
export const special: Run = () => {
  throw new CelError('no such overload')
}

/** cel-go common/cost.go: what one element of a string costs to look at. */
export const STRING_FACTOR = 0.1
/** The same file: how many steps of a pattern one of its characters is. */
export const REGEX_FACTOR = 0.25

/** A look at all of the first argument. */
export const scanCost: Cost = (args) => Math.ceil(sizeOf(args[0] as Value) * STRING_FACTOR)

/** A look at as much of both arguments as the shorter one has. */
export const shorterCost: Cost = (args) =>
  Math.ceil(Math.min(sizeOf(args[0] as Value), sizeOf(args[1] as Value)) * STRING_FACTOR)

/** A copy of both arguments. */
export const joinCost: Cost = (args) => Math.ceil((sizeOf(args[0] as Value) + sizeOf(args[1] as Value)) * STRING_FACTOR)
