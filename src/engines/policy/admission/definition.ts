import { field, type Json, type JsonObject, list, object, string, strings } from '../../../cluster/json.ts'
import { parseSelector, type Selector } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'

/** A ValidatingAdmissionPolicy as its object says it, defaults filled in (pkg/apis/admissionregistration/v1/defaults.go). */
export interface Definition {
  readonly object: KubeObject
  readonly name: string
  readonly failurePolicy: 'Fail' | 'Ignore'
  readonly constraints: Constraints
  readonly paramKind?: ParamKind
  readonly conditions: readonly NamedExpression[]
  readonly variables: readonly NamedExpression[]
  readonly validations: readonly Validation[]
  readonly auditAnnotations: readonly NamedExpression[]
}

export interface ParamKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface NamedExpression {
  readonly name: string
  readonly expression: string
}

export interface Validation {
  readonly expression: string
  readonly message: string
  readonly messageExpression: string
  /** A metav1.StatusReason; the API server answers `Invalid` where none is given. */
  readonly reason: string
}

/** MatchResources. A selector that is undefined selects everything; a string is why the API server would refuse it. */
export interface Constraints {
  readonly rules: readonly Rule[]
  readonly excluded: readonly Rule[]
  readonly matchPolicy: 'Exact' | 'Equivalent'
  readonly namespaces: Selector | undefined | string
  readonly objects: Selector | undefined | string
}

export interface Rule {
  readonly groups: readonly string[]
  readonly versions: readonly string[]
  readonly resources: readonly string[]
  readonly operations: readonly string[]
  readonly scope: string
  readonly names: readonly string[]
}

/** A ValidatingAdmissionPolicyBinding, or one of mutations. */
export interface PolicyBinding {
  readonly object: KubeObject
  readonly name: string
  readonly policy: string
  readonly actions: readonly string[]
  /** Undefined: all that the policy matches. */
  readonly constraints?: Constraints
  readonly params?: ParamRef
}

export interface ParamRef {
  readonly name: string
  readonly namespace: string
  readonly selector: Selector | undefined | string
  readonly notFound: 'Allow' | 'Deny'
}

export const ADMISSION_GROUP = 'admissionregistration.k8s.io'

export function isPolicy({ group, kind }: KubeObject): boolean {
  return group === ADMISSION_GROUP && kind === 'ValidatingAdmissionPolicy'
}

export function isPolicyBinding({ group, kind }: KubeObject): boolean {
  return group === ADMISSION_GROUP && kind === 'ValidatingAdmissionPolicyBinding'
}

export function definitionOf(policy: KubeObject): Definition {
  const spec = object(field(policy.body, 'spec'))
  const paramKind = paramKindOf(field(spec, 'paramKind'))
  return {
    object: policy,
    name: policy.name,
    failurePolicy: field(spec, 'failurePolicy') === 'Ignore' ? 'Ignore' : 'Fail',
    constraints: constraintsOf(field(spec, 'matchConstraints')),
    ...(paramKind ? { paramKind } : {}),
    conditions: list(field(spec, 'matchConditions')).map((each) => named(each, 'name', 'expression')),
    variables: list(field(spec, 'variables')).map((each) => named(each, 'name', 'expression')),
    validations: list(field(spec, 'validations')).map((each) => ({
      expression: string(field(each, 'expression')) ?? '',
      message: string(field(each, 'message')) ?? '',
      messageExpression: string(field(each, 'messageExpression')) ?? '',
      reason: string(field(each, 'reason')) ?? '',
    })),
    auditAnnotations: list(field(spec, 'auditAnnotations')).map((each) => named(each, 'key', 'valueExpression')),
  }
}

export function bindingOf(binding: KubeObject): PolicyBinding {
  const spec = object(field(binding.body, 'spec'))
  const resources = field(spec, 'matchResources')
  const ref = field(spec, 'paramRef')
  return {
    object: binding,
    name: binding.name,
    policy: string(field(spec, 'policyName')) ?? '',
    actions: strings(field(spec, 'validationActions')),
    ...(resources === undefined || resources === null ? {} : { constraints: constraintsOf(resources) }),
    ...(ref === undefined || ref === null ? {} : { params: paramRefOf(ref) }),
  }
}

export function constraintsOf(value: Json | undefined): Constraints {
  return {
    rules: list(field(value, 'resourceRules')).map(ruleOf),
    excluded: list(field(value, 'excludeResourceRules')).map(ruleOf),
    matchPolicy: field(value, 'matchPolicy') === 'Exact' ? 'Exact' : 'Equivalent',
    namespaces: parseSelector(field(value, 'namespaceSelector')),
    objects: parseSelector(field(value, 'objectSelector')),
  }
}

export function paramKindOf(value: Json | undefined): ParamKind | undefined {
  const apiVersion = string(field(value, 'apiVersion'))
  const kind = string(field(value, 'kind'))
  if (apiVersion === undefined || kind === undefined) return undefined
  const slash = apiVersion.lastIndexOf('/')
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind }
}

function paramRefOf(value: Json): ParamRef {
  return {
    name: string(field(value, 'name')) ?? '',
    namespace: string(field(value, 'namespace')) ?? '',
    selector: parseSelector(field(value, 'selector')),
    notFound: field(value, 'parameterNotFoundAction') === 'Deny' ? 'Deny' : 'Allow',
  }
}

function ruleOf(value: Json): Rule {
  return {
    groups: strings(field(value, 'apiGroups')),
    versions: strings(field(value, 'apiVersions')),
    resources: strings(field(value, 'resources')),
    operations: strings(field(value, 'operations')),
    scope: string(field(value, 'scope')) ?? '*',
    names: strings(field(value, 'resourceNames')),
  }
}

function named(value: JsonObject | Json, name: string, expression: string): NamedExpression {
  return { name: string(field(value, name)) ?? '', expression: string(field(value, expression)) ?? '' }
}
