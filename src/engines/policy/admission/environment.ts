import type { TypeProvider } from '../../../cel/check/provider.ts'
import { type Env, kubernetesEnv } from '../../../cel/env.ts'
import { AUTHORIZER_TYPE, RESOURCE_CHECK_TYPE } from '../../../cel/library/authz.ts'
import type { Minor } from '../../../cel/library.ts'
import { DYN, objectType, type Type } from '../../../cel/type.ts'
import { ADMISSION_TYPES, NAMESPACE, REQUEST, VARIABLES } from './object-types.ts'

/** What an expression of an admission policy may name. */
export interface Declared {
  readonly minor: Minor
  readonly mode: 'new' | 'stored'
  readonly withParams: boolean
  readonly withAuthorizer: boolean
  /** The types of the policy's variables that an expression may name; absent: there is no `variables`. */
  readonly variables?: Pick<ReadonlyMap<string, Type>, 'get'>
  /** Types and functions of mutations: `Object`, `JSONPatch`. */
  readonly provider?: TypeProvider
  /** `Env.provenPatterns`. */
  readonly provenPatterns?: true
  /** The type of `object` and `oldObject`; dyn, but where a policy is checked against the schema of a kind. */
  readonly object?: Type
}

/** The order of the variables is that of `Run.use`. */
export function admissionEnv(declared: Declared): Env {
  const { minor, mode, withParams, withAuthorizer, variables, provider, provenPatterns, object = DYN } = declared
  const names: [string, Type][] = [
    ['object', object],
    ['oldObject', object],
    ['namespaceObject', NAMESPACE],
    ['request', REQUEST],
  ]
  if (variables) names.push(['variables', VARIABLES])
  if (withParams) names.push(['params', DYN])
  if (withAuthorizer) names.push(['authorizer', AUTHORIZER_TYPE], ['authorizer.requestResource', RESOURCE_CHECK_TYPE])
  return {
    ...baseEnv(minor, mode),
    variables: new Map(names),
    ...(provenPatterns ? { provenPatterns } : {}),
    provider: providerOf(variables, provider),
  }
}

const bases = new Map<string, Env>()

/** Thousands of expressions are compiled against the same functions. */
function baseEnv(minor: Minor, mode: Declared['mode']): Env {
  const key = `${minor} ${mode}`
  // A release takes new expressions in the language of the one before it, so that it can be rolled back to it.
  const language = mode === 'new' ? minor - 1 : minor
  const base = bases.get(key) ?? kubernetesEnv({ minor, mode, language })
  bases.set(key, base)
  return base
}

function providerOf(variables: Declared['variables'], other: TypeProvider | undefined): TypeProvider {
  return {
    findType: (name) =>
      name === 'kubernetes.variables' || ADMISSION_TYPES.has(name) ? objectType(name) : other?.findType(name),
    findField: (type, field) => {
      if (type === 'kubernetes.variables') return variables?.get(field)
      const known = ADMISSION_TYPES.get(type)
      return known ? known.get(field) : other?.findField(type, field)
    },
  }
}
