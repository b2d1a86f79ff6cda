import type { Token, TokenKind } from './token.ts'
import type { Element, Field, Tree } from './tree.ts'

/** The text breaks the grammar or a limit somewhere; `recovery.ts` finds out where and says it as ANTLR does. */
export class Unreadable {}

const RELATIONS: ReadonlySet<TokenKind> = new Set<TokenKind>(["'<'", "'<='", "'>='", "'>'", "'=='", "'!='", "'in'"])
const PRODUCTS: ReadonlySet<TokenKind> = new Set<TokenKind>(["'*'", "'/'", "'%'"])
const SUMS: ReadonlySet<TokenKind> = new Set<TokenKind>(["'+'", "'-'"])

/**
 * Recursive descent over CEL.g4. Throws `Unreadable` at the first thing that does not fit, and where a
 * rule is within itself more often than `depth` times (parser.go recursionListener).
 */
export class Reader {
  readonly #tokens: readonly Token[]
  readonly #depth: number
  #at = 0
  #exprs = 0
  #relations = 0
  #calcs = 0

  constructor(tokens: readonly Token[], depth: number) {
    this.#tokens = tokens
    this.#depth = depth
  }

  /** `start`: the whole text is one expression. */
  read(): Tree {
    const tree = this.#expr()
    this.#take('EOF')
    return tree
  }

  #expr(): Tree {
    if (++this.#exprs > this.#depth) throw new Unreadable()
    const start = this.#peek()
    const condition = this.#or()
    const op = this.#accept("'?'")
    let tree = condition
    if (op !== undefined) {
      const then = this.#or()
      this.#take("':'")
      tree = { rule: 'conditional', start, op, condition, then, otherwise: this.#expr() }
    }
    this.#exprs--
    return tree
  }

  #or(): Tree {
    const start = this.#peek()
    const first = this.#and()
    if (this.#peek().kind !== "'||'") return first
    const ops: Token[] = []
    const rest: Tree[] = []
    for (let op = this.#accept("'||'"); op !== undefined; op = this.#accept("'||'")) {
      ops.push(op)
      rest.push(this.#and())
    }
    return { rule: 'logic', start, fn: '_||_', first, ops, rest }
  }

  #and(): Tree {
    const start = this.#peek()
    const first = this.#relation()
    if (this.#peek().kind !== "'&&'") return first
    const ops: Token[] = []
    const rest: Tree[] = []
    for (let op = this.#accept("'&&'"); op !== undefined; op = this.#accept("'&&'")) {
      ops.push(op)
      rest.push(this.#relation())
    }
    return { rule: 'logic', start, fn: '_&&_', first, ops, rest }
  }

  /** All relations bind alike and from the left. The right operand is a rule of its own, one deeper. */
  #relation(): Tree {
    this.#relations++
    if (this.#relations > this.#depth) throw new Unreadable()
    const start = this.#peek()
    let left = this.#calc(0)
    while (RELATIONS.has(this.#peek().kind)) {
      const op = this.#next()
      if (++this.#relations > this.#depth) throw new Unreadable()
      const right = this.#calc(0)
      this.#relations--
      left = { rule: 'binary', start, op, left, right }
    }
    this.#relations--
    return left
  }

  /** `binding`: 0 takes everything, 1 what binds closer than a sum, 2 a unary only. */
  #calc(binding: 0 | 1 | 2): Tree {
    if (++this.#calcs > this.#depth) throw new Unreadable()
    const start = this.#peek()
    let left = this.#unary()
    for (;;) {
      const kind = this.#peek().kind
      const product = PRODUCTS.has(kind)
      if (!(product && binding < 2) && !(SUMS.has(kind) && binding < 1)) break
      const op = this.#next()
      left = { rule: 'binary', start, op, left, right: this.#calc(product ? 2 : 1) }
    }
    this.#calcs--
    return left
  }

  #unary(): Tree {
    const start = this.#peek()
    const kind = start.kind
    if (kind !== "'!'" && (kind !== "'-'" || this.#negativeLiteral())) return this.#member()
    const ops: Token[] = []
    // `--1` is two signs before 1: the loop is greedy.
    while (this.#peek().kind === kind) ops.push(this.#next())
    return { rule: 'unary', start, fn: kind === "'!'" ? '!_' : '-_', ops, operand: this.#member() }
  }

  #negativeLiteral(): boolean {
    const next = this.#tokens[this.#at + 1]?.kind
    return next === 'NUM_INT' || next === 'NUM_FLOAT'
  }

  #member(): Tree {
    const start = this.#peek()
    let tree = this.#primary()
    for (;;) {
      const op = this.#peek()
      if (op.kind === "'.'") {
        this.#next()
        const optional = this.#accept("'?'") !== undefined
        const field = this.#identifier()
        const open = optional || field.kind !== 'IDENTIFIER' ? undefined : this.#accept("'('")
        tree =
          open === undefined
            ? { rule: 'select', start, operand: tree, op, optional, field }
            : { rule: 'member call', start, operand: tree, name: field, open, args: this.#args() }
      } else if (op.kind === "'['") {
        this.#next()
        const optional = this.#accept("'?'") !== undefined
        const index = this.#expr()
        this.#take("']'")
        tree = { rule: 'index', start, operand: tree, op, optional, index }
      } else return tree
    }
  }

  #primary(): Tree {
    const start = this.#peek()
    switch (start.kind) {
      case "'.'":
        this.#next()
        return this.#named(start, true)
      case 'IDENTIFIER':
        return this.#named(start, false)
      case "'('": {
        this.#next()
        const tree = this.#expr()
        this.#take("')'")
        return tree
      }
      case "'['":
        this.#next()
        return { rule: 'list', start, elements: this.#elements() }
      case "'{'":
        this.#next()
        return this.#map(start)
      case "'-'":
        this.#next()
        return { rule: 'literal', start, negative: true, token: this.#next() }
      case 'NUM_INT':
      case 'NUM_UINT':
      case 'NUM_FLOAT':
      case 'STRING':
      case 'BYTES':
      case "'true'":
      case "'false'":
      case "'null'":
        return { rule: 'literal', start, negative: false, token: this.#next() }
      default:
        throw new Unreadable()
    }
  }

  /** `name`, `name(…)` or `a.b.name{…}`. */
  #named(start: Token, dot: boolean): Tree {
    const name = this.#take('IDENTIFIER')
    const open = this.#accept("'('")
    if (open !== undefined) return { rule: 'call', start, dot, name, open, args: this.#args() }
    const brace = this.#messageBrace()
    if (brace === undefined) return { rule: 'ident', start, dot, name }
    const names = [name]
    while (this.#at < brace) {
      this.#next()
      names.push(this.#next())
    }
    return this.#message(start, dot, names, this.#next())
  }

  /** The index of the `{` that ends a chain of names from here, if one does. */
  #messageBrace(): number | undefined {
    let at = this.#at
    while (this.#tokens[at]!.kind === "'.'" && this.#tokens[at + 1]?.kind === 'IDENTIFIER') at += 2
    return this.#tokens[at]!.kind === "'{'" ? at : undefined
  }

  #args(): readonly Tree[] {
    const args: Tree[] = []
    if (this.#accept("')'") !== undefined) return args
    do args.push(this.#expr())
    while (this.#accept("','") !== undefined)
    this.#take("')'")
    return args
  }

  #elements(): readonly Element[] {
    const elements: Element[] = []
    this.#separated("']'", () => elements.push(this.#element()))
    return elements
  }

  #map(start: Token): Tree {
    const keys: Element[] = []
    const colons: Token[] = []
    const values: Tree[] = []
    this.#separated("'}'", () => {
      keys.push(this.#element())
      colons.push(this.#take("':'"))
      values.push(this.#expr())
    })
    return { rule: 'map', start, keys, colons, values }
  }

  #message(start: Token, dot: boolean, names: readonly Token[], open: Token): Tree {
    const fields: Field[] = []
    const colons: Token[] = []
    const values: Tree[] = []
    this.#separated("'}'", () => {
      fields.push({ optional: this.#accept("'?'"), name: this.#identifier() })
      colons.push(this.#take("':'"))
      values.push(this.#expr())
    })
    return { rule: 'message', start, dot, names, open, fields, colons, values }
  }

  /** Entries up to `close`; a comma may follow the last one, or stand alone. */
  #separated(close: TokenKind, entry: () => void): void {
    if (this.#accept("','") !== undefined) {
      this.#take(close)
      return
    }
    while (this.#accept(close) === undefined) {
      entry()
      if (this.#accept("','") === undefined) {
        this.#take(close)
        return
      }
    }
  }

  #element(): Element {
    return { optional: this.#accept("'?'"), value: this.#expr() }
  }

  #identifier(): Token {
    const token = this.#peek()
    return token.kind === 'ESC_IDENTIFIER' ? this.#next() : this.#take('IDENTIFIER')
  }

  #peek(): Token {
    return this.#tokens[this.#at]!
  }

  #next(): Token {
    return this.#tokens[this.#at++]!
  }

  #accept(kind: TokenKind): Token | undefined {
    return this.#peek().kind === kind ? this.#next() : undefined
  }

  #take(kind: TokenKind): Token {
    const token = this.#accept(kind)
    if (token === undefined) throw new Unreadable()
    return token
  }
}
