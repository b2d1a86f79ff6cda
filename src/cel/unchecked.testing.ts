import type { Expr } from './ast.ts'
import type { Checked, Reference } from './check/check.ts'
import type { Env } from './env.ts'
import { DYN } from './type.ts'

/** References of an expression that was not checked: names are what is declared under them, calls all overloads. */
export function unchecked(expr: Expr, env: Env): Checked {
  const references = new Map<number, Reference>()
  const visit = (node: Expr): void => {
    if (node.kind === 'ident') {
      const value = env.identifiers.get(node.name)?.value
      references.set(node.id, {
        kind: 'ident',
        name: node.name,
        local: false,
        ...(value === undefined ? {} : { value }),
      })
    }
    const whole = node.kind === 'select' && !node.test ? nameOf(node) : undefined
    if (whole !== undefined && env.variables.has(whole)) {
      references.set(node.id, { kind: 'ident', name: whole, local: false })
      return
    }
    if (node.kind === 'call') {
      const qualified = node.target === undefined ? undefined : nameOf(node.target)
      const full = `${qualified}.${node.fn}`
      const global = qualified !== undefined && env.functions.has(full)
      const name = global ? full : node.fn
      references.set(node.id, { kind: 'function', name, overloads: env.functions.get(name)?.overloads ?? [], global })
    }
    for (const child of childrenOf(node)) visit(child)
  }
  visit(expr)
  return { type: DYN, types: new Map(), references }
}

/** `a.b.c` of a chain of selections. */
function nameOf(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name
  if (expr.kind !== 'select' || expr.test) return undefined
  const operand = nameOf(expr.operand)
  return operand === undefined ? undefined : `${operand}.${expr.field}`
}

function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'select':
      return [expr.operand]
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args]
    case 'list':
      return expr.elements
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value])
    case 'message':
      return expr.fields.map(({ value }) => value)
    case 'comprehension':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result]
    default:
      return []
  }
}
