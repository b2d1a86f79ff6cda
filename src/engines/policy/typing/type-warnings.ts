import { compile } from '../../../cel/cel.ts'
import type { Env } from '../../../cel/env.ts'
import { AUTHORIZER_TYPE } from '../../../cel/library/authz.ts'
import type { Minor } from '../../../cel/library.ts'
import { displayText } from '../../../cel/syntax/display.ts'
import { DYN, type Type } from '../../../cel/type.ts'
import { schemaOf } from '../../../cluster/admitted/schema.ts'
import type { Path } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { type Definition, definitionOf, isPolicy } from '../admission/definition.ts'
import { admissionEnv } from '../admission/environment.ts'
import { declared } from '../admission/policy.ts'
import { DeclTypes } from './decl-type.ts'
import { kindsOfRules, type RuleKind } from './rule-kinds.ts'

/** What is wrong with an expression once the fields of a kind are known that the policy's rules name. */
export interface TypeWarning {
  readonly path: Path
  readonly group: string
  readonly version: string
  readonly kind: string
  /** With the line of the expression and a mark. */
  readonly message: string
}

/**
 * What `status.typeChecking` of a ValidatingAdmissionPolicy would hold: validations and their messages checked against the
 * schema of each built-in kind that the rules name, in Kubernetes 1.`minor`. A policy works in spite of them
 * (k8s.io/apiserver pkg/admission/plugin/policy/validating/typechecking.go). Kinds of custom resources are left out.
 */
export function typeWarnings(policy: KubeObject, minor: Minor): readonly TypeWarning[] {
  if (!isPolicy(policy)) return []
  const definition = definitionOf(policy)
  const envs = kindsOfRules(definition.constraints.rules, minor).map((kind) => ({
    kind,
    env: envOf(definition, kind, minor),
  }))
  return definition.validations.flatMap(({ expression, messageExpression }, index) =>
    (['expression', 'messageExpression'] as const).flatMap((name) => {
      const source = name === 'expression' ? expression : messageExpression
      if (name === 'messageExpression' && source === '') return []
      return envs.flatMap(({ kind: { group, version, kind }, env }): readonly TypeWarning[] => {
        const { issues } = compile(source, env)
        if (!issues) return []
        return [
          { path: ['spec', 'validations', index, name], group, version, kind, message: displayText(issues, source) },
        ]
      })
    }),
  )
}

/** Of each expression that is wrong for every kind that the rules name, the first warning: no `object.kind ==` guards it. */
export function certainWarnings(policy: KubeObject, minor: Minor): readonly TypeWarning[] {
  const kinds = isPolicy(policy) ? kindsOfRules(definitionOf(policy).constraints.rules, minor).length : 0
  const byExpression = Map.groupBy(typeWarnings(policy, minor), ({ path }) => path.join('.'))
  return [...byExpression.values()].flatMap((warnings) => (warnings.length === kinds ? warnings.slice(0, 1) : []))
}

function envOf(definition: Definition, { kind, schema }: RuleKind, minor: Minor): Env {
  const types = new DeclTypes()
  const variables = new Map<string, Type>()
  const { paramKind } = definition
  const env = admissionEnv({
    minor,
    mode: 'stored',
    withParams: false,
    withAuthorizer: false,
    variables,
    provider: types,
    object: types.ofKind(kind, schema),
  })
  const names = new Map(env.variables)
  if (paramKind) {
    const params = schemaOf(paramKind.group, paramKind.version, paramKind.kind, minor)
    names.set(
      'params',
      params ? types.ofKind(paramKind.kind === kind ? `${kind}.params` : paramKind.kind, params) : DYN,
    )
  }
  names.set('authorizer', AUTHORIZER_TYPE)
  const typed = { ...env, variables: names }
  for (const { name, expression } of definition.variables)
    variables.set(name, declared(compile(expression, typed).program?.type ?? DYN))
  return typed
}
