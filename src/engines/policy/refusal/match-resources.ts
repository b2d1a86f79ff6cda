import { field, isObject, type Json, list, type Path, string, stringMap, strings } from '../../../cluster/json.ts'
import { labelValue, pathSegment, qualifiedName } from './names.ts'
import { duplicate, forbidden, invalid, notSupported, type Refusal, required } from './refusal.ts'

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']
const MATCH_POLICIES = ['Equivalent', 'Exact']

/** validateMatchResources in pkg/apis/admissionregistration/validation/validation.go, of an object with its defaults. */
export function matchResourcesRefusals(resources: Json | undefined, path: Path): readonly Refusal[] {
  if (!isObject(resources)) return []
  const found: Refusal[] = []
  const policy = field(resources, 'matchPolicy')
  if (policy === undefined) found.push(required([...path, 'matchPolicy']))
  else if (!MATCH_POLICIES.includes(policy as string))
    found.push(notSupported([...path, 'matchPolicy'], policy, MATCH_POLICIES))
  for (const selector of ['namespaceSelector', 'objectSelector']) {
    const value = field(resources, selector)
    if (isObject(value)) found.push(...selectorRefusals(value, [...path, selector]))
    else found.push(required([...path, selector]))
  }
  for (const rules of ['resourceRules', 'excludeResourceRules'])
    for (const [index, rule] of list(field(resources, rules)).entries())
      found.push(...ruleRefusals(rule, [...path, rules, index]))
  return found
}

/** What is deleted cannot be mutated. */
export function mutatingOperationRefusals(resources: Json | undefined, path: Path): readonly Refusal[] {
  return list(field(resources, 'resourceRules')).flatMap((rule) =>
    strings(field(rule, 'operations'))
      .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
      .map((operation) => notSupported([...path, 'resourceRules', 'operations'], operation, MUTATING_OPERATIONS)),
  )
}

/** k8s.io/apimachinery pkg/apis/meta/v1/validation ValidateLabelSelector, without its laxness for old objects. */
export function selectorRefusals(selector: Json, path: Path): readonly Refusal[] {
  const found: Refusal[] = []
  const labels = [...path, 'matchLabels']
  for (const [key, value] of stringMap(field(selector, 'matchLabels'))) {
    for (const why of qualifiedName(key)) found.push(invalid(labels, key, why))
    for (const why of labelValue(value)) found.push(invalid(labels, value, why))
  }
  for (const [index, requirement] of list(field(selector, 'matchExpressions')).entries()) {
    const here = [...path, 'matchExpressions', index]
    const operator = string(field(requirement, 'operator')) ?? ''
    const values = strings(field(requirement, 'values'))
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        found.push(required([...here, 'values'], "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        found.push(forbidden([...here, 'values'], "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    } else found.push(invalid([...here, 'operator'], operator, 'not a valid selector operator'))
    const key = string(field(requirement, 'key')) ?? ''
    for (const why of qualifiedName(key)) found.push(invalid([...here, 'key'], key, why))
    for (const [at, value] of values.entries())
      for (const why of labelValue(value)) found.push(invalid([...here, 'values', at], value, why))
  }
  return found
}

function ruleRefusals(rule: Json, path: Path): readonly Refusal[] {
  const found: Refusal[] = []
  const names = new Set<string>()
  for (const [index, name] of strings(field(rule, 'resourceNames')).entries()) {
    const here = [...path, 'resourceNames', index]
    for (const why of pathSegment(name)) found.push(invalid(here, name, why))
    if (names.has(name)) found.push(duplicate(here, name))
    names.add(name)
  }
  const operations = strings(field(rule, 'operations'))
  found.push(...wildcards(operations, [...path, 'operations'], 'operations'))
  for (const [index, operation] of operations.entries())
    if (!OPERATIONS.includes(operation)) found.push(notSupported([...path, 'operations', index], operation, OPERATIONS))
  found.push(...wildcards(strings(field(rule, 'apiGroups')), [...path, 'apiGroups'], 'API groups'))
  const versions = strings(field(rule, 'apiVersions'))
  found.push(...wildcards(versions, [...path, 'apiVersions'], 'API versions'))
  for (const [index, version] of versions.entries())
    if (version === '') found.push(required([...path, 'apiVersions', index]))
  found.push(...resourcesRefusals(strings(field(rule, 'resources')), [...path, 'resources']))
  const scope = field(rule, 'scope')
  if (scope !== undefined && !SCOPES.includes(scope as string))
    found.push(notSupported([...path, 'scope'], scope, SCOPES))
  return found
}

function wildcards(values: readonly string[], path: Path, what: string): readonly Refusal[] {
  if (values.length === 0) return [required(path)]
  return values.length > 1 && values.includes('*')
    ? [invalid(path, values, `if '*' is present, must not specify other ${what}`)]
    : []
}

function resourcesRefusals(resources: readonly string[], path: Path): readonly Refusal[] {
  if (resources.length === 0) return [required(path)]
  const found: Refusal[] = []
  const anySubresource = new Set<string>()
  const ofAnyResource = new Set<string>()
  // Of the last name without a subresource only, as the API server has it.
  let isNamed = false
  for (const [index, each] of resources.entries()) {
    const here = [...path, index]
    if (each === '') {
      found.push(required(here))
      continue
    }
    const slash = each.indexOf('/')
    if (slash < 0) {
      isNamed = each !== '*'
      continue
    }
    const resource = each.slice(0, slash)
    const subresource = each.slice(slash + 1)
    if (anySubresource.has(resource))
      found.push(invalid(here, each, `if '${resource}/*' is present, must not specify ${each}`))
    if (ofAnyResource.has(subresource))
      found.push(invalid(here, each, `if '*/${subresource}' is present, must not specify ${each}`))
    if (subresource === '*') anySubresource.add(resource)
    if (resource === '*') ofAnyResource.add(subresource)
  }
  if (resources.length > 1 && resources.includes('*/*'))
    found.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"))
  if (resources.includes('*') && isNamed)
    found.push(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"))
  return found
}
