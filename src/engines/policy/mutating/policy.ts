import { compile } from '../../../cel/cel.ts'
import type { Env } from '../../../cel/env.ts'
import { JSONPATCH } from '../../../cel/library/jsonpatch.ts'
import { displayText } from '../../../cel/syntax/display.ts'
import { DYN, listOf, objectType, type Type, typeText } from '../../../cel/type.ts'
import { admissionEnv } from '../admission/environment.ts'
import { compileSet, declared, type Expression, type Language, type Policy } from '../admission/policy.ts'
import type { Slot } from '../admission/run.ts'
import type { Mutation, MutationDefinition } from './definition.ts'
import { MADE_TYPES } from './made.ts'

/** A mutating policy that can be evaluated. Expressions that do not compile are kept: their failure is the policy's. */
export interface MutatingPolicy {
  readonly definition: MutationDefinition
  /** Its variables and match conditions. */
  readonly base: Policy
  /** One for each of the definition's mutations. */
  readonly mutations: readonly Expression[]
}

/** Policies that share their variables. */
export interface MutatingSet {
  readonly language: Language
  readonly slots: readonly Slot[]
  readonly policies: readonly MutatingPolicy[]
}

export function compileMutations(definitions: readonly MutationDefinition[], language: Language): MutatingSet {
  const { slots, policies } = compileSet(definitions, language)
  return {
    language,
    slots,
    policies: definitions.map((definition, index) => {
      const base = policies[index] as Policy
      const env = patchEnv(definition, base, slots, language)
      return { definition, base, mutations: definition.mutations.map((mutation) => compiled(mutation, env)) }
    }),
  }
}

/** Mutations alone may make patches and objects; variables and conditions may not (plugin/policy/mutating/compilation.go). */
function patchEnv(definition: MutationDefinition, base: Policy, slots: readonly Slot[], language: Language): Env {
  const variables = new Map(
    [...base.variables].map(([name, slot]) => [name, declared(slots[slot]?.program?.type ?? DYN)] as const),
  )
  const env = admissionEnv({
    ...language,
    withParams: definition.paramKind !== undefined,
    withAuthorizer: true,
    variables,
    provider: MADE_TYPES,
  })
  const functions = JSONPATCH.flatMap((library) => library.functions ?? [])
  return {
    ...env,
    functions: new Map([...env.functions, ...functions.map((each) => [each.name, each] as const)]),
    provider: { ...(env.provider ?? MADE_TYPES), makeValue: MADE_TYPES.makeValue },
  }
}

const RESULT: Readonly<Record<Mutation['patchType'], Type>> = {
  JSONPatch: listOf(objectType('JSONPatch')),
  ApplyConfiguration: objectType('Object'),
}

function compiled({ patchType, expression: source }: Mutation, env: Env): Expression {
  const { program, issues } = compile(source, env)
  if (issues) return { source, expression: undefined, issues: `compilation failed: ${displayText(issues, source)}` }
  const wanted = typeText(RESULT[patchType])
  const found = typeText(program.type)
  return wanted === found
    ? { source, expression: program, issues: '' }
    : { source, expression: undefined, issues: `must evaluate to ${wanted} but got ${found}` }
}
