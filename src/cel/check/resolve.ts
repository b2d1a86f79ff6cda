import type { Expr } from '../ast.ts'
import type { Env } from '../env.ts'
import { type Type, typeOf } from '../type.ts'
import type { Value } from '../value.ts'
import type { Scope } from './scope.ts'

/** What a name means. `local`: a comprehension's variable. */
export interface Resolved {
  readonly name: string
  readonly type: Type
  readonly value?: Value
  readonly local: boolean
}

/** `a.b.c` of selections down to an identifier; undefined where something else is in between (ToQualifiedName). */
export function qualifiers(expr: Expr): readonly string[] | undefined {
  const names: string[] = []
  let at = expr
  while (at.kind === 'select') {
    if (at.test) return undefined
    names.push(at.field)
    at = at.operand
  }
  if (at.kind !== 'ident') return undefined
  names.push(at.name)
  return names.reverse()
}

/**
 * What `names`, joined by dots, means. Until 1.36 a local variable is one of the candidates; from cel-go v0.29 on (1.37)
 * it hides qualified names that begin with its own, and a leading dot passes it by (checker/env.go).
 */
export function resolve(env: Env, scope: Scope | undefined, names: readonly string[]): Resolved | undefined {
  const dotted = names[0]!.startsWith('.')
  const full = names.join('.')
  const name = dotted ? full.slice(1) : full
  if (env.minor < 37) {
    const local = scope?.find(name)
    return local === undefined ? global(env, name) : { name, type: local, local: true }
  }
  const local = dotted ? undefined : scope?.find(names[0]!)
  if (local === undefined) return global(env, name)
  return names.length === 1 ? { name, type: local, local: true } : undefined
}

/** A type by the name that a message literal gives. */
export function resolveType(env: Env, scope: Scope | undefined, name: string): Resolved | undefined {
  if (env.minor < 37) return resolve(env, scope, [name])
  return global(env, name.startsWith('.') ? name.slice(1) : name, true)
}

function global(env: Env, name: string, typesOnly = false): Resolved | undefined {
  const variable = typesOnly ? undefined : env.variables.get(name)
  if (variable !== undefined) return { name, type: variable, local: false }
  const identifier = env.identifiers.get(name)
  if (identifier !== undefined) return { name, ...identifier, local: false }
  const structure = env.provider?.findType(name)
  return structure === undefined ? undefined : { name, type: typeOf(structure), local: false }
}
