import type { Call, Comprehension, Expr } from '../../../cel/ast.ts'
import type { Place } from './place.ts'

/**
 * What an expression asks of a place: the whole value; its `extent`, which is the length of a list and the whole of
 * anything else; or its `presence`: whether it is there, and of which kind.
 */
export type Depth = 'whole' | 'extent' | 'presence'

export interface Reads {
  readonly whole: Set<Place>
  readonly extent: Set<Place>
  readonly presence: Set<Place>
}

/** What is known of a value without evaluating: at which places of the object it may stand. */
interface Origin {
  readonly places: readonly Place[]
  /** Of the items of a list that the expression makes. */
  readonly items?: Origin
  /** Of a list that is written item by item: these, one by one. */
  readonly each?: readonly Origin[]
  /** It is one of these texts, or nothing. */
  readonly texts?: readonly string[]
}

/** Made of nothing but what was read on the way to it. */
const MADE: Origin = { places: [] }

/** More places are dearer to compare than most expressions to evaluate. */
const MAX_PLACES = 128
const MAX_DEPTH = 100

/** The expression may read what a place in the object does not say: the request, params, the authorizer. */
class Untold extends Error {}

interface Told {
  readonly origin: Origin
  readonly reads: Draft
}

/** What one expression reads, and the variables that it names. */
class Draft {
  readonly whole: Place[] = []
  readonly extent: Place[] = []
  readonly presence: Place[] = []
  readonly within = new Set<Draft>()

  addTo(all: Reads, seen: Set<Draft>): void {
    if (seen.has(this)) return
    seen.add(this)
    for (const place of this.whole) all.whole.add(place)
    for (const place of this.extent) all.extent.add(place)
    for (const place of this.presence) all.presence.add(place)
    for (const draft of this.within) draft.addTo(all, seen)
  }
}

/** The expression of a variable; undefined where it does not compile. */
export type VariableExpr = (
  slot: number,
) => { readonly expr: Expr; readonly names: ReadonlyMap<string, number> } | undefined

/**
 * Tells, without evaluating, which places of an object the expressions of policies read: whatever two objects
 * of the kind have elsewhere, where these places are equal an expression gives the same value at the same cost. More may
 * be told than is read, never less: what is not understood is told as everything (undefined).
 */
export class Reader {
  readonly #root: Place
  readonly #kind: string
  readonly #kinds: ReadonlySet<string>
  readonly #variable: VariableExpr
  readonly #variables = new Map<number, Told | undefined>()

  /** `kind`: which of these `kinds` `object.kind` is; of an object of any other kind, empty. */
  constructor(root: Place, kind: string, kinds: ReadonlySet<string>, variable: VariableExpr) {
    this.#root = root
    this.#kind = kind
    this.#kinds = kinds
    this.#variable = variable
  }

  /** What evaluating these reads, of one policy, where so much of their values counts; undefined: it cannot be told. */
  reads(exprs: readonly Expr[], names: ReadonlyMap<string, number>, depth: Depth): Reads | undefined {
    const all: Reads = { whole: new Set(), extent: new Set(), presence: new Set() }
    const seen = new Set<Draft>()
    try {
      for (const expr of exprs) {
        const reading = this.#reading(names)
        reading.take(reading.originOf(expr), depth)
        reading.reads.addTo(all, seen)
      }
    } catch (error) {
      if (error instanceof Untold) return undefined
      throw error
    }
    return all.whole.size + all.extent.size + all.presence.size > MAX_PLACES ? undefined : all
  }

  #reading(names: ReadonlyMap<string, number>): Reading {
    return new Reading(
      this.#root,
      (kind) => (this.#kinds.has(kind) ? kind === this.#kind : undefined),
      (name) => this.#variableOf(names, name),
    )
  }

  #variableOf(names: ReadonlyMap<string, number>, name: string): Told {
    const slot = names.get(name)
    if (slot === undefined) throw new Untold()
    if (!this.#variables.has(slot)) this.#variables.set(slot, this.#told(slot))
    const told = this.#variables.get(slot)
    if (told === undefined) throw new Untold()
    return told
  }

  #told(slot: number): Told | undefined {
    const variable = this.#variable(slot)
    if (variable === undefined) return undefined
    const reading = this.#reading(variable.names)
    try {
      return { origin: reading.originOf(variable.expr), reads: reading.reads }
    } catch (error) {
      if (error instanceof Untold) return undefined
      throw error
    }
  }
}

/** The roots of an activation that are not the object. */
const OTHER_ROOTS: ReadonlySet<string> = new Set(['oldObject', 'namespaceObject', 'request', 'params', 'authorizer'])

/** One expression, on its way. */
class Reading {
  readonly reads = new Draft()
  readonly #root: Place
  readonly #isKind: (kind: string) => boolean | undefined
  readonly #variable: (name: string) => Told
  /** What comprehensions bind, the innermost last. */
  readonly #bound: (readonly [name: string, origin: Origin])[] = []
  #depth = 0

  constructor(root: Place, isKind: (kind: string) => boolean | undefined, variable: (name: string) => Told) {
    this.#root = root
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

/** Whoever goes through a value has taken its extent: of a map that is all of it. */
function itemOf({ places, items = MADE }: Origin): Origin {
  if (places.length === 0) return items
  return either({ places: places.map((place) => place.items) }, items)
}

/** What may be the one or the other; with `MADE` it may be any text. */
function either(a: Origin, b: Origin): Origin {
  if (a === b) return a
  const places = [...new Set([...a.places, ...b.places])]
  const items = a.items && b.items ? either(a.items, b.items) : (a.items ?? b.items)
  const texts = a.texts && b.texts ? { texts: [...new Set([...a.texts, ...b.texts])] } : {}
  return items === undefined ? { places, ...texts } : { places, items, ...texts }
}
