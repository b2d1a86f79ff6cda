import type { Comprehension } from '../../ast.ts'
import type { Value } from '../../value.ts'
import { isFailure, NO_SUCH_OVERLOAD, type Outcome, type Step } from '../frame.ts'
import { spend } from '../work.ts'
import { LIST_COST } from './construct.ts'
import { stronger } from './logic.ts'
import { planMapLoop } from './map-loop.ts'
import type { Context } from './planned.ts'
import { bind, rangeOf, turnsOf, type Variables } from './range.ts'
import { shapeOf } from './shape.ts'

/**
 * A macro as a loop of its own, which charges what the fold would: a variable costs 1 where it is read, a call 1, a list
 * of one element 10. Failures do not end a fold of cel-go, so they do not end these.
 */
export function planLoop(expr: Comprehension, range: Step, variables: Variables, context: Context): Step | undefined {
  const shape = shapeOf(expr)
  if (shape === undefined) return undefined
  const predicate = shape.predicate === undefined ? undefined : context.plan(shape.predicate, context).run
  switch (shape.kind) {
    case 'all':
      return quantify(range, variables, predicate as Step, false, 2)
    case 'exists':
      return quantify(range, variables, predicate as Step, true, 3)
    case 'existsOne':
      return countOne(range, variables, predicate as Step)
    case 'list': {
      const { run, constant } = context.plan(shape.element, context)
      // A list of a constant is a constant, which costs nothing.
      return collect(range, variables, predicate, run, constant === undefined ? LIST_COST : 0)
    }
    case 'map':
      return planMapLoop(shape, range, variables, predicate, context)
  }
}

/** `all` until the predicate is false, `exists` until it is true. `condition`: what asking whether to go on costs. */
function quantify(range: Step, variables: Variables, predicate: Step, decisive: boolean, condition: number): Step {
  return (frame) => {
    const over = rangeOf(range(frame), variables)
    if (isFailure(over)) return over
    const turns = turnsOf(over)
    const { meter } = frame
    let accumulated: Outcome = !decisive
    for (let i = 0; i < turns.length; i++) {
      meter.chargeSteps(condition)
      if (accumulated === decisive) break
      spend(1)
      bind(frame, variables, over, turns, i)
      meter.charge(1)
      const holds = predicate(frame)
      if (holds === decisive) accumulated = decisive
      else if (holds !== !decisive) accumulated = stronger(isFailure(accumulated) ? accumulated : undefined, holds)
    }
    meter.charge(1)
    return accumulated
  }
}

function countOne(range: Step, variables: Variables, predicate: Step): Step {
  return (frame) => {
    const over = rangeOf(range(frame), variables)
    if (isFailure(over)) return over
    const turns = turnsOf(over)
    let count: Outcome = 0
    for (let i = 0; i < turns.length; i++) {
      spend(1)
      bind(frame, variables, over, turns, i)
      const holds = predicate(frame)
      if (holds === true) {
        frame.meter.chargeSteps(2)
        if (typeof count === 'number') count++
      } else if (holds !== false) count = isFailure(holds) ? holds : NO_SUCH_OVERLOAD
    }
    frame.meter.chargeSteps(2)
    return isFailure(count) ? count : count === 1
  }
}

function collect(
  range: Step,
  variables: Variables,
  predicate: Step | undefined,
  element: Step,
  listCost: number,
): Step {
  return (frame) => {
    const over = rangeOf(range(frame), variables)
    if (isFailure(over)) return over
    const turns = turnsOf(over)
    const { meter } = frame
    const list: Value[] = []
    let failure: Outcome | undefined
    for (let i = 0; i < turns.length; i++) {
      spend(1)
      bind(frame, variables, over, turns, i)
      if (predicate !== undefined) {
        const holds = predicate(frame)
        if (holds === false) continue
        if (holds !== true) {
          failure = isFailure(holds) ? holds : NO_SUCH_OVERLOAD
          continue
        }
      }
      meter.charge(1)
      const value = element(frame)
      meter.charge(listCost)
      meter.charge(1)
      if (!isFailure(value)) list.push(value)
      else failure ??= value
    }
    meter.charge(1)
    return failure ?? list
  }
}
