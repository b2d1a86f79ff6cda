import { CelError, Unknown } from '../../error.ts'
import type { FunctionDecl, Minor, Overload } from '../../library.ts'
import { CONSTANT_CONVERSIONS } from '../../standard/conversions.ts'
import type { Type } from '../../type.ts'
import type { Value } from '../../value.ts'
import { assignable } from '../assignable.ts'
import { caught, type Frame, isFailure, NO_SUCH_OVERLOAD, type Outcome, type Step } from '../frame.ts'
import { type Kind, kindOf, typeName } from '../kind.ts'
import { isConcatenation, planConcatenation } from './concatenation.ts'
import { hasConstantPattern } from './pattern.ts'
import type { Context, Planned } from './planned.ts'
import { goType } from './qualify.ts'
import { SINGLETONS } from './singletons.ts'

type Run = (args: readonly Value[]) => Outcome
type Cost = (args: readonly Outcome[], result: Outcome) => number

/** A call of a library's function. */
export function planInvocation(
  name: string,
  overloads: readonly Overload[],
  args: readonly Planned[],
  { env, generic }: Context,
): Planned {
  const declared = env.functions.get(name)
  // cel-go v0.16 of 1.28 converts without a look at the types.
  const unguarded = declared?.unguarded === true || (env.minor <= 28 && CONSTANT_CONVERSIONS.has(name))
  const run = runOf(name, declared, overloads, args.length, unguarded)
  const cost = panicking(name, overloads, costOf(overloads, declared, env.minor))
  const steps = args.map((arg) => arg.run)
  const single = overloads.length === 1 || SINGLETONS.has(name) || declared?.singleton !== undefined
  // Several overloads are one variadic function to cel-go, and so is a pattern that was compiled before.
  const compiled = hasConstantPattern(name, args, env)
  const dispatched = compiled || (!single && (declared?.overloads.length ?? 0) > 1)
  if (args.length === 1 && !dispatched) return { run: unary(steps[0] as Step, run, cost) }
  if (args.length === 2 && !dispatched) {
    const call = binaryCall(run, cost)
    if (!generic && isConcatenation(name, overloads))
      return planConcatenation(args[0] as Planned, args[1] as Planned, call)
    return { run: binary(steps[0] as Step, steps[1] as Step, call) }
  }
  return { run: variadic(steps, compiled ? ofText(run) : run, cost) }
}

/** Calls of compiled patterns ask for a string and a limit without telling what they were given. */
const ofText =
  (run: Run): Run =>
  (args) =>
    typeof args[0] === 'string' && (args.length < 3 || kindOf(args[2] as Value) === 'int')
      ? run(args)
      : NO_SUCH_OVERLOAD

function unary(arg: Step, run: Run, cost: Cost): Step {
  return (frame) => {
    const value = arg(frame)
    const args = [value]
    const result = isFailure(value) ? value : run(args as Value[])
    frame.meter.charge(cost === constantCost ? 1 : cost(args, result))
    return result
  }
}

/** A call of two arguments that are evaluated already. */
export type BinaryCall = (frame: Frame, a: Outcome, b: Outcome) => Outcome

/** Both arguments are evaluated, and the call is charged, even where the first one fails. */
function binary(first: Step, second: Step, call: BinaryCall): Step {
  return (frame) => {
    const a = first(frame)
    return call(frame, a, second(frame))
  }
}

function binaryCall(run: Run, cost: Cost): BinaryCall {
  return (frame, a, b) => {
    const args = [a, b]
    const result = isFailure(a) ? a : isFailure(b) ? b : run(args as Value[])
    frame.meter.charge(cost === constantCost ? 1 : cost(args, result))
    return result
  }
}

/** The first failure ends the call; it is charged only where the last argument was reached. */
function variadic(args: readonly Step[], run: Run, cost: Cost): Step {
  return (frame) => {
    const values: Outcome[] = []
    for (let i = 0; i < args.length; i++) {
      const value = (args[i] as Step)(frame)
      values.push(value)
      if (!isFailure(value)) continue
      if (i === args.length - 1) frame.meter.charge(cost(values, value))
      return value
    }
    const result = run(values as Value[])
    frame.meter.charge(cost(values, result))
    return result
  }
}

const constantCost: Cost = () => 1

/** What a call costs; a failure counts as a scalar. */
export function costOf(overloads: readonly Overload[], declared: FunctionDecl | undefined, minor: Minor): Cost {
  const cost = overloads.length === 1 ? overloads[0]?.cost : declared?.ambiguousCost
  if (cost === undefined) return constantCost
  return (args, result) => {
    try {
      return cost(allCharged(args), charged(result), minor)
    } catch {
      // A cost function is written for arguments of its types; cel-go's answers nil for others, which costs 1.
      return 1
    }
  }
}

const INTERNAL = 'internal error: interface conversion:'
const ADDERS: ReadonlySet<Kind> = new Set(['int', 'uint', 'double', 'string', 'bytes', 'duration', 'timestamp'])

const goName = (outcome: Outcome): string => (isFailure(outcome) ? '*types.Err' : goType(outcome))

/** What Go says where a list was taken for granted, by the first method that is missing. */
function unlisted(outcome: Outcome): string | undefined {
  if (Array.isArray(outcome)) return undefined
  const method = !isFailure(outcome) && ADDERS.has(kindOf(outcome)) ? 'Contains' : 'Add'
  return `${INTERNAL} ${goName(outcome)} is not traits.Lister: missing method ${method}`
}

function unnumbered(outcome: Outcome | undefined): string | undefined {
  if (outcome === undefined || (!isFailure(outcome) && kindOf(outcome) === 'int')) return undefined
  return `${INTERNAL} ref.Val is ${goName(outcome)}, not types.Int`
}

/** Functions whose cost cel-go cannot tell of arguments of other types, or that failed (ext/lists.go). */
const PANICS: ReadonlyMap<string, (args: readonly Outcome[]) => string | undefined> = new Map([
  ['distinct', ([list]) => unlisted(list as Outcome)],
  ['sort', ([list]) => unlisted(list as Outcome)],
  ['@sortByAssociatedKeys', ([, keys]) => unlisted(keys as Outcome)],
  ['flatten', ([, depth]) => unnumbered(depth)],
])

/**
 * The cost tracker of such a call panics, which ends the evaluation: nothing absorbs what is thrown here. Where the
 * checker left several overloads there is no tracker.
 */
function panicking(name: string, overloads: readonly Overload[], cost: Cost): Cost {
  const problem = PANICS.get(name)
  if (problem === undefined || overloads.length !== 1) return cost
  return (args, result) => {
    const message = args.some((arg) => arg instanceof Unknown) ? undefined : problem(args)
    if (message !== undefined) throw new CelError(message)
    return cost(args, result)
  }
}

const charged = (outcome: Outcome): Value => (isFailure(outcome) ? true : outcome)

function allCharged(args: readonly Outcome[]): readonly Value[] {
  for (let i = 0; i < args.length; i++) if (isFailure(args[i] as Outcome)) return args.map(charged)
  return args as readonly Value[]
}

function runOf(
  name: string,
  declared: FunctionDecl | undefined,
  overloads: readonly Overload[],
  arity: number,
  unguarded: boolean,
): Run {
  const all = (declared?.overloads ?? overloads).filter(({ args }) => args.length === arity)
  const only = overloads.length === 1 ? overloads[0] : undefined
  if (SINGLETONS.has(name)) return singleton(name, SINGLETONS.get(name), (only ?? all[0])?.run)
  if (declared?.singleton !== undefined) return singleton(name, LISTS, (only ?? all[0])?.run)
  if (only !== undefined) return unguarded ? attempted(only.run) : guarded(name, [only])
  const first = all[0]
  return unguarded && first !== undefined ? attempted(first.run) : guarded(name, all)
}

const LISTS: ReadonlySet<Kind> = new Set(['list'])

/** The first overload whose types the values have. */
function guarded(name: string, overloads: readonly Overload[]): Run {
  const runs = overloads.map(({ args, run }) => ({ types: args, run: attempted(run) }))
  return (args) => {
    for (let i = 0; i < runs.length; i++) {
      const { types, run } = runs[i] as (typeof runs)[number]
      if (takes(types, args)) return run(args)
    }
    return new CelError(`no such overload: ${name}(${args.map(typeName).join(', ')})`)
  }
}

function takes(types: readonly Type[], args: readonly Value[]): boolean {
  for (let i = 0; i < types.length; i++) if (!assignable(types[i] as Type, args[i] as Value)) return false
  return true
}

function attempted(run: Overload['run']): Run {
  return (args) => {
    try {
      return args.length === 1
        ? run(args[0] as Value)
        : args.length === 2
          ? run(args[0] as Value, args[1] as Value)
          : run(...args)
    } catch (error) {
      return caught(error)
    }
  }
}

/** One implementation for all overloads, asked for by what the first operand can do (cel-go `traits`). */
function singleton(name: string, kinds: ReadonlySet<Kind> | undefined, run: Overload['run'] | undefined): Run {
  const made = run === undefined ? () => NO_SUCH_OVERLOAD : attempted(run)
  if (kinds === undefined) return made
  const takesText = kinds.has('string')
  return (args) => {
    const first = args[0] as Value
    const isTaken = typeof first === 'string' ? takesText : kinds.has(kindOf(first))
    return isTaken ? made(args) : untold(name, first)
  }
}

/** Strings, durations and timestamps are `traits.Receiver`, which do not tell the function that they do not know. */
export function untold(name: string, value: Value): CelError {
  const kind = kindOf(value)
  const receiver = kind === 'string' || kind === 'duration' || kind === 'timestamp'
  return receiver ? NO_SUCH_OVERLOAD : new CelError(`no such overload: ${name}`)
}

/** A binary operator that takes what the kinds say on its left. */
export function strict(
  name: string,
  kinds: ReadonlySet<string>,
  run: (a: Value, b: Value) => Outcome,
): (a: Outcome, b: Outcome) => Outcome {
  return (a, b) => {
    if (isFailure(a)) return a
    if (isFailure(b)) return b
    return kinds.has(kindOf(a)) ? run(a, b) : untold(name, a)
  }
}
