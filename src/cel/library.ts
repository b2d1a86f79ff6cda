import type { Type } from './type.ts'
import type { Value } from './value.ts'

/** A minor release of Kubernetes 1.x: 28 to 37. The release decides the language. */
export type Minor = number

/**
 * Functions, types and macros that come together (k8s.io/apiserver pkg/cel/environment/base.go). `since` is the release
 * whose *new* expressions may use it; stored ones may use what any later release knows.
 */
export interface Library {
  readonly name: string
  readonly since: Minor
  /** The first release that has it no longer, or has another version of it in its place. */
  readonly until?: Minor
  readonly functions?: readonly FunctionDecl[]
  /** Identifiers with a type and, where they are constants, a value: `optional_type`, `kubernetes.Quantity`. */
  readonly identifiers?: readonly { readonly name: string; readonly type: Type; readonly value?: Value }[]
  readonly macros?: readonly MacroDecl[]
}

export interface FunctionDecl {
  /** `isSorted`, `_+_`, `ip.isCanonical`. */
  readonly name: string
  readonly overloads: readonly Overload[]
  /** All overloads run the same way, on a list of whatever: decls.SingletonUnaryBinding with traits.ListerType. */
  readonly singleton?: 'list'
  /**
   * What a call costs for which the checker left several overloads: cel-go then asks with an empty overload id, which
   * only k8s.io/apiserver's CallCost answers, by the function's name; absent: 1.
   */
  readonly ambiguousCost?: (args: readonly Value[], result: Value, minor: Minor) => number
  /** The values' types are not looked at before an overload runs: decls.DisableTypeGuards. */
  readonly unguarded?: boolean
}

export interface Overload {
  /** cel-go's or Kubernetes' overload id: `list_int_sum`. Costs and issues name it. */
  readonly id: string
  /** Called on its first argument. */
  readonly member: boolean
  readonly args: readonly Type[]
  readonly result: Type
  /**
   * Called with as many values as `args` has, each of a kind that `args` says (params and dyn: of any kind). Throws
   * `CelError`. Elements of lists and fields of maps may be JSON: take them through `adapt`.
   */
  readonly run: (...args: readonly Value[]) => Value
  /**
   * What the call costs beyond its arguments, given them and the result (k8s.io/apiserver pkg/cel/library/cost.go
   * CallCost, else cel-go interpreter/runtimecost.go costCall); absent: 1. In units of cel-go's cost.
   */
  readonly cost?: (args: readonly Value[], result: Value, minor: Minor) => number
}

/** A macro by its name; the expansions are in `syntax/macros`. */
export interface MacroDecl {
  readonly name: string
  readonly arguments: number
  readonly receiver: boolean
}
