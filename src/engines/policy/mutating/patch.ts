import { CelError, Unknown } from '../../../cel/error.ts'
import type { Value } from '../../../cel/value.ts'
import { asAdmitted } from '../../../cluster/admitted/admitted.ts'
import { schemaOf } from '../../../cluster/admitted/schema.ts'
import { isObject, type Json, type JsonObject } from '../../../cluster/json.ts'
import { OUT_OF_BUDGET, RUNTIME_BUDGET } from '../admission/budget.ts'
import type { Expression } from '../admission/policy.ts'
import type { Run } from '../admission/run.ts'
import { errorText, evaluateAll } from '../admission/validate.ts'
import { merge } from './apply-configuration.ts'
import { undecodable } from './decode.ts'
import type { Mutation } from './definition.ts'
import { applyPatch, type Operation, PatchError, TestFailed, TooLong } from './json-patch.ts'
import { MadeObject, type MadePatch, misplaced } from './made.ts'
import { plain, Unsayable } from './plain.ts'
import { fractionIn } from './typed-value.ts'

/** What one mutation makes of an object. */
export type Patched =
  | {
      readonly body: JsonObject
      /** Of an ApplyConfiguration one that replaces the whole object. */
      readonly operations: readonly Operation[]
    }
  /** The failure policy decides. */
  | { readonly error: string }
  /** The request is answered with an internal error, whatever the failure policy says. */
  | { readonly internal: string }
  | { readonly unknown: string }

/** The type that the object is read as. */
export interface Kind extends Releases {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** Of the types that objects have, and of the expressions. */
export interface Releases {
  readonly minor: number
  readonly language: number
}

/** Evaluates a mutation for the object that `run` has begun, and applies it: dispatcher.go dispatchOne. */
export function patch(
  { patchType }: Mutation,
  expression: Expression,
  run: Run,
  body: JsonObject,
  kind: Kind,
): Patched {
  if (expression.expression === undefined) return { error: expression.issues }
  const { values, spent, unknown } = evaluateAll([expression], run, RUNTIME_BUDGET)
  if (spent) return { error: OUT_OF_BUDGET }
  const [value] = values
  if (unknown !== undefined || value instanceof Unknown) return { unknown: unknown ?? 'a value' }
  if (value instanceof CelError) return { error: errorText(expression, value) }
  const made =
    patchType === 'JSONPatch' ? jsonPatch(value as Value, body, kind) : configuration(value as Value, body, kind)
  if (!('body' in made)) return made
  // What comes out is read into the type again and defaulted, as every object that a client sends is.
  return { ...made, body: asAdmitted({ body: made.body }, kind.minor).body }
}

function jsonPatch(value: Value, body: JsonObject, kind: Kind): Patched {
  const operations: Operation[] = []
  for (const each of value as readonly Value[]) {
    const operation = operationOf(each as MadePatch, kind.language)
    if (!('op' in operation)) return operation
    operations.push(operation)
  }
  let patched: Json
  try {
    patched = applyPatch(body, operations)
  } catch (error) {
    if (error instanceof TestFailed) return { body, operations: [] }
    if (error instanceof PatchError) return { error: `JSON Patch: ${error.message}` }
    if (error instanceof TooLong) return { unknown: error.message }
    throw error
  }
  const wrong = undecodable(patched, kind)
  if (wrong !== undefined) return { internal: wrong }
  return { body: patched as JsonObject, operations }
}

function operationOf(
  made: MadePatch,
  language: number,
): Operation | { readonly error: string } | { readonly internal: string } {
  const given = made.fields.get('value')
  const operation = { op: made.text('op'), path: made.text('path'), from: made.text('from') }
  if (given === undefined) return { ...operation, value: undefined }
  const wrong = given instanceof MadeObject ? misplaced(given) : undefined
  if (wrong !== undefined) return { error: wrong }
  if (language < OBJECTS_IN_LISTS && holdsObjects(given)) return { internal: OBJECTS_IN_LIST }
  try {
    return { ...operation, value: plain(given) }
  } catch (error) {
    if (error instanceof Unsayable || error instanceof CelError)
      return {
        error: `JSONPath valueExpression evaluated to a type that could not marshal to JSON: ${error.message}`,
      }
    throw error
  }
}

/** Before 1.37 a list of `Object.x{…}` as a patch's value breaks the API server, which answers with an internal error. */
const OBJECTS_IN_LISTS = 37
const OBJECTS_IN_LIST = 'reflect.Set: value of type *structpb.Struct is not assignable to type *structpb.Value'

function holdsObjects(value: Value): boolean {
  return (
    Array.isArray(value) && (value as readonly Value[]).some((each) => each instanceof MadeObject || holdsObjects(each))
  )
}

function configuration(value: Value, body: JsonObject, { group, version, kind, minor }: Kind): Patched {
  const made = value as MadeObject
  const wrong = misplaced(made)
  if (wrong !== undefined) return { error: wrong }
  const schema = schemaOf(group, version, kind, minor)
  if (!schema) return { unknown: `the schema of ${kind}` }
  let written: Json
  try {
    written = plain(made, 0, true)
  } catch (error) {
    if (error instanceof Unsayable || error instanceof CelError)
      return { error: 'invalid return type: *dynamic.ObjectVal' }
    throw error
  }
  const merged = merge(schema, body, {
    ...(isObject(written) ? written : {}),
    apiVersion: body.apiVersion as Json,
    kind: body.kind as Json,
  })
  if ('error' in merged) return { error: `error applying patch: ${merged.error}` }
  const integer = fractionIn({ kind: 'struct', struct: schema }, written)
  if (integer !== undefined) {
    const named = `${group}/${version}, Kind=${kind}`
    return { error: `unable to convert unstructured object to ${named}: cannot convert float64 to ${integer}` }
  }
  return { body: merged.value, operations: [{ op: 'replace', path: '', from: '', value: merged.value }] }
}
