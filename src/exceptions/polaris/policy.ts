import { field, type Json, type JsonObject, string, strings } from '../../cluster/json.ts'
import { parseSchema } from '../json-schema/schema.ts'
import { expressionOf, NoExpression } from './expression.ts'

const RULES = [
  { apiGroups: [''], resources: ['pods', 'replicationcontrollers'] },
  { apiGroups: ['apps'], resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'] },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'] },
] as const

const POD_SPEC =
  "object.kind == 'Pod' ? object.?spec.orValue({}) : object.kind == 'CronJob' ? object.?spec.?jobTemplate.?spec.?template.?spec.orValue({}) : object.?spec.?template.?spec.orValue({})"
const LISTS = [
  ['container', 'containers'],
  ['initContainer', 'initContainers'],
] as const

/**
 * A custom check of Polaris as a ValidatingAdmissionPolicy, or why CEL does not say it simply: of the pod spec or its
 * containers, with a schema that `expressionOf` covers.
 */
export function policyOf(id: string, check: Json, severity: string | undefined): JsonObject | string {
  const target = string(field(check, 'target')) ?? ''
  if (target !== 'Container' && target !== 'PodSpec')
    return `its target ${target || '(none)'} is not Container or PodSpec`
  for (const key of ['schemaString', 'jsonSchema', 'schemaTarget', 'additionalSchemas', 'additionalSchemaStrings'])
    if (field(check, key) !== undefined) return `${key} has no simple expression`
  const schema = field(check, 'schema')
  if (schema === undefined) return 'it has no schema'
  const parsed = parseSchema(schema)
  if (typeof parsed === 'string') return parsed
  try {
    const message = (string(field(check, 'failureMessage')) ?? '').replaceAll(/[\r\n]+/g, ' ').trim() || id
    return target === 'PodSpec'
      ? policy(id, check, severity, message, [POD_VARIABLE], expressionOf(schema, 'variables.podSpec'), '')
      : policy(
          id,
          check,
          severity,
          message,
          containerVariables(check, schema),
          'size(variables.offenders) == 0',
          'name',
        )
  } catch (error) {
    if (error instanceof NoExpression) return error.message
    throw error
  }
}

const POD_VARIABLE = { name: 'podSpec', expression: POD_SPEC }

function containerVariables(check: Json, schema: Json): readonly JsonObject[] {
  const include = strings(field(field(check, 'containers'), 'include'))
  const exclude = strings(field(field(check, 'containers'), 'exclude'))
  const lists = LISTS.filter(([word]) => (include.length === 0 || include.includes(word)) && !exclude.includes(word))
  const containers = lists.map(([, key]) => `variables.podSpec.?${key}.orValue([])`).join(' + ')
  return [
    POD_VARIABLE,
    { name: 'containers', expression: containers === '' ? '[]' : containers },
    { name: 'offenders', expression: `variables.containers.filter(c, !(${expressionOf(schema, 'c')}))` },
  ]
}

function policy(
  id: string,
  check: Json,
  severity: string | undefined,
  message: string,
  variables: readonly JsonObject[],
  expression: string,
  faultField: string,
): JsonObject {
  const conditions = (['include', 'exclude'] as const).flatMap((key) => {
    const kinds = strings(field(field(check, 'controllers'), key))
    const text = `object.kind in ${JSON.stringify(kinds)}`
    return kinds.length === 0
      ? []
      : [{ name: `controllers-${key}`, expression: key === 'include' ? text : `!(${text})` }]
  })
  const category = string(field(check, 'category'))?.toLowerCase()
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: {
      name: policyName(id),
      annotations: {
        'bulkhead.dev/title': message,
        'bulkhead.dev/severity': severity === 'danger' ? 'high' : 'medium',
        ...(category === undefined ? {} : { 'bulkhead.dev/category': category }),
        'bulkhead.dev/alias.polaris': id,
        'bulkhead.dev/polaris-severity': severity === 'danger' ? 'danger' : 'warning',
        ...(faultField === '' ? {} : { 'bulkhead.dev/field': faultField }),
      },
    },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: RULES.map((rule) => ({ ...rule, apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'] })),
      },
      ...(conditions.length > 0 ? { matchConditions: conditions } : {}),
      variables,
      validations: [{ expression, message }],
    },
  }
}

/** `imageRegistry` is `custom-image-registry`: names of objects are in lower case. */
export function policyName(id: string): string {
  const words = id
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  return `custom-${words.slice(0, 200)}`.replace(/-+$/, '')
}
