import type { Expr } from '../../ast.ts'
import type { Planned } from './planned.ts'

/** Calls that search a text by a pattern. */
const SEARCHES: ReadonlySet<string> = new Set(['matches', 'find', 'findAll'])

/**
 * Whether the right side of an `&&` searches a text. Conditions that do are rarely reached: the left side asks first
 * whether the text is worth it. `Meter.passedGuard` tells whether one was.
 */
export function isGuarded(expr: Expr): boolean {
  switch (expr.kind) {
    case 'call':
      return SEARCHES.has(expr.fn) || (expr.target !== undefined && isGuarded(expr.target)) || expr.args.some(isGuarded)
    case 'select':
      return isGuarded(expr.operand)
    case 'list':
      return expr.elements.some(isGuarded)
    case 'map':
      return expr.entries.some(({ key, value }) => isGuarded(key) || isGuarded(value))
    case 'comprehension':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result].some(isGuarded)
    default:
      return false
  }
}

/** The same term, but that evaluating it is told. */
export function telling(term: Planned): Planned {
  const { run, junction } = term
  const told: Planned['run'] = (frame) => {
    frame.meter.passedGuard = true
    return run(frame)
  }
  if (junction === undefined) return { ...term, run: told }
  const [first, ...others] = junction.terms
  if (first === undefined) return { ...term, run: told }
  const begun: Planned['run'] = (frame) => {
    frame.meter.passedGuard = true
    return first(frame)
  }
  return { ...term, run: told, junction: { ...junction, terms: [begun, ...others] } }
}
