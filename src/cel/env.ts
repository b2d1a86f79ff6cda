import type { TypeProvider } from './check/provider.ts'
import { librariesOf } from './library/libraries.ts'
import type { FunctionDecl, Library, Minor, Overload } from './library.ts'
import { OPTIONAL, OPTIONAL_0, OPTIONAL_1, OPTIONAL_2, OPTIONAL_3 } from './standard/optional.ts'
import { STANDARD, STANDARD_BEFORE_37 } from './standard/standard.ts'
import { macroKey } from './syntax/macros/macro.ts'
import type { ParseOptions } from './syntax/parse.ts'
import { DURATION, TIMESTAMP, type Type, typeOf } from './type.ts'
import type { Value } from './value.ts'

/**
 * Whether an expression is written now, or was accepted before: stored ones may use all that the API server's binary
 * knows (k8s.io/apiserver pkg/cel/environment/environment.go).
 */
export type Mode = 'new' | 'stored'

/** What an expression is parsed, checked and planned against. */
export interface Env {
  /** The release of the API server: its cel-go and its costs. */
  readonly minor: Minor
  readonly mode: Mode
  readonly variables: ReadonlyMap<string, Type>
  readonly libraries: readonly Library[]
  readonly provider?: TypeProvider
  /** The libraries' functions by name, the overloads in the order in which they were declared. */
  readonly functions: ReadonlyMap<string, FunctionDecl>
  /** The libraries' types and constants by name. */
  readonly identifiers: ReadonlyMap<string, Identifier>
  readonly syntax: ParseOptions
  /**
   * Lists and maps of mixed types: refused by the checker (1.28), by a validator once all else is right (since cel-go v0.17.7
   * of 1.29), or taken, as plain CEL does.
   */
  readonly aggregates: 'checked' | 'validated' | 'mixed'
  /** Literals of durations, timestamps and patterns are looked at, as from 1.29 on. */
  readonly validated: boolean
  /** Constant patterns are known to be well formed: each is compiled when a text first meets it, which most never do. */
  readonly provenPatterns?: boolean
}

export interface Identifier {
  readonly type: Type
  readonly value?: Value
}

export interface EnvOptions {
  readonly minor: Minor
  readonly mode?: Mode
  readonly variables?: ReadonlyMap<string, Type>
  readonly provider?: TypeProvider
  readonly libraries: readonly Library[]
  /** The release whose language it is; absent: `minor`. */
  readonly language?: Minor
  /** Without cel.HomogeneousAggregateLiterals, which every Kubernetes environment has. */
  readonly mixed?: boolean
}

/** An environment of the libraries given, whatever their releases; of an overload declared twice the last one holds. */
export function makeEnv(options: EnvOptions): Env {
  const { minor, libraries, provider } = options
  const functions = new Map<string, FunctionDecl>()
  const identifiers = new Map<string, Identifier>()
  const macros = new Set<string>()
  for (const library of libraries) {
    for (const declared of library.functions ?? []) {
      const before = functions.get(declared.name)
      functions.set(declared.name, before === undefined ? declared : merged(before, declared))
    }
    for (const { name, type, value } of library.identifiers ?? []) {
      identifiers.set(name, value === undefined ? { type } : { type, value })
    }
    for (const macro of library.macros ?? []) macros.add(macroKey(macro.name, macro.arguments, macro.receiver))
  }
  return {
    minor,
    mode: options.mode ?? 'new',
    variables: options.variables ?? new Map(),
    libraries,
    ...(provider === undefined ? {} : { provider }),
    functions,
    identifiers,
    syntax: {
      macros,
      optionals: libraries.some((library) => library.name === OPTIONAL.name),
      accumulator: minor >= 33 ? '@result' : '__result__',
      shares: minor < 32,
      // cel-go v0.29 of 1.37 takes `a.\`b-c\`` by default; since v0.23 of 1.33 it is a token.
      escapedIdentifiers: minor >= 37 ? 'allowed' : minor >= 33 ? 'refused' : 'unknown',
    },
    aggregates: options.mixed ? 'mixed' : minor >= 29 ? 'validated' : 'checked',
    validated: (options.language ?? minor) >= 29,
  }
}

/** Names of scalars that a provider of declared types knows as well (k8s.io/apiserver pkg/cel/types.go findScalar). */
const SCALARS: Library = {
  name: 'kubernetes scalars',
  since: 0,
  identifiers: [
    { name: 'timestamp', type: typeOf(TIMESTAMP) },
    { name: 'duration', type: typeOf(DURATION) },
  ],
}

function optionalOf(minor: Minor): Library {
  if (minor >= 37) return OPTIONAL
  if (minor >= 33) return OPTIONAL_3
  if (minor >= 31) return OPTIONAL_2
  return minor >= 29 ? OPTIONAL_1 : OPTIONAL_0
}

/** The environment of k8s.io/apiserver pkg/cel/environment/base.go in a release. */
export function kubernetesEnv(
  options: Omit<EnvOptions, 'libraries'> & {
    /** Libraries besides those of every environment: `JSONPATCH` of mutating policies. */
    readonly libraries?: readonly Library[]
  },
): Env {
  const language = options.mode === 'stored' ? options.minor : (options.language ?? options.minor)
  const optional = language < 28 ? [] : [optionalOf(options.minor)]
  const scalars = options.provider === undefined ? [] : [SCALARS]
  const libraries = [
    STANDARD,
    ...(options.minor < 37 ? [STANDARD_BEFORE_37] : []),
    ...optional,
    ...scalars,
    ...librariesOf(options.minor, language),
    ...(options.libraries ?? []),
  ]
  return makeEnv({ ...options, language, libraries })
}

function merged(before: FunctionDecl, added: FunctionDecl): FunctionDecl {
  const overloads = new Map<string, Overload>(before.overloads.map((overload) => [overload.id, overload]))
  for (const overload of added.overloads) overloads.set(overload.id, overload)
  return { ...before, ...added, overloads: [...overloads.values()] }
}
