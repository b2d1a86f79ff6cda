import type { Expr, MapEntry, MessageField } from '../ast.ts'
import type { Issue } from '../error.ts'
import { Factory } from './factory.ts'
import { type BadLiteral, bytesLiteral, doubleLiteral, intLiteral, stringLiteral, uintLiteral } from './literal.ts'
import { isMacroError, macroKey } from './macros/macro.ts'
import { MACROS } from './macros/table.ts'
import { MAX_ISSUES, type Source } from './source.ts'
import type { Token } from './token.ts'
import type {
  Binary,
  Broken,
  Conditional,
  Element,
  IndexTree,
  LiteralTree,
  Logic,
  MapTree,
  MemberCallTree,
  MessageTree,
  SelectTree,
  Tree,
} from './tree.ts'

/** What of the language is switched on (parser/options.go). */
export interface BuildOptions {
  /** Keys of `macroKey`. */
  readonly macros: ReadonlySet<string>
  /** `.?`, `[?]` and `?` before entries. */
  readonly optionals: boolean
  /** Fields in backticks: no token yet, a token that is refused, or a name. */
  readonly escapedIdentifiers: 'unknown' | 'refused' | 'allowed'
  readonly accumulator: string
  /** `optMap` and `optFlatMap` use their target twice without a copy. */
  readonly shares: boolean
  /** How many operators and selections may stand within each other. */
  readonly depth: number
}

/** What counts towards the depth. */
type Counted = Conditional | Binary | SelectTree | MemberCallTree | IndexTree

/** The tree is deeper than the limit: operators and selections, whatever brackets it has (parser.go Visit). */
export class MaxDepth {}

/** Words that may name fields but not variables or functions (parser.go reservedIds). */
const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
)

const BINARY: ReadonlyMap<string, string> = new Map([
  ["'in'", '@in'],
  ...['<', '<=', '>', '>=', '==', '!=', '+', '-', '*', '/', '%'].map((op) => [`'${op}'`, `_${op}_`] as const),
])

/**
 * Turns a parse tree into an expression and expands its macros, as cel-go's parser.go visits ANTLR's. Broken parts become
 * null literals, so that what else is wrong is found too; then `issues` has something and the expression is of no use.
 */
export class Builder {
  readonly issues: Issue[] = []
  readonly #source: Source
  readonly #options: BuildOptions
  readonly #make: Factory
  #depth = 0

  constructor(source: Source, options: BuildOptions) {
    this.#source = source
    this.#options = options
    this.#make = new Factory(options.accumulator, options.shares)
  }

  /** Throws `MaxDepth` and `TooLarge`. */
  build(tree: Tree | undefined): Expr {
    if (tree === undefined) return this.#nothing(-1)
    switch (tree.rule) {
      case 'broken':
        return this.#nothing(-1)
      case 'logic':
        return this.#logic(tree)
      case 'unary': {
        if (tree.ops.length % 2 === 0) return this.build(tree.operand)
        return this.#call(tree.ops[0]!, tree.fn, [this.build(tree.operand)])
      }
      case 'ident': {
        if (tree.name === undefined) return this.#nothing(tree.start.at)
        const name = this.#text(tree.name)
        if (RESERVED.has(name)) return this.#error(tree.start.at, `reserved identifier: ${name}`)
        return this.#make.ident(tree.name.at, tree.dot ? `.${name}` : name)
      }
      case 'call': {
        if (tree.name === undefined || tree.open === undefined) return this.#nothing(tree.start.at)
        const name = this.#text(tree.name)
        if (RESERVED.has(name)) return this.#error(tree.start.at, `reserved identifier: ${name}`)
        const args = tree.args.map((arg) => this.build(arg))
        return this.#call(tree.open, tree.dot ? `.${name}` : name, args)
      }
      case 'list': {
        const elements = tree.elements.map((element) => this.build(element.value))
        const optional = new Set<number>()
        for (const [i, element] of tree.elements.entries()) if (this.#optional(element)) optional.add(i)
        return this.#make.list(tree.start.at, elements, optional)
      }
      case 'map':
        return this.#make.map(tree.start.at, this.#entries(tree))
      case 'message':
        return this.#message(tree)
      case 'literal':
        return this.#literal(tree)
      default:
        return this.#deeper(tree)
    }
  }

  #deeper(tree: Counted): Expr {
    if (++this.#depth > this.#options.depth) throw new MaxDepth()
    const expr = this.#compound(tree)
    this.#depth--
    return expr
  }

  #compound(tree: Counted): Expr {
    switch (tree.rule) {
      case 'conditional':
        return this.#call(tree.op, '_?_:_', [
          this.build(tree.condition),
          this.build(tree.then),
          this.build(tree.otherwise),
        ])
      case 'binary':
        return this.#call(tree.op, BINARY.get(tree.op.kind)!, [this.build(tree.left), this.build(tree.right)])
      case 'select': {
        const operand = this.build(tree.operand)
        if (tree.field === undefined || tree.op === undefined) return this.#nothing(tree.start.at)
        const place = placeOf(tree.field)
        const field = this.#identifier(tree.field, place) ?? ''
        if (!tree.optional) return this.#make.select(tree.op.at, operand, field)
        if (!this.#options.optionals) return this.#error(tree.op.at, "unsupported syntax '.?'")
        return this.#make.call(tree.op.at, '_?._', [operand, this.#make.literal(place, 'string', field)])
      }
      case 'member call':
        return this.#memberCall(tree)
      case 'index': {
        const operand = this.build(tree.operand)
        if (tree.op === undefined) return this.#nothing(tree.start.at)
        const index = this.build(tree.index)
        if (!tree.optional) return this.#call(tree.op, '_[_]', [operand, index])
        if (!this.#options.optionals) this.#error(tree.op.at, "unsupported syntax '[?'")
        return this.#call(tree.op, '_[?_]', [operand, index])
      }
    }
  }

  #memberCall(tree: MemberCallTree): Expr {
    const target = this.build(tree.operand)
    if (tree.name === undefined || tree.open === undefined) return this.#nothing(tree.start.at)
    const args = tree.args.map((arg) => this.build(arg))
    return this.#call(tree.open, this.#text(tree.name), args, target)
  }

  /** A chain of `&&` or `||` becomes a balanced tree (helper.go logicManager). */
  #logic(tree: Logic): Expr {
    const terms = [this.build(tree.first)]
    for (const term of tree.rest.slice(0, tree.ops.length)) terms.push(this.build(term))
    if (terms.length <= tree.ops.length) {
      return this.#error(tree.start.at, `unexpected character, wanted '${tree.fn.slice(1, -1)}'`)
    }
    const balanced = (low: number, high: number): Expr => {
      const middle = (low + high + 1) >> 1
      const left = middle === low ? terms[middle]! : balanced(low, middle - 1)
      const right = middle === high ? terms[middle + 1]! : balanced(middle + 1, high)
      return this.#make.call(tree.ops[middle]!.at, tree.fn, [left, right])
    }
    return tree.ops.length === 0 ? terms[0]! : balanced(0, tree.ops.length - 1)
  }

  #entries(tree: MapTree): readonly MapEntry[] {
    const entries: MapEntry[] = []
    for (const [i, colon] of tree.colons.entries()) {
      const key = tree.keys[i]
      if (key === undefined || i >= tree.values.length) return []
      if (key.optional !== undefined && !this.#options.optionals) {
        this.#error(key.optional.at, "unsupported syntax '?'")
        continue
      }
      const id = this.#make.id()
      const built = { key: this.build(key.value), value: this.build(tree.values[i]) }
      entries.push({ id, at: colon.at, ...built, optional: key.optional !== undefined })
    }
    return entries
  }

  #message(tree: MessageTree): Expr {
    const id = this.#make.id()
    const fields: MessageField[] = []
    for (const [i, field] of tree.fields.entries()) {
      const colon = tree.colons[i]
      if (colon === undefined || i >= tree.values.length) break
      if (field.optional !== undefined && !this.#options.optionals) {
        this.#error(field.optional.at, "unsupported syntax '?'")
        continue
      }
      const [first] = tree.fields
      const name = this.#identifier(field.name, first!.optional?.at ?? placeOf(first!.name))
      if (name === undefined) continue
      const fieldId = this.#make.id()
      const value = this.build(tree.values[i])
      fields.push({ id: fieldId, at: colon.at, name, value, optional: field.optional !== undefined })
    }
    const name = (tree.dot ? '.' : '') + tree.names.map((token) => this.#text(token)).join('.')
    return { kind: 'message', id, at: tree.open?.at ?? tree.start.at, type: name, fields }
  }

  #literal(tree: LiteralTree): Expr {
    const text = this.#text(tree.token)
    const at = tree.start.at
    switch (tree.token.kind) {
      case 'NUM_INT':
        return this.#valued(at, 'int', intLiteral(text, tree.negative))
      case 'NUM_UINT':
        return this.#valued(at, 'uint', uintLiteral(text))
      case 'NUM_FLOAT':
        return this.#valued(at, 'double', doubleLiteral(text, tree.negative))
      case 'STRING':
        return this.#valued(at, 'string', stringLiteral(text))
      case 'BYTES':
        return this.#valued(at, 'bytes', bytesLiteral(text))
      case "'true'":
        return this.#make.literal(at, 'bool', true)
      case "'false'":
        return this.#make.literal(at, 'bool', false)
      default:
        return this.#make.literal(at, 'null', null)
    }
  }

  #valued(at: number, type: 'int' | 'uint' | 'double' | 'string' | 'bytes', value: unknown): Expr {
    if (isBad(value)) return this.#error(at, value.bad)
    return this.#make.literal(at, type, value)
  }

  #call(place: Token, fn: string, args: readonly Expr[], target?: Expr): Expr {
    const key = macroKey(fn, args.length, target !== undefined)
    const macro = this.#options.macros.has(key) ? MACROS.get(key) : undefined
    if (macro === undefined) return this.#make.call(place.at, fn, args, target)
    const result = macro({ at: place.at, make: this.#make, target: target ?? args[0]!, args })
    return isMacroError(result) ? this.#error(result.at, result.message) : result
  }

  #optional(element: Element): boolean {
    if (element.optional === undefined) return false
    if (!this.#options.optionals) this.#error(element.optional.at, "unsupported syntax '?'")
    return true
  }

  /** The name of a field; undefined after an error at `at`. */
  #identifier(name: Token | Broken, at: number): string | undefined {
    const text = 'rule' in name ? undefined : this.#text(name)
    if (text !== undefined && !text.startsWith('`')) return text
    if (text !== undefined && this.#options.escapedIdentifiers === 'allowed') return text.slice(1, -1)
    this.#error(at, text === undefined ? 'unsupported ident kind' : "unsupported syntax: '`'")
    return undefined
  }

  #error(at: number, message: string): Expr {
    if (this.issues.length < MAX_ISSUES) this.issues.push(this.#source.issue(message, at))
    return this.#nothing(at)
  }

  #nothing(at: number): Expr {
    return this.#make.literal(at, 'null', null)
  }

  #text(token: Token): string {
    return this.#source.text.slice(token.at, token.end)
  }
}

function placeOf(name: Token | Broken): number {
  return 'rule' in name ? name.start.at : name.at
}

function isBad(value: unknown): value is BadLiteral {
  return typeof value === 'object' && value !== null && 'bad' in value
}
