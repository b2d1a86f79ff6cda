import type { Expr, Ident, Literal, Select } from '../../ast.ts'
import { CelError } from '../../error.ts'
import type { Value } from '../../value.ts'
import { type Attribute, evaluate, path, qualified, variable } from './attribute.ts'
import { planCall } from './call.ts'
import { planList, planMap, planMessage } from './construct.ts'
import { planFold } from './fold.ts'
import { type Context, constant, type Planned } from './planned.ts'

/** Plans a checked expression: one closure a node, after cel-go interpreter/planner.go. Throws `PlanError`. */
export function plan(expr: Expr, context: Context): Planned {
  switch (expr.kind) {
    case 'literal':
      return constant((expr as Literal).value as Value)
    case 'ident':
      return planIdent(expr, expr.name, context)
    case 'select':
      return planSelect(expr, context)
    case 'call':
      return planCall(expr, context)
    case 'list':
      return planList(expr, context)
    case 'map':
      return planMap(expr, context)
    case 'message':
      return planMessage(expr, context)
    case 'comprehension':
      return planFold(expr, context)
  }
}

/** A variable, or a constant such as a type's name. */
function planIdent(expr: Ident | Select, written: string, context: Context): Planned {
  const reference = context.references.get(expr.id)
  if (reference?.kind === 'ident' && reference.value !== undefined) return constant(reference.value)
  const name = reference?.kind === 'ident' ? reference.name : written.replace(/^\./, '')
  const { minor } = context.env
  const bound = context.scope.get(name)
  if (bound === undefined) {
    const absent = new CelError(`no such attribute(s): ${name}`)
    return planAttribute(path(() => absent, minor))
  }
  if ('lazy' in bound) return planAttribute(path(bound.lazy, minor))
  context.read.add(bound.slot)
  return planAttribute(variable(bound.slot, name, minor))
}

function planSelect(expr: Select, context: Context): Planned {
  if (context.references.get(expr.id)?.kind === 'ident') return planIdent(expr, expr.field, context)
  const operand = attributeOf(context.plan(expr.operand, context), context)
  return planAttribute(qualified(operand, { key: expr.field, optional: false, ...(expr.test ? { test: true } : {}) }))
}

/** The way into what was planned. */
export function attributeOf(planned: Planned, { env }: Context): Attribute {
  return planned.attribute ?? path(planned.run, env.minor)
}

/** An attribute as a value of its own. */
export function planAttribute(attribute: Attribute): Planned {
  return { run: evaluate(attribute), attribute }
}
