import { compile } from '../../../cel/cel.ts'
import type { Env } from '../../../cel/env.ts'
import { JSONPATCH } from '../../../cel/library/jsonpatch.ts'
import type { Minor } from '../../../cel/library.ts'
import { displayText } from '../../../cel/syntax/display.ts'
import { BOOL, DYN, listOf, objectType, STRING, type Type, typeText } from '../../../cel/type.ts'
import type { Path } from '../../../cluster/json.ts'
import { admissionEnv } from '../admission/environment.ts'
import { declared } from '../admission/policy.ts'
import { MADE_TYPES } from '../mutating/made.ts'
import { invalid, type Refusal } from './refusal.ts'

export type Role =
  | 'validation'
  | 'message'
  | 'annotation'
  | 'condition'
  | 'variable'
  | 'jsonPatch'
  | 'applyConfiguration'

/** What an expression of each kind must evaluate to; nothing: anything. */
const RESULTS: Readonly<Record<Role, readonly Type[]>> = {
  validation: [BOOL],
  condition: [BOOL],
  message: [STRING],
  annotation: [STRING, { kind: 'null' }],
  variable: [],
  jsonPatch: [listOf(objectType('JSONPatch'))],
  applyConfiguration: [objectType('Object')],
}

/**
 * Compiles the expressions of one policy as the API server does before it takes the policy: in the language of new
 * expressions, variables declared one after another.
 */
export class Expressions {
  readonly #minor: Minor
  readonly #withParams: boolean
  readonly #variables: Map<string, Type> | undefined

  /** Without `composed` there are no `variables` at all: a validating policy that defines none. */
  constructor(minor: Minor, withParams: boolean, composed: boolean) {
    this.#minor = minor
    this.#withParams = withParams
    this.#variables = composed ? new Map() : undefined
  }

  refusals(role: Role, source: string, path: Path, shown = source): readonly Refusal[] {
    const { program, issues } = compile(source, this.#env(role))
    if (issues) return [invalid(path, shown, `compilation failed: ${displayText(issues, source)}`)]
    const wanted = RESULTS[role]
    const found = typeText(program.type)
    if (wanted.length === 0 || wanted.some((type) => typeText(type) === found)) return []
    const words = wanted.length === 1 ? typeText(wanted[0] as Type) : `one of [${wanted.map(typeText).join(' ')}]`
    return [invalid(path, shown, `must evaluate to ${words} but got ${found}`)]
  }

  /** Declares a variable to the expressions after it, whether it compiles or not. */
  declare(name: string, source: string, path: Path): readonly Refusal[] {
    const { program, issues } = compile(source, this.#env('variable'))
    this.#variables?.set(name, declared(program?.type ?? DYN))
    return issues ? [invalid(path, source, `compilation failed: ${displayText(issues, source)}`)] : []
  }

  #env(role: Role): Env {
    const isPatch = role === 'jsonPatch' || role === 'applyConfiguration'
    const env = admissionEnv({
      minor: this.#minor,
      mode: 'new',
      withParams: this.#withParams,
      withAuthorizer: role !== 'message',
      // Match conditions are looked at before there are variables.
      ...(this.#variables && role !== 'condition' ? { variables: this.#variables } : {}),
      ...(isPatch ? { provider: MADE_TYPES } : {}),
    })
    if (!isPatch) return env
    const functions = JSONPATCH.flatMap((library) => library.functions ?? [])
    return { ...env, functions: new Map([...env.functions, ...functions.map((each) => [each.name, each] as const)]) }
  }
}
