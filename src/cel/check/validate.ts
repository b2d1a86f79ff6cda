import type { Call, Expr, ListExpr, MapExpr } from '../ast.ts'
import type { Env } from '../env.ts'
import { CelError, type Issue } from '../error.ts'
import { cachedRegex } from '../library/re2.ts'
import { childrenOf } from '../syntax/children.ts'
import type { Source } from '../syntax/source.ts'
import { DYN, type Type } from '../type.ts'
import type { Value } from '../value.ts'
import type { Checked } from './check.ts'
import { formatType } from './format.ts'
import { formatCallProblem } from './format-call.ts'
import { nameOf, parametersOf, unwrapOptional } from './unify.ts'

/**
 * What Kubernetes' environments look for in a checked expression (cel-go cel/validator.go, since 1.29): literals that no
 * duration, timestamp or pattern can be made of, lists and maps of mixed types, format strings that do not fit.
 */
export function validate(expr: Expr, checked: Checked, source: Source, env: Env): readonly Issue[] {
  const issues: Issue[] = []
  const report: Report = (message, at) => issues.push(source.issue(message, at))
  const validator = new Validator(checked, report, env)
  validator.walk(expr, false)
  return issues
}

/**
 * The API server's own checker crashes here, so that it refuses the expression; its message is Go's. cel-go looks for the
 * type within an optional where there is none, and v0.20.1 of 1.31 for the text of a format string that is no literal.
 */
export class Crash {
  readonly message: string
  constructor(message: string) {
    this.message = `panic: runtime error: ${message}`
  }
}

/** `at`: UTF-16 offset. */
type Report = (message: string, at: number) => void

class Validator {
  readonly #checked: Checked
  readonly #report: Report
  readonly #env: Env

  constructor(checked: Checked, report: Report, env: Env) {
    this.#checked = checked
    this.#report = report
    this.#env = env
  }

  /** `formatted`: within a call of `format`, whose list may mix types. */
  walk(expr: Expr, formatted: boolean): void {
    const mixed = formatted || this.#env.aggregates !== 'validated'
    if (expr.kind === 'list' && !mixed) this.#list(expr)
    if (expr.kind === 'map' && !mixed) this.#map(expr)
    // cel-go's validator of format strings, which also lets their lists be mixed, came with 1.31's v0.20.
    const format = expr.kind === 'call' && expr.fn === 'format' && this.#env.validated && this.#env.minor >= 31
    if (expr.kind === 'call' && this.#env.validated) this.#call(expr)
    if (format && this.#env.minor === 31 && expr.target !== undefined && expr.target.kind !== 'literal') {
      throw new Crash('invalid memory address or nil pointer dereference')
    }
    const problem = format ? formatCallProblem(expr, this.#checked) : undefined
    if (problem !== undefined) this.#report(problem.message, problem.at)
    for (const child of childrenOf(expr)) this.walk(child, formatted || format)
  }

  /** Of `matches(s, pattern)` it is `s` that is looked at, as in cel-go: the first argument beside a target. */
  #call(call: Call): void {
    if (call.fn !== 'duration' && call.fn !== 'timestamp' && call.fn !== 'matches') return
    const literal = call.args[0]
    if (literal?.kind !== 'literal') return
    const bad =
      call.fn === 'matches'
        ? this.#env.provenPatterns !== true && typeof cachedRegex(literal.value as string) === 'string'
        : this.#fails(call, literal.value)
    if (bad) this.#report(`invalid ${call.fn} argument`, literal.at)
  }

  #fails(call: Call, value: unknown): boolean {
    const reference = this.#checked.references.get(call.id)
    if (reference?.kind !== 'function' || call.target !== undefined) return false
    try {
      reference.overloads[0]!.run(value as Value)
      return false
    } catch (cause) {
      if (cause instanceof CelError) return true
      throw cause
    }
  }

  #list(list: ListExpr): void {
    let first: Type | undefined
    for (const [i, element] of list.elements.entries()) {
      const type = this.#typeOf(element, list.optional.has(i))
      if (first === undefined) first = type
      else if (!equivalent(first, type)) {
        this.#mismatch(element, first, type)
        return
      }
    }
  }

  #map(map: MapExpr): void {
    const [first, ...rest] = map.entries
    if (first === undefined) return
    const [key, value] = [this.#typeOf(first.key, false), this.#typeOf(first.value, first.optional)]
    for (const entry of rest) {
      const [ownKey, ownValue] = [this.#typeOf(entry.key, false), this.#typeOf(entry.value, entry.optional)]
      if (!equivalent(key, ownKey)) this.#mismatch(entry.key, key, ownKey)
      if (!equivalent(value, ownValue)) this.#mismatch(entry.value, value, ownValue)
    }
  }

  #typeOf(expr: Expr, optional: boolean): Type {
    const type = this.#checked.types.get(expr.id) ?? DYN
    if (!optional) return type
    const [inner, wrapped] = unwrapOptional(type)
    if (!wrapped && parametersOf(type).length === 0) throw new Crash('index out of range [0] with length 0')
    return wrapped ? inner : parametersOf(type)[0]!
  }

  #mismatch(expr: Expr, expected: Type, found: Type): void {
    this.#report(`expected type '${formatType(expected)}' but found '${formatType(found)}'`, expr.at)
  }
}

/** The same but for the names of type parameters. */
function equivalent(a: Type, b: Type): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || (a.kind !== 'param' && nameOf(a) !== nameOf(b))) return false
  const [left, right] = [parametersOf(a), parametersOf(b)]
  return left.length === right.length && left.every((parameter, i) => equivalent(parameter, right[i]!))
}
