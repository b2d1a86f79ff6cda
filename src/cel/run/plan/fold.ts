import type { Comprehension } from '../../ast.ts'
import { type Frame, isFailure, type Outcome, type Step } from '../frame.ts'
import { spend } from '../work.ts'
import { planLoop } from './loop.ts'
import type { Binding, Context, Planned } from './planned.ts'
import { bind, rangeOf, turnsOf, type Variables } from './range.ts'

/** A comprehension: a direct loop where it has the shape of a macro, else the fold that cel-go makes (evalFold). */
export function planFold(expr: Comprehension, context: Context): Planned {
  const range = context.plan(expr.range, context)
  const first = slot(context, expr.variable)
  const second = expr.variable2 === undefined ? undefined : slot(context, expr.variable2)
  const inside: [string, Binding][] = [[expr.variable, { slot: first }]]
  if (expr.variable2 !== undefined && second !== undefined) inside.push([expr.variable2, { slot: second }])
  const variables = { first, second, renamesErrors: second !== undefined && context.env.minor === 32 }
  const loop = context.generic
    ? undefined
    : planLoop(expr, range.run, variables, { ...context, scope: extended(context, inside) })
  return { run: loop ?? planGeneric(expr, range.run, variables, inside, context) }
}

/** A new slot; each comprehension has its own, since one may run inside another. */
function slot({ slots }: Context, name: string): number {
  return slots.push(name) - 1
}

function extended({ scope }: Context, bindings: readonly (readonly [string, Binding])[]): Context['scope'] {
  return new Map([...scope, ...bindings])
}

function planGeneric(
  expr: Comprehension,
  range: Step,
  variables: Variables,
  inside: readonly (readonly [string, Binding])[],
  context: Context,
): Step {
  const accumulator = slot(context, expr.accumulator)
  const init = context.plan(expr.init, context)
  const lazy = (frame: Frame): Outcome => (frame.slots[accumulator] ??= init.run(frame))
  const accumulated: [string, Binding] = [expr.accumulator, { lazy }]
  // Of equal names the accumulator is found first (folder.ResolveName).
  const within = { ...context, scope: extended(context, [...inside, accumulated]) }
  const condition = context.plan(expr.condition, within).run
  const step = context.plan(expr.step, within).run
  const result = context.plan(expr.result, { ...context, scope: extended(context, [accumulated]) }).run
  // cel-go evaluates what the accumulator begins with when it is first read since v0.22, which came with 1.32.
  const eager = context.env.minor < 32
  return (frame) => {
    const over = rangeOf(range(frame), variables)
    if (isFailure(over)) return over
    const turns = turnsOf(over)
    frame.slots[accumulator] = eager ? init.run(frame) : undefined
    for (let i = 0; i < turns.length; i++) {
      spend(1)
      bind(frame, variables, over, turns, i)
      if (condition(frame) === false) break
      frame.slots[accumulator] = step(frame)
    }
    return result(frame)
  }
}
