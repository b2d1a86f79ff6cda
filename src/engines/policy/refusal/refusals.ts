import { trimSpace } from '../../../cel/library/text.ts'
import type { Minor } from '../../../cel/library.ts'
import { asAdmitted } from '../../../cluster/admitted/admitted.ts'
import {
  field,
  isObject,
  type Json,
  type JsonObject,
  list,
  object,
  type Path,
  string,
  strings,
} from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { ADMISSION_GROUP } from '../admission/definition.ts'
import { Expressions, type Role } from './expressions.ts'
import { matchResourcesRefusals, mutatingOperationRefusals, selectorRefusals } from './match-resources.ts'
import { metadataRefusals } from './metadata.ts'
import { bytesOf, isCelIdentifier, oldLabel, pathSegment, qualifiedName, subdomain } from './names.ts'
import { duplicate, forbidden, invalid, notSupported, type Refusal, required, tooMany, unreadable } from './refusal.ts'
import { unknownFieldRefusals } from './unknown-fields.ts'

/**
 * Why the API server of Kubernetes 1.`minor` would not create a ValidatingAdmissionPolicy, a MutatingAdmissionPolicy or a
 * binding of either, in the order in which it says so; nothing of other objects. An expression that is new is judged in
 * the language of the release before, so that the cluster can go back to it
 * (pkg/apis/admissionregistration/validation/validation.go).
 */
export function refusalsOf(policy: Pick<KubeObject, 'group' | 'kind' | 'body'>, minor: Minor): readonly Refusal[] {
  const judge = policy.group === ADMISSION_GROUP ? JUDGES.get(policy.kind) : undefined
  if (!judge) return []
  const { body, problems } = asAdmitted(policy, minor)
  const unknown = unknownFieldRefusals(policy.body, minor)
  if (unknown.length > 0) return unknown
  if (problems.length > 0) return problems.map(({ path, message }) => unreadable(path, message))
  return [...metadataRefusals(object(field(body, 'metadata'))), ...judge(body, minor)]
}

type Judge = (body: JsonObject, minor: Minor) => readonly Refusal[]

const SPEC: Path = ['spec']
const FAILURE_POLICIES = ['Fail', 'Ignore']
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const ACTIONS = ['Audit', 'Deny', 'Warn']
const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch']
const REINVOCATION_POLICIES = ['IfNeeded', 'Never']
const NOT_FOUND_ACTIONS = ['Deny', 'Allow']
const MOST_CONDITIONS = 64
const MOST_ANNOTATIONS = 20
const MOST_ANNOTATION_BYTES = 5 * 1024

const validatingPolicy: Judge = (body, minor) => {
  const spec = object(field(body, 'spec'))
  const variables = list(field(spec, 'variables'))
  const expressions = new Expressions(minor, isObject(field(spec, 'paramKind')), variables.length > 0)
  const found = [
    ...common(spec, expressions),
    ...variables.flatMap((variable, index) => variableRefusals(variable, [...SPEC, 'variables', index], expressions)),
  ]
  const validations = list(field(spec, 'validations'))
  const annotations = list(field(spec, 'auditAnnotations'))
  if (validations.length === 0 && annotations.length === 0) {
    const why = 'validations or auditAnnotations must contain at least one item'
    return [...found, required([...SPEC, 'validations'], why), required([...SPEC, 'auditAnnotations'], why)]
  }
  for (const [index, validation] of validations.entries())
    found.push(...validationRefusals(validation, [...SPEC, 'validations', index], expressions))
  const here = [...SPEC, 'auditAnnotations']
  if (annotations.length > MOST_ANNOTATIONS)
    // Shown as the internal Go type, whose fields have no JSON names.
    found.push(
      invalid(
        here,
        annotations.map((each) => ({ Key: text(each, 'key'), ValueExpression: text(each, 'valueExpression') })),
        `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`,
      ),
    )
  const name = text(field(body, 'metadata'), 'name')
  const keys = new Set<string>()
  for (const [index, annotation] of annotations.entries()) {
    const key = text(annotation, 'key')
    found.push(...annotationRefusals(annotation, [...here, index], name, expressions))
    if (keys.has(key)) found.push(duplicate([...here, index, 'key'], key))
    keys.add(key)
  }
  return found
}

const mutatingPolicy: Judge = (body, minor) => {
  const spec = object(field(body, 'spec'))
  const expressions = new Expressions(minor, isObject(field(spec, 'paramKind')), true)
  const mutations = list(field(spec, 'mutations'))
  const reinvocation = field(spec, 'reinvocationPolicy')
  return [
    ...common(spec, expressions, true),
    ...list(field(spec, 'variables')).flatMap((variable, index) =>
      variableRefusals(variable, [...SPEC, 'variables', index], expressions),
    ),
    ...(mutations.length === 0 ? [required([...SPEC, 'mutations'], 'mutations must contain at least one item')] : []),
    ...mutations.flatMap((mutation, index) => mutationRefusals(mutation, [...SPEC, 'mutations', index], expressions)),
    ...chosen(reinvocation, [...SPEC, 'reinvocationPolicy'], REINVOCATION_POLICIES),
  ]
}

const validatingBinding: Judge = (body) => {
  const spec = object(field(body, 'spec'))
  const path = [...SPEC, 'validationActions']
  const actions = strings(field(spec, 'validationActions'))
  const found = [...bound(spec)]
  const seen = new Set<string>()
  for (const [index, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) found.push(notSupported([...path, index], action, ACTIONS))
    if (seen.has(action)) found.push(duplicate([...path, index], action))
    seen.add(action)
  }
  if (seen.has('Deny') && seen.has('Warn'))
    found.push(
      invalid(
        path,
        actions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    )
  if (actions.length === 0) found.push(required(path, 'at least one validation action is required'))
  return found
}

const mutatingBinding: Judge = (body) => {
  const spec = object(field(body, 'spec'))
  return [...bound(spec), ...mutatingOperationRefusals(field(spec, 'matchResources'), [...SPEC, 'matchResources'])]
}

const JUDGES: ReadonlyMap<string, Judge> = new Map([
  ['ValidatingAdmissionPolicy', validatingPolicy],
  ['ValidatingAdmissionPolicyBinding', validatingBinding],
  ['MutatingAdmissionPolicy', mutatingPolicy],
  ['MutatingAdmissionPolicyBinding', mutatingBinding],
])

/** What policies of both kinds have. */
function common(spec: JsonObject, expressions: Expressions, isMutating = false): Refusal[] {
  const found = [...chosen(field(spec, 'failurePolicy'), [...SPEC, 'failurePolicy'], FAILURE_POLICIES)]
  const paramKind = field(spec, 'paramKind')
  if (isObject(paramKind)) found.push(...paramKindRefusals(paramKind, [...SPEC, 'paramKind']))
  const constraints = field(spec, 'matchConstraints')
  const path = [...SPEC, 'matchConstraints']
  if (isObject(constraints)) {
    found.push(...matchResourcesRefusals(constraints, path))
    if (list(field(constraints, 'resourceRules')).length === 0) found.push(required([...path, 'resourceRules']))
    if (isMutating) found.push(...mutatingOperationRefusals(constraints, path))
  } else found.push(required(path))
  const conditions = list(field(spec, 'matchConditions'))
  if (conditions.length > MOST_CONDITIONS)
    found.push(tooMany([...SPEC, 'matchConditions'], conditions.length, MOST_CONDITIONS))
  const names = new Set<string>()
  for (const [index, condition] of conditions.entries()) {
    const here = [...SPEC, 'matchConditions', index]
    const expression = trimSpace(text(condition, 'expression'))
    if (expression === '') found.push(required([...here, 'expression']))
    else found.push(...expressions.refusals('condition', expression, [...here, 'expression']))
    const name = text(condition, 'name')
    if (name === '') found.push(required([...here, 'name']))
    for (const why of name === '' ? [] : qualifiedName(name)) found.push(invalid([...here, 'name'], name, why))
    if (name !== '' && names.has(name)) found.push(duplicate([...here, 'name'], name))
    names.add(name)
  }
  return found
}

function paramKindRefusals(paramKind: JsonObject, path: Path): readonly Refusal[] {
  const found: Refusal[] = []
  const apiVersion = text(paramKind, 'apiVersion')
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/')
  const here = [...path, 'apiVersion']
  if (apiVersion === '') found.push(required(here))
  else if (parts.length > 2) found.push(invalid(here, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  else {
    const group = parts.length === 2 ? (parts[0] as string) : ''
    const version = parts.at(-1) as string
    const ofGroup = group === '' ? [] : subdomain(group)
    if (ofGroup.length > 0) found.push(invalid(here, group, ofGroup.join(',')))
    const ofVersion = oldLabel(version)
    if (version === '') found.push(invalid(here, apiVersion, 'version must be specified'))
    else if (ofVersion.length > 0) found.push(invalid(here, version, ofVersion.join(',')))
  }
  const kind = text(paramKind, 'kind')
  const ofKind = oldLabel(kind.toLowerCase())
  if (kind === '') found.push(required([...path, 'kind']))
  else if (ofKind.length > 0)
    found.push(invalid([...path, 'kind'], kind, `may have mixed case, but should otherwise match: ${ofKind.join(',')}`))
  return found
}

function variableRefusals(variable: Json, path: Path, expressions: Expressions): readonly Refusal[] {
  const found: Refusal[] = []
  const name = text(variable, 'name')
  const expression = text(variable, 'expression')
  if (trimSpace(name) === '') found.push(required([...path, 'name'], 'name is not specified'))
  else if (!isCelIdentifier(name)) found.push(invalid([...path, 'name'], name, 'must be a valid CEL identifier'))
  if (trimSpace(expression) === '') found.push(required([...path, 'expression'], 'expression is not specified'))
  else found.push(...expressions.declare(name, expression, [...path, 'expression']))
  return found
}

function validationRefusals(validation: Json, path: Path, expressions: Expressions): readonly Refusal[] {
  const found: Refusal[] = []
  const expression = text(validation, 'expression')
  if (trimSpace(expression) === '') found.push(required([...path, 'expression'], 'expression is not specified'))
  else found.push(...expressions.refusals('validation', expression, [...path, 'expression']))
  const telling = text(validation, 'messageExpression')
  if (trimSpace(telling) !== '') found.push(...expressions.refusals('message', telling, [...path, 'messageExpression']))
  else if (telling !== '')
    found.push(invalid([...path, 'messageExpression'], telling, 'must be non-empty if specified'))
  const message = text(validation, 'message')
  if (message !== '' && trimSpace(message) === '')
    found.push(invalid([...path, 'message'], message, 'must be non-empty if specified'))
  else if (/[\n\r]/.test(trimSpace(message)))
    found.push(invalid([...path, 'message'], message, 'must not contain line breaks'))
  const reason = field(validation, 'reason')
  if (reason !== undefined && !REASONS.includes(reason as string))
    found.push(notSupported([...path, 'reason'], reason, REASONS))
  return found
}

function annotationRefusals(
  annotation: Json,
  path: Path,
  policy: string,
  expressions: Expressions,
): readonly Refusal[] {
  const found: Refusal[] = []
  const key = text(annotation, 'key')
  if (policy === '') found.push(invalid([...path, 'key'], key, 'requires metadata.name be non-empty'))
  else
    for (const why of qualifiedName(`${policy}/${key}`)) found.push(invalid([...path, 'key'], `${policy}/${key}`, why))
  const here = [...path, 'valueExpression']
  const written = text(annotation, 'valueExpression')
  const expression = trimSpace(written)
  if (expression === '') found.push(required(here, 'valueExpression is not specified'))
  else if (bytesOf(expression) > MOST_ANNOTATION_BYTES)
    found.push(required(here, `must not exceed ${MOST_ANNOTATION_BYTES} bytes in length`))
  else found.push(...expressions.refusals('annotation', expression, here, written))
  return found
}

function mutationRefusals(mutation: Json, path: Path, expressions: Expressions): readonly Refusal[] {
  const type = text(mutation, 'patchType')
  if (type === '') return [required([...path, 'patchType'])]
  if (!PATCH_TYPES.includes(type)) return [notSupported([...path, 'patchType'], type, PATCH_TYPES)]
  const own: Role = type === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration'
  const other = own === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch'
  const found: Refusal[] = []
  const patch = field(mutation, own)
  const expression = trimSpace(text(patch, 'expression'))
  if (!isObject(patch)) found.push(required([...path, own], `must be specified when patchType is ${type}`))
  else if (expression === '') found.push(required([...path, own, 'expression']))
  else found.push(...expressions.refusals(own, expression, [...path, own, 'expression']))
  if (isObject(field(mutation, other)))
    found.push(invalid([...path, other], `{${other}}`, `must not be specified when patchType is ${type}`))
  return found
}

/** What bindings of both kinds have. */
function bound(spec: JsonObject): readonly Refusal[] {
  const policy = text(spec, 'policyName')
  const path = [...SPEC, 'policyName']
  return [
    ...(policy === '' ? [required(path)] : subdomain(policy).map((why) => invalid(path, policy, why))),
    ...paramRefRefusals(field(spec, 'paramRef'), [...SPEC, 'paramRef']),
    ...matchResourcesRefusals(field(spec, 'matchResources'), [...SPEC, 'matchResources']),
  ]
}

function paramRefRefusals(ref: Json | undefined, path: Path): readonly Refusal[] {
  if (!isObject(ref)) return []
  const found: Refusal[] = []
  const both = 'name and selector are mutually exclusive'
  const name = text(ref, 'name')
  const selector = field(ref, 'selector')
  for (const why of pathSegment(name)) found.push(invalid([...path, 'name'], name, why))
  if (isObject(selector)) {
    if (name !== '') found.push(forbidden([...path, 'name'], both))
    found.push(...selectorRefusals(selector, [...path, 'selector']))
    if (name !== '') found.push(forbidden([...path, 'selector'], both))
  } else if (name === '') found.push(required(path, 'one of name or selector must be specified'))
  const action = field(ref, 'parameterNotFoundAction')
  found.push(...chosen(action, [...path, 'parameterNotFoundAction'], NOT_FOUND_ACTIONS))
  return found
}

function chosen(value: Json | undefined, path: Path, supported: readonly string[]): readonly Refusal[] {
  if (value === undefined || value === '') return [required(path)]
  return supported.includes(value as string) ? [] : [notSupported(path, value, supported)]
}

function text(value: Json | undefined, key: string): string {
  return string(field(value, key)) ?? ''
}
