import { DYN, listOf, mapOf, type Type, typeOf } from '../type.ts'

/** Types may share parts, so that a short expression has a type of exponential size: this much work, and no more. */
export const MAX_STEPS = 5_000_000

/** The types of an expression take more than `MAX_STEPS` to compare. */
export class TooComplex {}

/**
 * What the type parameters of one expression stand for (cel-go checker/mapping.go, types.go). An assignment that fails
 * leaves nothing behind.
 */
export class Unifier {
  readonly #bound = new Map<string, Type>()
  /** What to put back, newest last. */
  readonly #trail: (readonly [name: string, before: Type | undefined])[] = []
  #variables = 0
  #steps = 0

  /** A type parameter of its own, by cel-go's names. */
  variable(): Type {
    return { kind: 'param', name: `_var${this.#variables++}` }
  }

  /** Whether each of `from` may stand where `to` is asked for; binds parameters if so. */
  assignAll(from: readonly Type[], to: readonly Type[]): boolean {
    this.#trail.length = 0
    if (this.#assignEach(from, to)) return true
    for (const [name, before] of this.#trail.toReversed()) {
      if (before === undefined) this.#bound.delete(name)
      else this.#bound.set(name, before)
    }
    return false
  }

  assign(from: Type, to: Type): boolean {
    return this.assignAll([from], [to])
  }

  /** `type` with its bound parameters replaced; with `dyn`, the free ones by dyn. */
  substitute(type: Type, dyn: boolean): Type {
    this.#step()
    switch (type.kind) {
      case 'param': {
        const bound = this.#bound.get(type.name)
        if (bound !== undefined) return this.substitute(bound, dyn)
        return dyn ? DYN : type
      }
      case 'opaque':
        return type.parameters.length === 0
          ? type
          : { ...type, parameters: type.parameters.map((parameter) => this.substitute(parameter, dyn)) }
      case 'list':
        return listOf(this.substitute(type.element, dyn))
      case 'map':
        return mapOf(this.substitute(type.key, dyn), this.substitute(type.value, dyn))
      case 'type':
        return typeOf(this.substitute(type.of, dyn))
      default:
        return type
    }
  }

  /** The same type, parameters by name. */
  same(a: Type, b: Type): boolean {
    this.#step()
    if (a === b) return true
    if (a.kind !== b.kind || nameOf(a) !== nameOf(b)) return false
    const [left, right] = [parametersOf(a), parametersOf(b)]
    return left.length === right.length && left.every((parameter, i) => this.same(parameter, right[i]!))
  }

  /** The more general of two types that unify. */
  mostGeneral(a: Type, b: Type): Type {
    return this.#lessSpecific(a, b) ? a : b
  }

  #assignEach(from: readonly Type[], to: readonly Type[]): boolean {
    return from.length === to.length && from.every((type, i) => this.#assign(type, to[i]!))
  }

  #assign(from: Type, to: Type): boolean {
    this.#step()
    if (to.kind === 'param') {
      const [valid, bound] = this.#stands(from, to)
      if (valid || bound) return valid
    }
    if (from.kind === 'param') return this.#stands(to, from)[0]
    if (isDynOrError(from) || isDynOrError(to)) return true
    if (from.kind === 'null') return isNullable(to)
    if (to.kind === 'null') return isNullable(from)
    if (from.kind === 'type') return to.kind === 'type'
    return (
      from.kind === to.kind && nameOf(from) === nameOf(to) && this.#assignEach(parametersOf(from), parametersOf(to))
    )
  }

  /** Whether the parameter may stand for the type, and whether it was bound already (types.go isValidTypeSubstitution). */
  #stands(type: Type, parameter: Type & { kind: 'param' }): readonly [valid: boolean, bound: boolean] {
    if (type.kind === 'param' && type.name === parameter.name) return [true, true]
    const bound = this.#bound.get(parameter.name)
    if (bound === undefined) {
      if (this.#occurs(parameter, type)) return [false, false]
      this.#bind(parameter, type)
      return [true, false]
    }
    if (this.same(type, bound)) return [true, true]
    if (!this.#assign(type, bound)) return [false, true]
    const general = this.mostGeneral(type, bound)
    if (!this.#occurs(parameter, general)) this.#bind(parameter, general)
    return [true, true]
  }

  #bind(parameter: Type & { kind: 'param' }, type: Type): void {
    this.#trail.push([parameter.name, this.#bound.get(parameter.name)])
    this.#bound.set(parameter.name, type)
  }

  #occurs(parameter: Type & { kind: 'param' }, within: Type): boolean {
    this.#step()
    if (within.kind !== 'param') return parametersOf(within).some((part) => this.#occurs(parameter, part))
    if (within.name === parameter.name) return true
    const bound = this.#bound.get(within.name)
    return bound !== undefined && this.#occurs(parameter, bound)
  }

  #lessSpecific(a: Type, b: Type): boolean {
    this.#step()
    if (a.kind === 'dyn' || a.kind === 'param') return true
    if (b.kind === 'dyn' || b.kind === 'param' || a.kind !== b.kind) return false
    if (a.kind === 'type') return true
    const [left, right] = [parametersOf(a), parametersOf(b)]
    return (
      nameOf(a) === nameOf(b) &&
      left.length === right.length &&
      left.every((parameter, i) => this.#lessSpecific(parameter, right[i]!))
    )
  }

  #step(): void {
    if (++this.#steps > MAX_STEPS) throw new TooComplex()
  }
}

export function isDynOrError(type: Type): boolean {
  return type.kind === 'dyn' || type.kind === 'error'
}

/** The type in an optional, or the type itself. */
export function unwrapOptional(type: Type): readonly [type: Type, optional: boolean] {
  return type.kind === 'opaque' && type.name === 'optional_type' ? [type.parameters[0]!, true] : [type, false]
}

/** What null may stand for (types.go isLegacyNullable). */
function isNullable(type: Type): boolean {
  return ['null', 'opaque', 'object', 'duration', 'timestamp'].includes(type.kind)
}

export function nameOf(type: Type): string {
  return type.kind === 'opaque' || type.kind === 'object' || type.kind === 'param' ? type.name : ''
}

export function parametersOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case 'list':
      return [type.element]
    case 'map':
      return [type.key, type.value]
    case 'type':
      return [type.of]
    case 'opaque':
      return type.parameters
    default:
      return []
  }
}
