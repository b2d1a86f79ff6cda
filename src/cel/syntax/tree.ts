import type { Token } from './token.ts'

/**
 * The parse tree as cel-go's visitor sees it: rules that only pass on to one other are gone (parser.go unnest).
 * `start` is the first token of the rule, where errors about the whole of it are shown. What a broken text leaves out
 * is undefined.
 */
export type Tree =
  | Conditional
  | Logic
  | Binary
  | Unary
  | SelectTree
  | MemberCallTree
  | IndexTree
  | IdentTree
  | CallTree
  | ListTree
  | MapTree
  | MessageTree
  | LiteralTree
  | Broken

export interface Conditional {
  readonly rule: 'conditional'
  readonly start: Token
  readonly op: Token
  readonly condition: Tree | undefined
  readonly then: Tree | undefined
  readonly otherwise: Tree | undefined
}

/** A chain of one operator: `a || b || c`. */
export interface Logic {
  readonly rule: 'logic'
  readonly start: Token
  readonly fn: '_||_' | '_&&_'
  readonly first: Tree | undefined
  readonly ops: readonly Token[]
  readonly rest: readonly (Tree | undefined)[]
}

export interface Binary {
  readonly rule: 'binary'
  readonly start: Token
  readonly op: Token
  readonly left: Tree | undefined
  readonly right: Tree | undefined
}

export interface Unary {
  readonly rule: 'unary'
  readonly start: Token
  readonly fn: '!_' | '-_'
  readonly ops: readonly Token[]
  readonly operand: Tree | undefined
}

export interface SelectTree {
  readonly rule: 'select'
  readonly start: Token
  readonly operand: Tree | undefined
  readonly op: Token | undefined
  readonly optional: boolean
  readonly field: Token | Broken | undefined
}

export interface MemberCallTree {
  readonly rule: 'member call'
  readonly start: Token
  readonly operand: Tree | undefined
  readonly name: Token | undefined
  readonly open: Token | undefined
  readonly args: readonly (Tree | undefined)[]
}

export interface IndexTree {
  readonly rule: 'index'
  readonly start: Token
  readonly operand: Tree | undefined
  readonly op: Token | undefined
  readonly optional: boolean
  readonly index: Tree | undefined
}

export interface IdentTree {
  readonly rule: 'ident'
  readonly start: Token
  readonly dot: boolean
  readonly name: Token | undefined
}

export interface CallTree {
  readonly rule: 'call'
  readonly start: Token
  readonly dot: boolean
  readonly name: Token | undefined
  readonly open: Token | undefined
  readonly args: readonly (Tree | undefined)[]
}

export interface ListTree {
  readonly rule: 'list'
  readonly start: Token
  readonly elements: readonly Element[]
}

/** `?` before it where `optional` is set. */
export interface Element {
  readonly optional: Token | undefined
  readonly value: Tree | undefined
}

export interface MapTree {
  readonly rule: 'map'
  readonly start: Token
  readonly keys: readonly Element[]
  readonly colons: readonly Token[]
  readonly values: readonly (Tree | undefined)[]
}

export interface MessageTree {
  readonly rule: 'message'
  readonly start: Token
  readonly dot: boolean
  readonly names: readonly Token[]
  readonly open: Token | undefined
  readonly fields: readonly Field[]
  readonly colons: readonly Token[]
  readonly values: readonly (Tree | undefined)[]
}

export interface Field {
  readonly optional: Token | undefined
  readonly name: Token | Broken
}

export interface LiteralTree {
  readonly rule: 'literal'
  readonly start: Token
  readonly negative: boolean
  readonly token: Token
}

/** What the parser could make nothing of. */
export interface Broken {
  readonly rule: 'broken'
  readonly start: Token
}
