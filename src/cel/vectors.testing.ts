import { readFileSync } from 'node:fs'
import { ADMISSION_TYPES, NAMESPACE, REQUEST } from '../engines/policy/admission/object-types.ts'
import { CelError, CostExceeded, compile, type Env, kubernetesEnv, Meter, type Value } from './cel.ts'
import {
  type Attributes,
  AUTHORIZER_TYPE,
  type Authorizer,
  authorizerValue,
  RESOURCE_CHECK_TYPE,
  requestResourceValue,
} from './library/authz.ts'
import { plain, readJson } from './plain.testing.ts'
import { DYN, objectType, type Type } from './type.ts'

/** What became of an expression: of the fields of `Result` in oracle/internal/celrun/compiler.go. */
export interface Result {
  readonly issues?: readonly string[]
  readonly type?: string
  readonly value?: unknown
  readonly error?: string
  readonly cost?: number
}

export interface Vector extends Result {
  readonly expr: string
  readonly topic: string
  readonly data?: string
}

/** One of the files `oracle/vectors/cel-*.json`. */
export interface Vectors<Case> {
  readonly kubernetes: string
  readonly checked: readonly string[]
  readonly cases: readonly Case[]
  /** The variables under each name of data, as the cases use them. */
  readonly activations: ReadonlyMap<string, readonly Value[]>
  readonly differences: readonly { readonly kubernetes: string; readonly index: number; readonly result?: Result }[]
}

interface Rule {
  readonly match: Readonly<Record<string, string>>
  readonly decision: string
  readonly reason?: string
  readonly error?: string
}

const VARIABLES: readonly (readonly [string, Type])[] = [
  ['object', DYN],
  ['oldObject', DYN],
  ['namespaceObject', NAMESPACE],
  ['request', REQUEST],
  ['params', DYN],
  ['authorizer', AUTHORIZER_TYPE],
  ['authorizer.requestResource', RESOURCE_CHECK_TYPE],
]

export function readVectors<Case>(name: string): Vectors<Case> {
  const file = JSON.parse(readFileSync(new URL(`../../oracle/vectors/${name}.json`, import.meta.url), 'utf8'))
  const rules = (file.authorizer ?? []) as readonly Rule[]
  const data = Object.entries({ '': {}, ...file.data } as Record<string, unknown>)
  const activations = new Map(
    data.map(([key, given]) => {
      const values = readJson(typeof given === 'string' ? given : JSON.stringify(given)) as Record<string, Value>
      return [key, activationOf(values, { check: (asked) => decide(rules, asked) })]
    }),
  )
  return { ...file, activations }
}

function activationOf(values: Readonly<Record<string, Value>>, authorizer: Authorizer): readonly Value[] {
  const resource = { group: '', resource: 'pods', subresource: '', namespace: 'default', name: 'web' }
  const asked: Readonly<Record<string, Value>> = {
    authorizer: authorizerValue(authorizer),
    'authorizer.requestResource': requestResourceValue(authorizer, {
      ...resource,
      fieldSelector: '',
      labelSelector: '',
    }),
  }
  return VARIABLES.map(([name]) => values[name] ?? asked[name] ?? null)
}

/** The first rule whose fields are all those of the question, as in oracle/internal/celrun/activation.go. */
function decide(rules: readonly Rule[], asked: Attributes): ReturnType<Authorizer['check']> {
  const { serviceAccount, resource, path = '', verb } = asked
  const user = serviceAccount ? `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.name}` : 'alice'
  const fields: Readonly<Record<string, string>> = { ...resource, user, verb, path }
  const rule = rules.find(({ match }) => Object.entries(match).every(([name, value]) => (fields[name] ?? '') === value))
  if (rule === undefined) return { allowed: false, reason: '' }
  const decision = { allowed: rule.decision === 'allow', reason: rule.reason ?? '' }
  return rule.error === undefined ? decision : { ...decision, error: rule.error }
}

/** The environment of a release with the language of another. */
export function vectorEnv(minor: number, language = minor): Env {
  return kubernetesEnv({
    minor,
    language,
    variables: new Map(VARIABLES),
    provider: {
      findType: (name) => (ADMISSION_TYPES.has(name) ? objectType(name) : undefined),
      findField: (type, field) => ADMISSION_TYPES.get(type)?.get(field),
    },
  })
}

/** What becomes of an expression here, without its type. */
export function resultOf(env: Env, expr: string, activation: readonly Value[]): Result {
  const { program, issues } = compile(expr, env)
  if (program === undefined) {
    return {
      issues: issues.map(({ line, column, message }) => (line < 0 ? message : `${line}:${column + 1}: ${message}`)),
    }
  }
  const meter = new Meter()
  try {
    return { value: plain(program.run(activation, meter)), cost: meter.cost }
  } catch (error) {
    if (error instanceof CostExceeded) {
      return { error: 'operation cancelled: actual cost limit exceeded', cost: meter.cost }
    }
    if (!(error instanceof CelError)) throw error
    return { error: error.message, cost: meter.cost }
  }
}

/** The parts of a vector's result that are compared. */
export function comparable({ issues, value, error, cost }: Result): Result {
  if (issues !== undefined) return { issues }
  return error === undefined ? { value, cost: cost as number } : { error, cost: cost as number }
}
