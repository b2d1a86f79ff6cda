import type { Expr } from './ast.ts'
import { check } from './check/check.ts'
import type { Env } from './env.ts'
import type { CelError, Issue, Unknown } from './error.ts'
import type { Meter } from './run/meter.ts'
import { PlanError } from './run/plan/planned.ts'
import { type Activation, Program } from './run/program.ts'
import { parse } from './syntax/parse.ts'
import type { Type } from './type.ts'
import type { Value } from './value.ts'

export type { Expr } from './ast.ts'
export type { TypeProvider } from './check/provider.ts'
export { type Env, kubernetesEnv, makeEnv } from './env.ts'
export { CelError, CostExceeded, type Issue, Unknown } from './error.ts'
export {
  type Attributes,
  AUTHORIZER_TYPE,
  type Authorizer,
  authorizerValue,
  type Decision,
  RESOURCE_CHECK_TYPE,
  type ResourceAttributes,
  requestResourceValue,
} from './library/authz.ts'
export { JSONPATCH } from './library/jsonpatch.ts'
export type { Library } from './library.ts'
export { Meter } from './run/meter.ts'
export type { Activation } from './run/program.ts'
export {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  objectType,
  STRING,
  TIMESTAMP,
  type Type,
  typeText,
  UINT,
} from './type.ts'
export { CelMap, Double, type Fields, type Opaque, Uint, type Value } from './value.ts'

/** An expression that may be evaluated. */
export interface Compiled {
  readonly type: Type
  readonly expr: Expr
  /**
   * The value for an activation: one value for each of the environment's variables, in their order; undefined where it
   * is not known. Throws `CelError`, `Unknown` and `CostExceeded`.
   */
  run(activation: Activation, meter: Meter): Value
  /** The same, but that it gives the `CelError` or `Unknown` instead of throwing it. */
  outcome(activation: Activation, meter: Meter): Value | CelError | Unknown
}

/**
 * Parses, checks and plans an expression.
 *
 *     const env = kubernetesEnv({ minor: 36, variables: new Map([['object', DYN]]) })
 *     const made = compile("object.spec.replicas <= 5", env)
 *     if (made.program) made.program.run([{ spec: { replicas: 3 } }], new Meter())   // true
 */
export function compile(
  text: string,
  env: Env,
):
  | { readonly program: Compiled; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly program?: undefined } {
  const parsed = parse(text, env.syntax)
  if (parsed.issues !== undefined) return { issues: parsed.issues }
  const checked = check(parsed.expr, env, text)
  if (checked.issues !== undefined) return { issues: checked.issues }
  try {
    return { program: new Program(parsed.expr, checked, env) }
  } catch (error) {
    // k8s.io/apiserver pkg/admission/plugin/cel/compile.go, where env.Program fails.
    if (!(error instanceof PlanError)) throw error
    return { issues: [{ message: `program instantiation failed: ${error.message}`, line: -1, column: -1 }] }
  }
}
