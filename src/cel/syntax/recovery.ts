import {
  AFTER,
  END,
  EOF,
  type Expected,
  expect,
  FIRST,
  POSTFIX,
  PRODUCTS,
  RELATIONS,
  SUMS,
  withKinds,
} from './expected.ts'
import { calls, negates, negatesAgain } from './lookahead.ts'
import { GaveUp, type Recognizer } from './recognizer.ts'
import type { Token, TokenKind } from './token.ts'
import type { Broken, Element, Field, Tree } from './tree.ts'

/** Takes each state of a node, since a mismatch may end it early. */
type Keep = (tree: Tree) => void

/**
 * Reads a text that breaks the grammar, as the parser that ANTLR makes of CEL.g4 does, so that the API server's messages and
 * places come out. What the alternatives of a rule are told apart by is written out: no rule looks further than along a
 * chain of names. The numbers are places in the grammar, each its own: recovery skips a token where it fails twice.
 */
export class Recovery {
  readonly #in: Recognizer
  readonly #limit: number
  readonly #escapes: boolean
  readonly #fieldFirst: Expected
  #exprs = 0
  #relations = 0
  #calcs = 0

  /** `escapes`: the grammar has names in backticks. */
  constructor(input: Recognizer, depth: number, escapes: boolean) {
    this.#in = input
    this.#limit = depth
    this.#escapes = escapes
    this.#fieldFirst = escapes ? FIRST.optionalField : FIRST.plainField
  }

  /** What could be made of the text. Throws `GaveUp`. */
  read(): Tree | undefined {
    let tree: Tree | undefined
    this.#in.open(0, END)
    try {
      tree = this.#expr(1, EOF)
      this.#in.match(2, 'EOF', END)
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    return tree
  }

  #expr(state: number, follow: Expected): Tree {
    const start = this.#in.look()
    let condition: Tree | undefined
    let op: Token | undefined
    let then: Tree | undefined
    let otherwise: Tree | undefined
    this.#exprs = this.#enter(this.#exprs)
    this.#in.open(state, follow)
    try {
      condition = this.#or(3, AFTER.condition)
      if (this.#in.look().kind === "'?'") {
        op = this.#in.take()
        then = this.#or(4, AFTER.key)
        this.#in.match(5, "':'", FIRST.expr)
        otherwise = this.#expr(6, END)
      }
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    this.#exprs--
    if (op === undefined) return condition ?? { rule: 'broken', start }
    return { rule: 'conditional', start, op, condition, then, otherwise }
  }

  #or(state: number, follow: Expected): Tree {
    const start = this.#in.look()
    const [ops, rest]: [Token[], Tree[]] = [[], []]
    this.#in.open(state, follow)
    const first = this.#and(7, AFTER.or)
    while (this.#in.look().kind === "'||'") {
      ops.push(this.#in.take())
      rest.push(this.#and(8, AFTER.or))
    }
    this.#in.close()
    return ops.length === 0 ? first : { rule: 'logic', start, fn: '_||_', first, ops, rest }
  }

  #and(state: number, follow: Expected): Tree {
    const start = this.#in.look()
    const [ops, rest]: [Token[], Tree[]] = [[], []]
    this.#in.open(state, follow)
    const first = this.#relation(50, AFTER.and, true)
    while (this.#in.look().kind === "'&&'") {
      ops.push(this.#in.take())
      rest.push(this.#relation(51, AFTER.and, true))
    }
    this.#in.close()
    return ops.length === 0 ? first : { rule: 'logic', start, fn: '_&&_', first, ops, rest }
  }

  /** `whole`: with what binds to its right; else it is itself a right operand. */
  #relation(state: number, follow: Expected, whole: boolean): Tree {
    const start = this.#in.look()
    this.#relations = this.#enter(this.#relations)
    this.#in.open(state, follow)
    let left = this.#calc(9, AFTER.relation, 0)
    while (whole && RELATIONS.includes(this.#in.look().kind)) {
      const op = this.#in.take()
      left = { rule: 'binary', start, op, left, right: this.#relation(10, AFTER.relation, false) }
    }
    this.#in.close()
    this.#relations--
    return left
  }

  #calc(state: number, follow: Expected, binding: 0 | 1 | 2): Tree {
    const start = this.#in.look()
    this.#calcs = this.#enter(this.#calcs)
    this.#in.open(state, follow)
    let left = this.#unary(11, AFTER.calc)
    for (;;) {
      const { kind } = this.#in.look()
      const product = PRODUCTS.includes(kind)
      if (!(product && binding < 2) && !(SUMS.includes(kind) && binding < 1)) break
      const op = this.#in.take()
      left = { rule: 'binary', start, op, left, right: this.#calc(12, AFTER.calc, product ? 2 : 1) }
    }
    this.#in.close()
    this.#calcs--
    return left
  }

  #unary(state: number, follow: Expected): Tree {
    const start = this.#in.look()
    const ops: Token[] = []
    let operand: Tree | undefined
    this.#in.open(state, follow)
    try {
      this.#in.sync(13, FIRST.expr)
      if (this.#in.look().kind === "'!'") {
        do {
          ops.push(this.#in.match(14, "'!'", FIRST.nots))
          this.#in.syncLoop(15, FIRST.nots)
        } while (this.#in.look().kind === "'!'")
      } else if (negates(this.#in)) {
        do {
          ops.push(this.#in.match(16, "'-'", FIRST.member))
          this.#in.syncLoop(17, FIRST.member)
        } while (negatesAgain(this.#in))
      }
      operand = this.#member(18, END)
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    if (ops.length === 0) return operand ?? { rule: 'broken', start }
    return { rule: 'unary', start, fn: ops[0]!.kind === "'!'" ? '!_' : '-_', ops, operand }
  }

  #member(state: number, follow: Expected): Tree {
    const start = this.#in.look()
    let tree: Tree | undefined
    const keep = (grown: Tree) => {
      tree = grown
    }
    this.#in.open(state, follow)
    try {
      tree = this.#primary(19, POSTFIX)
      for (;;) {
        const { kind } = this.#in.look()
        if (kind === "'['") this.#index(start, tree, keep)
        else if (kind !== "'.'") break
        else if (calls(this.#in)) this.#memberCall(start, tree, keep)
        else this.#select(start, tree, keep)
      }
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    return tree ?? { rule: 'broken', start }
  }

  #select(start: Token, operand: Tree, keep: Keep): void {
    const op = this.#in.take()
    keep({ rule: 'select', start, operand, op, optional: false, field: undefined })
    this.#in.sync(20, this.#fieldFirst)
    const optional = this.#accept("'?'") !== undefined
    const field = this.#identifier(21, POSTFIX)
    keep({ rule: 'select', start, operand, op, optional, field })
  }

  #memberCall(start: Token, operand: Tree, keep: Keep): void {
    this.#in.take()
    const name = this.#in.take()
    const open = this.#in.take()
    const args: Tree[] = []
    keep({ rule: 'member call', start, operand, name, open, args })
    this.#args(22, args, POSTFIX)
  }

  #index(start: Token, operand: Tree, keep: Keep): void {
    const op = this.#in.take()
    keep({ rule: 'index', start, operand, op, optional: false, index: undefined })
    this.#in.sync(23, FIRST.optionalExpr)
    const optional = this.#accept("'?'") !== undefined
    keep({ rule: 'index', start, operand, op, optional, index: undefined })
    const index = this.#expr(24, expect("']'"))
    keep({ rule: 'index', start, operand, op, optional, index })
    this.#in.match(25, "']'", POSTFIX)
  }

  /** Arguments and the parenthesis behind them. */
  #args(state: number, args: Tree[], next: Expected): void {
    this.#in.sync(state, AFTER.openArguments)
    if (FIRST.expr.kinds.has(this.#in.look().kind)) {
      this.#in.open(state + 100, AFTER.arguments)
      args.push(this.#expr(26, AFTER.entry))
      while (this.#accept("','") !== undefined) args.push(this.#expr(27, AFTER.entry))
      this.#in.close()
    }
    this.#in.match(state + 200, "')'", next)
  }

  #primary(state: number, follow: Expected): Tree {
    const start = this.#in.look()
    let tree: Tree = { rule: 'broken', start }
    const keep = (grown: Tree) => {
      tree = grown
    }
    this.#in.open(state, follow)
    try {
      this.#in.sync(28, FIRST.member)
      const { kind } = this.#in.look()
      if (kind === "'('") {
        this.#in.take()
        tree = this.#expr(29, AFTER.arguments)
        this.#in.match(30, "')'", END)
      } else if (kind === "'['") this.#list(keep)
      else if (kind === "'{'") this.#map(keep)
      else if (kind === "'.'" || kind === 'IDENTIFIER') this.#named(keep)
      else if (FIRST.literal.kinds.has(kind)) tree = this.#literal(39)
      else throw this.#in.noViable(start, start)
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    return tree
  }

  #list(keep: Keep): void {
    const elements: Element[] = []
    keep({ rule: 'list', start: this.#in.take(), elements })
    this.#entries(31, "']'", FIRST.optionalExpr, () => elements.push(this.#element(34, AFTER.entry)))
  }

  #map(keep: Keep): void {
    const [keys, colons, values]: [Element[], Token[], Tree[]] = [[], [], []]
    keep({ rule: 'map', start: this.#in.take(), keys, colons, values })
    this.#entries(35, "'}'", FIRST.optionalExpr, () => {
      keys.push(this.#element(36, AFTER.key))
      colons.push(this.#in.match(37, "':'", FIRST.expr))
      values.push(this.#expr(38, AFTER.entry))
    })
  }

  #named(keep: Keep): void {
    const start = this.#in.look()
    const dot = start.kind === "'.'"
    const first = this.#in.look(dot ? 2 : 1)
    if (first.kind !== 'IDENTIFIER') throw this.#in.noViable(start, first)
    let ahead = dot ? 3 : 2
    const call = this.#in.look(ahead).kind === "'('"
    while (this.#in.look(ahead).kind === "'.'" && this.#in.look(ahead + 1).kind === 'IDENTIFIER') ahead += 2
    const message = this.#in.look(ahead).kind === "'{'"
    if (dot) this.#in.take()
    const name = this.#in.take()
    if (call) {
      const args: Tree[] = []
      keep({ rule: 'call', start, dot, name, open: this.#in.take(), args })
      this.#args(40, args, END)
    } else if (message) {
      const names = [name]
      while (this.#accept("'.'") !== undefined) names.push(this.#in.take())
      this.#message(start, dot, names, keep)
    } else keep({ rule: 'ident', start, dot, name })
  }

  #message(start: Token, dot: boolean, names: readonly Token[], keep: Keep): void {
    const [fields, colons, values]: [Field[], Token[], Tree[]] = [[], [], []]
    keep({ rule: 'message', start, dot, names, open: this.#in.take(), fields, colons, values })
    this.#entries(41, "'}'", this.#fieldFirst, () => {
      fields.push(this.#field(42, AFTER.key))
      colons.push(this.#in.match(43, "':'", FIRST.expr))
      values.push(this.#expr(44, AFTER.entry))
    })
  }

  /** Entries, a comma that may follow them, and `close`. */
  #entries(state: number, close: TokenKind, first: Expected, entry: () => void): void {
    this.#in.sync(state, withKinds(first, "','", close))
    if (first.kinds.has(this.#in.look().kind)) {
      this.#in.open(state + 100, expect("','", close))
      try {
        entry()
        while (this.#in.look().kind === "','" && first.kinds.has(this.#in.look(2).kind)) {
          this.#in.take()
          entry()
        }
      } catch (cause) {
        this.#in.fail(cause)
      }
      this.#in.close()
    }
    this.#in.sync(state + 200, expect("','", close))
    this.#accept("','")
    this.#in.match(state + 300, close, END)
  }

  #element(state: number, follow: Expected): Element {
    let optional: Token | undefined
    let value: Tree | undefined
    this.#in.open(state, follow)
    try {
      this.#in.sync(45, FIRST.optionalExpr)
      optional = this.#accept("'?'")
      value = this.#expr(46, END)
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    return { optional, value }
  }

  #field(state: number, follow: Expected): Field {
    let optional: Token | undefined
    let name: Token | Broken = { rule: 'broken', start: this.#in.look() }
    this.#in.open(state, follow)
    try {
      this.#in.sync(47, this.#fieldFirst)
      optional = this.#accept("'?'")
      name = this.#identifier(48, END)
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    return { optional, name }
  }

  #identifier(state: number, follow: Expected): Token | Broken {
    if (!this.#escapes) return this.#in.match(state, 'IDENTIFIER', follow)
    const start = this.#in.look()
    let name: Token | Broken = { rule: 'broken', start }
    this.#in.open(state, follow)
    try {
      this.#in.sync(49, FIRST.field)
      if (!FIRST.field.kinds.has(this.#in.look().kind)) throw this.#in.noViable(start, start)
      name = this.#in.take()
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    return name
  }

  #literal(state: number): Tree {
    const start = this.#in.look()
    let tree: Tree = { rule: 'broken', start }
    this.#in.open(state, END)
    try {
      const next = this.#in.look(2)
      const negative = start.kind === "'-'"
      if (negative && next.kind !== 'NUM_INT' && next.kind !== 'NUM_FLOAT') throw this.#in.noViable(start, next)
      if (negative) this.#in.take()
      tree = { rule: 'literal', start, negative, token: this.#in.take() }
    } catch (cause) {
      this.#in.fail(cause)
    }
    this.#in.close()
    return tree
  }

  #accept(kind: TokenKind): Token | undefined {
    return this.#in.look().kind === kind ? this.#in.take() : undefined
  }

  #enter(depth: number): number {
    if (depth >= this.#limit) throw new GaveUp(`expression recursion limit exceeded: ${this.#limit}`)
    return depth + 1
  }
}
