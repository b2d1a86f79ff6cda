import type { Comprehension } from '../../ast.ts'
import { CelError } from '../../error.ts'
import type { Value } from '../../value.ts'
import { type Frame, isFailure, NO_SUCH_OVERLOAD, type Outcome, type Step } from '../frame.ts'
import { spend } from '../work.ts'
import { LIST_COST } from './construct.ts'
import { stronger } from './logic.ts'
import { planMapLoop } from './map-loop.ts'
import type { Context } from './planned.ts'
import { type Range, rangeOf, type Variables } from './range.ts'
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
      return over(range, variables, quantify(predicate as Step, false, 2))
    case 'exists':
      return over(range, variables, quantify(predicate as Step, true, 3))
    case 'existsOne':
      return over(range, variables, countOne(predicate as Step))
    case 'list': {
      const { run, constant } = context.plan(shape.element, context)
      // A list of a constant is a constant, which costs nothing.
      return over(range, variables, collect(predicate, run, constant === undefined ? LIST_COST : 0))
    }
    case 'map':
      return planMapLoop(shape, predicate, (body) => over(range, variables, body), context)
  }
}

/** What is done with a range that was evaluated. */
export type Body = (frame: Frame, range: Range) => Outcome

function over(range: Step, variables: Variables, body: Body): Step {
  return (frame) => {
    const value = range(frame)
    if (isFailure(value)) return value
    const turns = rangeOf(value, variables)
    return turns instanceof CelError ? turns : body(frame, turns)
  }
}

/** `all` until the predicate is false, `exists` until it is true. `condition`: what asking whether to go on costs. */
function quantify(predicate: Step, decisive: boolean, condition: number): Body {
  return (frame, range) => {
    const { meter } = frame
    let accumulated: Outcome = !decisive
    for (let i = 0; i < range.length; i++) {
      meter.chargeSteps(condition)
      if (accumulated === decisive) break
      spend(1)
      range.bind(frame, i)
      meter.charge(1)
      const holds = predicate(frame)
      if (holds === decisive) accumulated = decisive
      else if (holds !== !decisive) accumulated = stronger(isFailure(accumulated) ? accumulated : undefined, holds)
    }
    meter.charge(1)
    return accumulated
  }
}

function countOne(predicate: Step): Body {
  return (frame, range) => {
    let count: Outcome = 0
    for (let i = 0; i < range.length; i++) {
      spend(1)
      range.bind(frame, i)
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

function collect(predicate: Step | undefined, element: Step, listCost: number): Body {
  return (frame, range) => {
    const { meter } = frame
    const list: Value[] = []
    let failure: Outcome | undefined
    for (let i = 0; i < range.length; i++) {
      spend(1)
      range.bind(frame, i)
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
