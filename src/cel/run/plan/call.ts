import type { Call } from '../../ast.ts'
import { CelError } from '../../error.ts'
import type { Minor, Overload } from '../../library.ts'
import { CONSTANT_CONVERSIONS } from '../../standard/conversions.ts'
import { isFailure, NO_SUCH_OVERLOAD, type Step } from '../frame.ts'
import { Meter } from '../meter.ts'
import { Optional } from '../optional.ts'
import { qualified, resolve } from './attribute.ts'
import { planEquality } from './equality.ts'
import { isGuarded, telling } from './guarded.ts'
import { planInvocation } from './invocation.ts'
import { planJunction, planNot, planNotStrictlyFalse } from './logic.ts'
import { planMembership } from './membership.ts'
import { ABSENT, type NamesStep, planNames } from './names.ts'
import { planMatches } from './pattern.ts'
import { attributeOf, planAttribute } from './plan.ts'
import { type Context, folded, PlanError, type Planned } from './planned.ts'
import { isKey, unfit } from './qualify.ts'
import { planRelation } from './relation.ts'

/** A call by its function: operators are planned by name, everything else is an invocation of an overload. */
export function planCall(expr: Call, context: Context): Planned {
  const reference = context.references.get(expr.id)
  const global = reference?.kind === 'function' && reference.global
  const name = reference?.kind === 'function' ? reference.name : expr.fn
  const overloads: readonly Overload[] = reference?.kind === 'function' ? reference.overloads : []
  const operands = expr.target === undefined || global ? expr.args : [expr.target, ...expr.args]
  const args = operands.map((operand, at) => {
    const planned = context.plan(operand, context)
    return name === '_&&_' && at > 0 && isGuarded(operand) ? telling(planned) : planned
  })
  return special(name, overloads, args, context) ?? planInvocation(name, overloads, args, context)
}

function special(
  name: string,
  overloads: readonly Overload[],
  args: readonly Planned[],
  context: Context,
): Planned | undefined {
  const [first, second, third] = args as readonly [Planned, Planned, Planned]
  switch (name) {
    case '_&&_':
      return planJunction(args, false)
    case '_||_':
      return planJunction(args, true)
    case '!_':
      return { run: planNot(first.run, context.env.minor) }
    case '@not_strictly_false':
      return { run: planNotStrictlyFalse(first.run) }
    case '_?_:_':
      return planAttribute({
        kind: 'conditional',
        condition: first.run,
        truthy: attributeOf(second, context),
        falsy: attributeOf(third, context),
      })
    case '_==_':
    case '_!=_':
      return { run: planEquality(name === '_==_', first, second, context.env.minor) }
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return { run: planRelation(name, overloads, first, second, context.env.minor) }
    case '_[_]':
      return planIndex(first, second, false, context)
    case '_?._':
    case '_[?_]':
      return planIndex(first, second, true, context)
    case 'or':
      return { run: planOptionalOr(first, second, false, context.env.minor) }
    case 'orValue':
      return { run: planOptionalOr(first, second, true, context.env.minor) }
    case 'hasValue':
      return planHasValue(overloads, first)
    case '@in':
      return planMembership(overloads, first, second)
    default:
      if (args.length === 1 && first.constant !== undefined && CONSTANT_CONVERSIONS.has(name)) {
        return planConversion(name, overloads, first, context)
      }
      return name === 'matches'
        ? planMatches(overloads.length === 1 ? overloads[0]?.id : undefined, args, context.env)
        : undefined
  }
}

/** A conversion of a constant is one: cel-go interpreter/decorators.go, maybeOptimizeConstUnary. */
function planConversion(name: string, overloads: readonly Overload[], arg: Planned, context: Context): Planned {
  const { run } = planInvocation(name, overloads, [arg], context)
  return folded(() => {
    const outcome = run({ slots: [], meter: new Meter(Number.POSITIVE_INFINITY) })
    if (isFailure(outcome)) throw outcome
    return outcome
  })
}

function planIndex(operand: Planned, index: Planned, optional: boolean, context: Context): Planned {
  const attribute = attributeOf(operand, context)
  if (index.constant !== undefined && !isKey(index.constant.value)) throw new PlanError(unfit(index.constant.value))
  if (index.constant !== undefined) return planAttribute(qualified(attribute, { key: index.constant.value, optional }))
  return planAttribute(qualified(attribute, { compute: computed(index), optional }))
}

/** The key without what an attribute costs. */
function computed({ run, attribute }: Planned): Step {
  if (attribute === undefined) return run
  const key = resolve(attribute)
  return (frame) => {
    const value = key(frame)
    return isFailure(value) || isKey(value) ? value : new CelError(unfit(value, true))
  }
}

/** What goes a way that is optional, without making the optional. */
function optionalNames({ attribute }: Planned, own: number): NamesStep | undefined {
  const isOptional = attribute?.kind === 'path' && attribute.qualifiers.some(({ optional }) => optional)
  return isOptional ? planNames(attribute, own) : undefined
}

/** `a.?b.hasValue()`; undefined where it is a call like others. */
function planHasValue(overloads: readonly Overload[], operand: Planned): Planned | undefined {
  const found =
    overloads.length === 1 && overloads[0]?.id === 'optional_hasValue' ? optionalNames(operand, 2) : undefined
  if (found === undefined) return undefined
  return {
    run: (frame) => {
      const value = found(frame)
      return value === ABSENT ? false : isFailure(value) ? value : true
    },
  }
}

/**
 * `or` and `orValue` cost nothing: cel-go cel/library.go, evalOptionalOr is no call to the cost tracker. What is no
 * optional is given on until 1.36, and refused by cel-go v0.29 of 1.37.
 */
function planOptionalOr(first: Planned, second: Planned, unwrapped: boolean, minor: Minor): Step {
  const left = first.run
  const right = second.run
  const found = unwrapped ? optionalNames(first, 1) : undefined
  if (found && second.constant) {
    const { value: otherwise } = second.constant
    return (frame) => {
      const value = found(frame)
      return value === ABSENT ? otherwise : value
    }
  }
  if (found) {
    return (frame) => {
      const value = found(frame)
      return value === ABSENT ? right(frame) : value
    }
  }
  return (frame) => {
    const value = left(frame)
    if (!(value instanceof Optional)) return minor < 37 || isFailure(value) ? value : NO_SUCH_OVERLOAD
    if (value.value === undefined) return right(frame)
    return unwrapped ? value.value : value
  }
}
