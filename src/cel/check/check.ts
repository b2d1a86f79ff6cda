import type { Call, Comprehension, Expr, ListExpr, MapExpr, MessageExpr, Select } from '../ast.ts'
import type { Env } from '../env.ts'
import type { Issue } from '../error.ts'
import type { FunctionDecl, Overload } from '../library.ts'
import { MAX_ISSUES, Source, sorted } from '../syntax/source.ts'
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  ERROR,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  type Type,
  typeText,
  UINT,
} from '../type.ts'
import type { Value } from '../value.ts'
import { formatSignature, formatType } from './format.ts'
import { qualifiers, type Resolved, resolve, resolveType } from './resolve.ts'
import { Scope } from './scope.ts'
import { isDynOrError, MAX_STEPS, TooComplex, Unifier, unwrapOptional } from './unify.ts'
import { Crash, validate } from './validate.ts'

/** What the name or the call at a node stands for. */
export type Reference =
  | {
      readonly kind: 'ident'
      /** Without a leading dot. The node may be a `select`: `authorizer.requestResource` is one variable. */
      readonly name: string
      readonly value?: Value
      /** A variable of a comprehension, not of the environment. */
      readonly local: boolean
    }
  | {
      readonly kind: 'function'
      readonly name: string
      /** All that may be meant: several where types are known at run time only. */
      readonly overloads: readonly Overload[]
      /** The target of the call is part of the name: `optional.of(x)`. */
      readonly global: boolean
    }

export interface Checked {
  readonly type: Type
  readonly types: ReadonlyMap<number, Type>
  readonly references: ReadonlyMap<number, Reference>
  readonly issues?: undefined
}

/**
 * Gives every node its type and every name its meaning (cel-go checker/checker.go), then looks at literals as the
 * environment's validators do (cel/validator.go). `text`: what `expr` was parsed of, for the places of issues.
 */
export function check(expr: Expr, env: Env, text: string): Checked | { readonly issues: readonly Issue[] } {
  const source = new Source(text)
  const checker = new Checker(env, source)
  try {
    checker.check(expr)
    if (checker.issues.length > 0) return { issues: sorted(checker.issues) }
    const checked = checker.result(expr)
    const issues = validate(expr, checked, source, env)
    if (issues.length > 0) return { issues: sorted(issues) }
    if (env.minor === 32 && [...checked.types.values()].some((type) => UNWRITABLE.test(formatType(type))))
      return { issues: [{ message: UNWRITTEN, line: -1, column: -1 }] }
    return checked
  } catch (cause) {
    if (cause instanceof Crash) return { issues: [source.issue(cause.message)] }
    if (!(cause instanceof TooComplex)) throw cause
    return { issues: sorted([...checker.issues, source.issue(`expression types take more than ${MAX_STEPS} steps`)]) }
  }
}

const LITERALS = { null: NULL, bool: BOOL, int: INT, uint: UINT, double: DOUBLE, string: STRING, bytes: BYTES }

/** No type at all, which nothing takes, has fields or can be written down. */
const UNTYPED: Type = { kind: 'object', name: '' }

/** k8s.io/apiserver pkg/cel/environment and cel-go's AstToCheckedExpr: how a type that is none is refused at last. */
const UNWRITTEN = 'unexpected compilation error: missing type conversion to proto:'
const UNWRITABLE = /^$|\($|\(\)|, \)|\(,/

class Checker {
  readonly issues: Issue[] = []
  readonly #env: Env
  readonly #source: Source
  readonly #unifier = new Unifier()
  readonly #types = new Map<number, Type>()
  readonly #references = new Map<number, Reference>()
  #scope: Scope | undefined

  constructor(env: Env, source: Source) {
    this.#env = env
    this.#source = source
  }

  result(expr: Expr): Checked {
    for (const [id, type] of this.#types) this.#types.set(id, this.#unifier.substitute(type, true))
    return { type: this.#types.get(expr.id)!, types: this.#types, references: this.#references }
  }

  check(expr: Expr): Type {
    const type = this.#typeOf(expr)
    const before = this.#types.get(expr.id)
    // Until 1.31 `optMap` uses its target twice without a copy, and type parameters get other names the second time.
    if (before !== undefined && !this.#unifier.same(before, type)) {
      const types = `old:${typeText(before)}, new:${typeText(type)}`
      this.#error(expr, `incompatible type already exists for expression: (${expr.id}) ${types}`)
      return before
    }
    this.#types.set(expr.id, type)
    return type
  }

  #typeOf(expr: Expr): Type {
    switch (expr.kind) {
      case 'literal':
        return LITERALS[expr.type]
      case 'ident': {
        const found = resolve(this.#env, this.#scope, [expr.name])
        return found === undefined ? this.#undeclared(expr, expr.name) : this.#refer(expr, found)
      }
      case 'select':
        return this.#select(expr)
      case 'call':
        return expr.fn === '_?._' ? this.#optionalSelect(expr) : this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'message':
        return this.#message(expr)
      case 'comprehension':
        return this.#comprehension(expr)
    }
  }

  #select(expr: Select): Type {
    const names = expr.test ? undefined : qualifiers(expr)
    const found = names === undefined ? undefined : resolve(this.#env, this.#scope, names)
    if (found !== undefined) return this.#refer(expr, found)
    const type = this.#field(expr, expr.operand, expr.field, false)
    return expr.test ? BOOL : this.#unifier.substitute(type, false)
  }

  #optionalSelect(expr: Call): Type {
    const [operand, field] = expr.args
    if (operand === undefined || field?.kind !== 'literal' || typeof field.value !== 'string') {
      return this.#error(expr, 'unsupported optional field selection: incorrect signature. argument count: 0')
    }
    const type = this.#unifier.substitute(this.#field(expr, operand, field.value, true), false)
    const overloads = this.#env.functions.get('_?._')?.overloads ?? []
    this.#references.set(expr.id, { kind: 'function', name: '_?._', overloads, global: false })
    return type
  }

  #field(expr: Expr, operand: Expr, field: string, optional: boolean): Type {
    const [target, wrapped] = unwrapOptional(this.#unifier.substitute(this.check(operand), false))
    const type = this.#fieldOf(expr, target, field)
    return wrapped || optional ? optionalOf(type) : type
  }

  #fieldOf(expr: Expr, target: Type, field: string): Type {
    switch (target.kind) {
      case 'map':
        return target.value
      case 'object':
        if (target !== UNTYPED) return this.#fieldType(expr, target.name, field) ?? ERROR
        break
      case 'param':
        this.#unifier.assign(DYN, target)
        return DYN
      default:
    }
    if (!isDynOrError(target)) this.#error(expr, `type '${formatType(target)}' does not support field selection`)
    return DYN
  }

  #fieldType(at: { readonly at: number }, structure: string, field: string): Type | undefined {
    const { provider } = this.#env
    const type = provider?.findField(structure, field)
    if (type !== undefined) return type
    // Types of libraries (quantities, the authorizer) are structures that no provider knows.
    const known = provider?.findType(structure) !== undefined
    this.#error(at, known ? `undefined field '${field}'` : `unexpected failed resolution of '${structure}'`)
    return undefined
  }

  #call(expr: Call): Type {
    const args = expr.args.map((arg) => this.check(arg))
    if (expr.target === undefined) {
      const fn = this.#function(expr.fn)
      return fn === undefined ? this.#undeclared(expr, expr.fn) : this.#overload(expr, fn, args, false, false)
    }
    const names = qualifiers(expr.target)
    const namespaced = names === undefined ? undefined : this.#function(`${names.join('.')}.${expr.fn}`)
    if (namespaced !== undefined) return this.#overload(expr, namespaced, args, false, true)
    const target = this.check(expr.target)
    const fn = this.#function(expr.fn)
    return fn === undefined ? this.#undeclared(expr, expr.fn) : this.#overload(expr, fn, [target, ...args], true, false)
  }

  #function(name: string): FunctionDecl | undefined {
    return this.#env.functions.get(name.startsWith('.') ? name.slice(1) : name)
  }

  /** checker.go resolveOverload: every overload that fits is a candidate; where their results differ it is dyn. */
  #overload(expr: Call, fn: FunctionDecl, args: readonly Type[], member: boolean, global: boolean): Type {
    const candidates: Overload[] = []
    let result: Type | undefined
    for (const overload of fn.overloads) {
      if (overload.member !== member) continue
      // cel-go v0.16 of 1.28 resolves them like any other function.
      if ((fn.name === '_&&_' || fn.name === '_||_') && this.#env.minor > 28) {
        candidates.push(overload)
        result = this.#logical(expr, args)
        break
      }
      const [wanted, returned] = this.#instantiate(overload)
      if (!this.#unifier.assignAll(args, wanted)) continue
      candidates.push(overload)
      const type = this.#unifier.substitute(returned, false)
      if (result === undefined) result = type
      else if (result.kind !== 'dyn' && !this.#unifier.same(type, result)) result = DYN
    }
    if (result === undefined) {
      const shown = args.map((type) => this.#unifier.substitute(type, true))
      return this.#error(
        expr,
        `found no matching overload for '${fn.name}' applied to '${formatSignature(shown, member)}'`,
      )
    }
    if (result.kind !== 'error') {
      this.#references.set(expr.id, { kind: 'function', name: fn.name, overloads: candidates, global })
    }
    return result
  }

  #logical(expr: Call, args: readonly Type[]): Type {
    let result: Type = BOOL
    for (const [i, type] of args.entries()) {
      if (this.#unifier.assign(type, BOOL)) continue
      result = this.#mismatch(expr.args[i]!, BOOL, type)
    }
    return result
  }

  /** The signature with type parameters of this call alone. */
  #instantiate(overload: Overload): readonly [args: readonly Type[], result: Type] {
    const fresh = new Map<string, Type>()
    const replace = (type: Type): Type => {
      switch (type.kind) {
        case 'param': {
          const known = fresh.get(type.name) ?? this.#unifier.variable()
          fresh.set(type.name, known)
          return known
        }
        case 'list':
          return listOf(replace(type.element))
        case 'map':
          return mapOf(replace(type.key), replace(type.value))
        case 'type':
          return { kind: 'type', of: replace(type.of) }
        case 'opaque':
          return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map(replace) }
        default:
          return type
      }
    }
    const result = replace(overload.result)
    return [overload.args.map(replace), result]
  }

  #list(expr: ListExpr): Type {
    let joined: Type | undefined
    for (const [i, element] of expr.elements.entries()) {
      const type = this.check(element)
      joined = this.#join(element, joined, expr.optional.has(i) ? this.#unwrap(element, type) : type)
    }
    return listOf(joined ?? this.#unifier.variable())
  }

  #map(expr: MapExpr): Type {
    let key: Type | undefined
    let value: Type | undefined
    for (const entry of expr.entries) {
      key = this.#join(entry.key, key, this.check(entry.key))
      const type = this.check(entry.value)
      value = this.#join(entry.value, value, entry.optional ? this.#unwrap(entry.value, type) : type)
    }
    const free = key ?? this.#unifier.variable()
    return mapOf(free, value ?? this.#unifier.variable())
  }

  #unwrap(expr: Expr, type: Type): Type {
    const [inner, optional] = unwrapOptional(type)
    if (!optional && inner.kind !== 'dyn') this.#mismatch(expr, optionalOf(inner), inner)
    return inner
  }

  #join(expr: Expr, before: Type | undefined, type: Type): Type {
    if (before === undefined) return type
    if (this.#unifier.assign(before, type)) return this.#unifier.mostGeneral(before, type)
    return this.#env.aggregates === 'checked' ? this.#mismatch(expr, before, type) : DYN
  }

  #message(expr: MessageExpr): Type {
    const found = resolveType(this.#env, this.#scope, expr.type)
    if (found === undefined) return this.#undeclared(expr, expr.type)
    this.#refer(expr, found)
    const type = this.#constructed(expr, found)
    for (const field of expr.fields) {
      const given = this.check(field.value)
      const wanted = type.kind === 'object' ? this.#fieldType(field, type.name, field.name) : undefined
      const value = field.optional ? this.#unwrap(field.value, given) : given
      if (wanted !== undefined && !this.#unifier.assign(wanted, value)) {
        const types = `'${formatType(wanted)}' but provided type is '${formatType(value)}'`
        this.#error(field, `expected type of field '${field.name}' is ${types}`)
      }
    }
    return type
  }

  #constructed(expr: MessageExpr, { type, name }: Resolved): Type {
    if (type.kind === 'error') return ERROR
    if (type.kind !== 'type') return this.#error(expr, `'${formatType(type)}' is not a type`)
    return type.of.kind === 'object' ? type.of : this.#error(expr, `'${name}' is not a message type`)
  }

  #comprehension(expr: Comprehension): Type {
    this.check(expr.range)
    const accumulator = this.check(expr.init)
    const range = this.#unifier.substitute(this.#types.get(expr.range.id)!, false)
    const [first, second] = this.#iterated(expr, range)
    this.#scope = new Scope(this.#scope)
    this.#scope.declare(expr.accumulator, accumulator)
    this.#scope = new Scope(this.#scope)
    this.#scope.declare(expr.variable, first)
    if (expr.variable2 !== undefined) this.#scope.declare(expr.variable2, second)
    this.#expect(expr.condition, BOOL)
    this.#expect(expr.step, accumulator)
    this.#scope = this.#scope.parent
    const result = this.check(expr.result)
    this.#scope = this.#scope?.parent
    return this.#unifier.substitute(result, false)
  }

  /** The types of the first and the second variable; cel-go v0.22 of 1.32 forgot that of what is dynamic. */
  #iterated(expr: Comprehension, range: Type): readonly [first: Type, second: Type] {
    switch (range.kind) {
      case 'list':
        return expr.variable2 === undefined ? [range.element, range.element] : [INT, range.element]
      case 'map':
        return [range.key, range.value]
      case 'dyn':
      case 'error':
      case 'param':
        this.#unifier.assign(DYN, range)
        return [DYN, this.#env.minor === 32 ? UNTYPED : DYN]
      default: {
        const type = formatType(range)
        const wanted = '(must be list, map, or dynamic)'
        this.#error(expr.range, `expression of type '${type}' cannot be range of a comprehension ${wanted}`)
        return [ERROR, ERROR]
      }
    }
  }

  #expect(expr: Expr, type: Type): void {
    const found = this.check(expr)
    if (!this.#unifier.assign(type, found)) this.#mismatch(expr, type, found)
  }

  #refer(expr: Expr, { name, type, value, local }: Resolved): Type {
    this.#references.set(expr.id, { kind: 'ident', name, local, ...(value === undefined ? {} : { value }) })
    return type
  }

  #undeclared(expr: Expr, name: string): Type {
    return this.#error(expr, `undeclared reference to '${name}' (in container '')`)
  }

  #mismatch(expr: Expr, expected: Type, found: Type): Type {
    return this.#error(expr, `expected type '${formatType(expected)}' but found '${formatType(found)}'`)
  }

  #error(place: { readonly at: number }, message: string): Type {
    if (this.issues.length < MAX_ISSUES) this.issues.push(this.#source.issue(message, place.at))
    return ERROR
  }
}
