import type { Call, Comprehension, Expr } from '../../../cel/ast.ts'
import { isGuarded } from '../../../cel/run/plan/guarded.ts'
import { type Depth, Draft } from './draft.ts'
import { either, itemOf, MADE, type Origin } from './origin.ts'
import type { Place } from './place.ts'

/** More places are dearer to compare than most expressions to evaluate. */
export const MAX_PLACES = 128
const MAX_DEPTH = 100

/** The expression may read what a place in the object does not say: the request, params, the authorizer. */
export class Untold extends Error {}

export interface Told {
  readonly origin: Origin
  readonly reads: Draft
}

/** The roots of an activation that are not the object. */
const OTHER_ROOTS: ReadonlySet<string> = new Set(['oldObject', 'namespaceObject', 'request', 'params', 'authorizer'])

/** One expression, on its way. */
export class Reading {
  readonly reads = new Draft()
  readonly #root: Place
  readonly #isKind: (kind: string) => boolean | undefined
  readonly #variable: (name: string) => Told
  readonly #withGuarded: boolean
  /** What comprehensions bind, the innermost last. */
  readonly #bound: (readonly [name: string, origin: Origin])[] = []
  #depth = 0

  constructor(
    root: Place,
    isKind: (kind: string) => boolean | undefined,
    variable: (name: string) => Told,
    withGuarded: boolean,
  ) {
    this.#root = root
    this.#withGuarded = withGuarded
    this.#isKind = isKind
    this.#variable = variable
  }

  take({ places, items }: Origin, depth: Depth): void {
    for (const place of places) this.reads[depth].push(place)
    // The length of a list that was made rests on what is read already.
    if (items !== undefined && depth === 'whole') this.take(items, depth)
  }

  originOf(expr: Expr): Origin {
    if (++this.#depth > MAX_DEPTH) throw new Untold()
    try {
      return this.#originOf(expr)
    } finally {
      this.#depth--
    }
  }

  #originOf(expr: Expr): Origin {
    switch (expr.kind) {
      case 'literal':
        return typeof expr.value === 'string' ? { places: [], texts: [expr.value] } : MADE
      case 'ident':
        return this.#ident(expr.name)
      case 'select': {
        if (this.#isVariables(expr.operand)) return this.#variableNamed(expr.field)
        const selected = this.#field(this.originOf(expr.operand), expr.field)
        return expr.test ? MADE : selected
      }
      case 'list':
        return this.#list(expr.elements, expr.optional)
      case 'map':
        for (const { key, value } of expr.entries) {
          this.#whole(key)
          this.#whole(value)
        }
        return MADE
      case 'call':
        return this.#call(expr)
      case 'comprehension':
        return this.#comprehension(expr)
      default:
        throw new Untold()
    }
  }

  /** Whether it is there decides what going there costs, and whether that fails, even where nobody looks at the value. */
  #field({ places }: Origin, key: string): Origin {
    if (places.length === 0) return MADE
    if (places.length > MAX_PLACES) throw new Untold()
    const field: Origin = { places: places.map((place) => place.field(key)) }
    this.take(field, 'presence')
    return field
  }

  #ident(written: string): Origin {
    const name = written.startsWith('.') ? written.slice(1) : written
    for (let at = this.#bound.length - 1; at >= 0 && name === written; at--) {
      const [bound, origin] = this.#bound[at] as readonly [string, Origin]
      if (bound === name) return origin
    }
    if (name === 'object') return { places: [this.#root] }
    if (name === 'variables' || OTHER_ROOTS.has(name) || name.includes('.')) throw new Untold()
    // The name of a type.
    return MADE
  }

  #isVariables(expr: Expr): boolean {
    return expr.kind === 'ident' && expr.name === 'variables' && !this.#bound.some(([name]) => name === 'variables')
  }

  #variableNamed(name: string): Origin {
    const { origin, reads } = this.#variable(name)
    this.reads.within.add(reads)
    return origin
  }

  #whole(expr: Expr | undefined): Origin {
    if (expr !== undefined) this.take(this.originOf(expr), 'whole')
    return MADE
  }

  #list(elements: readonly Expr[], optional: ReadonlySet<number>): Origin {
    const each = elements.map((element, index) => {
      const origin = this.originOf(element)
      if (optional.has(index)) this.take(origin, 'presence')
      return origin
    })
    const [first = MADE, ...others] = each
    const items = others.reduce(either, first)
    return optional.size > 0 ? { places: [], items } : { places: [], items, each }
  }

  #call({ fn, target, args }: Call): Origin {
    const [first, second, third] = args
    // Functions of these names that are no members take their operands from `args`, if there are any.
    switch (target === undefined && MEMBERS.has(fn) ? '' : fn) {
      case '_&&_':
        this.#whole(first)
        if (this.#withGuarded || second === undefined || !isGuarded(second)) this.#whole(second)
        return MADE
      case '_?_:_':
        return this.#choice(first as Expr, second as Expr, third as Expr)
      case '_?._':
      case '_[_]':
      case '_[?_]':
        return this.#indexed(first as Expr, second as Expr)
      case '_+_':
        return this.#sum(first as Expr, second as Expr)
      case 'size':
        this.take(this.originOf(target ?? (first as Expr)), 'extent')
        return MADE
      case 'dyn':
      case 'optional.of':
        return this.originOf(first as Expr)
      case 'optional.none':
        return MADE
      case 'hasValue':
      case 'value': {
        const origin = this.originOf(target as Expr)
        this.take(origin, 'presence')
        return fn === 'value' ? origin : MADE
      }
      case 'or':
      case 'orValue': {
        const origin = this.originOf(target as Expr)
        this.take(origin, 'presence')
        return either(origin, this.originOf(first as Expr))
      }
      default:
        this.#whole(target)
        for (const each of args) this.#whole(each)
        return MADE
    }
  }

  #choice(condition: Expr, yes: Expr, no: Expr): Origin {
    const decided = this.#isOfKind(condition)
    if (decided !== undefined) return this.originOf(decided ? yes : no)
    this.#whole(condition)
    return either(this.originOf(yes), this.originOf(no))
  }

  /** `object.kind == 'Pod'` is known, for some kinds. */
  #isOfKind(expr: Expr): boolean | undefined {
    if (expr.kind !== 'call' || expr.fn !== '_==_') return undefined
    const [left, right] = expr.args
    if (left?.kind !== 'select' || left.test || left.field !== 'kind' || right?.kind !== 'literal') return undefined
    const { operand } = left
    if (operand.kind !== 'ident' || operand.name !== 'object' || this.#bound.some(([name]) => name === 'object'))
      return undefined
    return typeof right.value === 'string' ? this.#isKind(right.value) : undefined
  }

  #indexed(operand: Expr, index: Expr): Origin {
    if (this.#isVariables(operand)) throw new Untold()
    const origin = this.originOf(operand)
    const by = this.originOf(index)
    if (by.texts !== undefined && by.places.length === 0 && by.items === undefined) {
      let field: Origin = MADE
      for (const text of by.texts) field = either(field, this.#field(origin, text))
      return field
    }
    this.take(by, 'whole')
    // Which item of a list that was made rests on what is read already.
    const { places, items, each } = origin
    const item = index.kind === 'literal' && typeof index.value === 'number' ? each?.[index.value] : undefined
    if (places.length === 0 && items !== undefined) return item ?? items
    this.take(origin, 'whole')
    return MADE
  }

  /** Of lists, whose items stand where they stood; of all else it is made of both. */
  #sum(left: Expr, right: Expr): Origin {
    const [a, b] = [this.originOf(left), this.originOf(right)]
    this.take(a, 'extent')
    this.take(b, 'extent')
    // Of texts it is another text.
    const { texts: _, ...sum } = either(a, b)
    return sum
  }

  #comprehension(expr: Comprehension): Origin {
    const { macro, step } = expr
    if (macro === 'bind') {
      const bound = this.originOf(expr.init)
      return this.#within([[expr.accumulator, bound]], () => this.originOf(expr.result))
    }
    const range = this.originOf(expr.range)
    this.take(range, 'extent')
    const item = itemOf(range)
    const bound: [string, Origin][] =
      expr.variable2 === undefined
        ? [[expr.variable, item]]
        : [
            [expr.variable, MADE],
            [expr.variable2, item],
          ]
    if (step.kind !== 'call') throw new Untold()
    return this.#within([...bound, [expr.accumulator, MADE]], () => {
      switch (macro) {
        case 'all':
        case 'exists':
          return this.#whole(step.args[1])
        case 'existsOne':
          return this.#whole(step.args[0])
        case 'filter':
          this.#whole(step.args[0])
          return range
        case 'map':
        case 'transformList':
          return this.#mapped(step)
        default:
          throw new Untold()
      }
    })
  }

  /** `accumulator + [element]`, or that under a condition. */
  #mapped(step: Call): Origin {
    const isFiltered = step.fn === '_?_:_'
    if (isFiltered) this.#whole(step.args[0])
    const append = isFiltered ? step.args[1] : step
    const made = append?.kind === 'call' ? append.args[1] : undefined
    const element = made?.kind === 'list' ? made.elements[0] : undefined
    if (element === undefined) throw new Untold()
    return { places: [], items: this.originOf(element) }
  }

  #within(bound: readonly (readonly [string, Origin])[], read: () => Origin): Origin {
    this.#bound.push(...bound)
    try {
      return read()
    } finally {
      this.#bound.length -= bound.length
    }
  }
}

const MEMBERS: ReadonlySet<string> = new Set(['hasValue', 'value', 'or', 'orValue'])
