/**
 * A parsed expression. Operators are calls of cel-go's function names (`_+_`, `_[_]`, `_?_:_`, `_&&_`, `@in`, `-_`, `!_`,
 * `_?._`, `_[?_]`), macros are expanded (cel-go parser/macro.go), so that cost and errors follow the same tree.
 */
export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | MessageExpr | Comprehension

/** UTF-16 offset into the source; `lineAndColumn` of `error.ts` turns it into what people read. */
export interface Node {
  /** Distinct within one expression; the keys of the checker's tables. */
  readonly id: number
  readonly at: number
}

/** `value` as `value.ts` represents it: int literals are `number` or `bigint`, doubles `Double`, uints `Uint`. */
export interface Literal extends Node {
  readonly kind: 'literal'
  readonly type: 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes'
  readonly value: unknown
}

/** A leading dot is kept in the name: `.object`. Internal names of macros begin with `@`. */
export interface Ident extends Node {
  readonly kind: 'ident'
  readonly name: string
}

export interface Select extends Node {
  readonly kind: 'select'
  readonly operand: Expr
  readonly field: string
  /** `has(operand.field)`. */
  readonly test: boolean
}

export interface Call extends Node {
  readonly kind: 'call'
  readonly fn: string
  readonly target?: Expr
  readonly args: readonly Expr[]
}

export interface ListExpr extends Node {
  readonly kind: 'list'
  readonly elements: readonly Expr[]
  /** Indices of the elements written `?e`. */
  readonly optional: ReadonlySet<number>
}

export interface MapExpr extends Node {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
}

export interface MapEntry extends Node {
  readonly key: Expr
  readonly value: Expr
  readonly optional: boolean
}

/** `Type.name{field: value}`: of the types that the environment provides (JSONPatch, Object of a mutating policy). */
export interface MessageExpr extends Node {
  readonly kind: 'message'
  readonly type: string
  readonly fields: readonly MessageField[]
}

export interface MessageField extends Node {
  readonly name: string
  readonly value: Expr
  readonly optional: boolean
}

/** The fold that macros expand to: cel-spec, `Expr.Comprehension`. */
export interface Comprehension extends Node {
  readonly kind: 'comprehension'
  /** Which macro it was, for a faster way through the same steps: `all`, `exists`, `map`, `filter`, `transformMap`, … */
  readonly macro?: string
  readonly range: Expr
  readonly variable: string
  /** The second variable: of a list its element (the first is the index), of a map its value. */
  readonly variable2?: string
  readonly accumulator: string
  readonly init: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}
