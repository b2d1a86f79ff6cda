import { at, field, type Json, list, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { ADMISSION_GROUP, type Definition, definitionOf } from '../admission/definition.ts'

/** A MutatingAdmissionPolicy as its object says it, defaults filled in; it has no validations and no audit annotations. */
export interface MutationDefinition extends Definition {
  readonly mutations: readonly Mutation[]
  /** Whether it is asked once more when some policy has changed the object. */
  readonly reinvocation: 'Never' | 'IfNeeded'
}

export interface Mutation {
  readonly patchType: 'JSONPatch' | 'ApplyConfiguration'
  readonly expression: string
}

export function isMutatingPolicy({ group, kind }: KubeObject): boolean {
  return group === ADMISSION_GROUP && kind === 'MutatingAdmissionPolicy'
}

export function isMutatingBinding({ group, kind }: KubeObject): boolean {
  return group === ADMISSION_GROUP && kind === 'MutatingAdmissionPolicyBinding'
}

export function mutationOf(policy: KubeObject): MutationDefinition {
  return {
    ...definitionOf(policy),
    mutations: list(at(policy.body, 'spec', 'mutations')).flatMap(patchOf),
    reinvocation: at(policy.body, 'spec', 'reinvocationPolicy') === 'IfNeeded' ? 'IfNeeded' : 'Never',
  }
}

function patchOf(mutation: Json): readonly Mutation[] {
  const of = (patchType: Mutation['patchType'], key: string): readonly Mutation[] => [
    { patchType, expression: string(at(mutation, key, 'expression')) ?? '' },
  ]
  switch (field(mutation, 'patchType')) {
    case 'JSONPatch':
      return of('JSONPatch', 'jsonPatch')
    case 'ApplyConfiguration':
      return of('ApplyConfiguration', 'applyConfiguration')
    default:
      return []
  }
}
