import type { Call, Comprehension, Expr, Ident, ListExpr, Literal, MapExpr, Select } from '../ast.ts'

/**
 * An expression may have so many nodes once its macros are expanded. cel-go has no such limit: `optMap` copies its
 * target, so that a chain of them doubles with every link and would not end.
 */
export const MAX_NODES = 500_000

/** The macros of an expression make more than `MAX_NODES` nodes. */
export class TooLarge {}

/** Makes nodes, each with an id of its own. */
export class Factory {
  readonly accumulator: string
  readonly #shares: boolean
  #id = 0

  constructor(accumulator: string, shares: boolean) {
    this.accumulator = accumulator
    this.#shares = shares
  }

  id(): number {
    if (++this.#id > MAX_NODES) throw new TooLarge()
    return this.#id
  }

  literal(at: number, type: Literal['type'], value: unknown): Literal {
    return { kind: 'literal', id: this.id(), at, type, value }
  }

  ident(at: number, name: string): Ident {
    return { kind: 'ident', id: this.id(), at, name }
  }

  select(at: number, operand: Expr, field: string, test = false): Select {
    return { kind: 'select', id: this.id(), at, operand, field, test }
  }

  call(at: number, fn: string, args: readonly Expr[], target?: Expr): Call {
    const id = this.id()
    return target === undefined ? { kind: 'call', id, at, fn, args } : { kind: 'call', id, at, fn, target, args }
  }

  list(at: number, elements: readonly Expr[], optional: ReadonlySet<number> = new Set()): ListExpr {
    return { kind: 'list', id: this.id(), at, elements, optional }
  }

  map(at: number, entries: MapExpr['entries']): MapExpr {
    return { kind: 'map', id: this.id(), at, entries }
  }

  comprehension(at: number, parts: Omit<Comprehension, 'kind' | 'id' | 'at'>): Comprehension {
    return { kind: 'comprehension', id: this.id(), at, ...parts }
  }

  /**
   * What stands for an expression's second use: a copy, or until cel-go v0.20 of 1.31 the expression itself, which counts as
   * much, since it is walked as often.
   */
  again(expr: Expr): Expr {
    const copy = this.copy(expr)
    return this.#shares ? expr : copy
  }

  /** The same expression with ids of its own. */
  copy(expr: Expr): Expr {
    const id = this.id()
    switch (expr.kind) {
      case 'literal':
      case 'ident':
        return { ...expr, id }
      case 'select':
        return { ...expr, id, operand: this.copy(expr.operand) }
      case 'call': {
        const args = expr.args.map((arg) => this.copy(arg))
        return expr.target === undefined ? { ...expr, id, args } : { ...expr, id, args, target: this.copy(expr.target) }
      }
      case 'list':
        return { ...expr, id, elements: expr.elements.map((element) => this.copy(element)) }
      case 'map': {
        const entries = expr.entries.map((entry) => ({
          ...entry,
          id: this.id(),
          key: this.copy(entry.key),
          value: this.copy(entry.value),
        }))
        return { ...expr, id, entries }
      }
      case 'message': {
        const fields = expr.fields.map((field) => ({ ...field, id: this.id(), value: this.copy(field.value) }))
        return { ...expr, id, fields }
      }
      case 'comprehension':
        return {
          ...expr,
          id,
          range: this.copy(expr.range),
          init: this.copy(expr.init),
          condition: this.copy(expr.condition),
          step: this.copy(expr.step),
          result: this.copy(expr.result),
        }
    }
  }
}
