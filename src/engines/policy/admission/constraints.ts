import { schemaOf } from '../../../cluster/admitted/schema.ts'
import { mayMatch, type Selector, type Truth } from '../../../cluster/labels.ts'
import { labelsOf } from '../../../cluster/object.ts'
import { ADMISSION_GROUP, type Constraints, type Rule } from './definition.ts'
import { type AdmissionRequest, isNamespaceObject } from './request.ts'

/** Whether a policy or binding is asked about a request, and as which version of the object. */
export interface Match {
  readonly truth: Truth
  /** The group and version that a rule named, which may not be that of the request (`matchPolicy: Equivalent`). */
  readonly group: string
  readonly version: string
  /** Why the policy cannot be applied at all: a selector that no API server takes. */
  readonly error?: string
}

const NO: Match = { truth: 'no', group: '', version: '' }

/** k8s.io/apiserver pkg/admission/plugin/policy/matching/matching.go Matcher.Matches. */
export function matches(constraints: Constraints, request: AdmissionRequest): Match {
  const namespace = inNamespace(constraints.namespaces, request)
  if (namespace === 'no') return NO
  const object = ofObject(constraints.objects, request)
  if (object === 'no') return NO
  if (ruled(constraints.excluded, constraints.matchPolicy, request)) return NO
  const rule =
    constraints.rules.length === 0
      ? { group: request.group, version: request.version }
      : ruled(constraints.rules, constraints.matchPolicy, request)
  if (!rule) return NO
  const error = [constraints.namespaces, constraints.objects].find((each) => typeof each === 'string')
  return {
    truth: namespace === 'unknown' || object === 'unknown' ? 'unknown' : 'yes',
    ...rule,
    ...(typeof error === 'string' ? { error: `Internal error occurred: ${error}` } : {}),
  }
}

/** Whether some rule is about requests of this type at all; names, selectors and excluded rules are left to `matches`. */
export function candidateRules({ rules, matchPolicy }: Constraints, request: AdmissionRequest): boolean {
  const anyName = rules.map((rule) => ({ ...rule, names: [] }))
  return rules.length === 0 || ruled(anyName, matchPolicy, request) !== undefined
}

/** Whether nothing but the type of an object, its operation and scope decides: no selector, no name, nothing excluded. */
export function isByTypeAlone({ rules, excluded, namespaces, objects }: Constraints): boolean {
  const selectsAll = (selector: Constraints['objects']): boolean =>
    selector === undefined || (typeof selector !== 'string' && selector.length === 0)
  return (
    excluded.length === 0 &&
    rules.every(({ names }) => names.length === 0) &&
    selectsAll(namespaces) &&
    selectsAll(objects)
  )
}

/** Objects that decide about admission are exempt from it, or nobody could mend a policy that refuses all. */
export function isExempt({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return (
    group === ADMISSION_GROUP &&
    /^(Validating|Mutating)(WebhookConfiguration|AdmissionPolicy|AdmissionPolicyBinding)$/.test(kind)
  )
}

/** k8s.io/apiserver pkg/admission/plugin/webhook/predicates/namespace: cluster-scoped objects are never left out. */
function inNamespace(selector: Selector | undefined | string, request: AdmissionRequest): Truth {
  if (selector === undefined || typeof selector === 'string' || selector.length === 0) return 'yes'
  if (isNamespaceObject(request.object) && request.operation !== 'DELETE')
    return mayMatch(selector, labelsOf(request.body), true)
  if (request.namespace === '') return 'yes'
  return request.place ? mayMatch(selector, request.place.labels, request.place.seen) : 'unknown'
}

function ofObject(selector: Selector | undefined | string, request: AdmissionRequest): Truth {
  if (selector === undefined || typeof selector === 'string' || selector.length === 0) return 'yes'
  const matched = mayMatch(selector, labelsOf(request.body), true)
  if (matched !== 'no' || request.old === undefined) return matched
  return mayMatch(selector, labelsOf(request.old), true)
}

interface Ruled {
  readonly group: string
  readonly version: string
}

function ruled(
  rules: readonly Rule[],
  policy: Constraints['matchPolicy'],
  request: AdmissionRequest,
): Ruled | undefined {
  const { group, version } = request
  if (rules.some((rule) => applies(rule, group, version, request))) return { group, version }
  if (policy === 'Exact') return undefined
  for (const rule of rules)
    for (const other of equivalents(rule, request)) if (applies(rule, other.group, other.version, request)) return other
  return undefined
}

/**
 * The other groups and versions that serve the same objects: every version of a built-in group, and the groups that a
 * kind has moved from (`extensions`). Custom kinds convert between their versions as well.
 */
function equivalents(rule: Rule, request: AdmissionRequest): readonly Ruled[] {
  const groups = new Set([request.object.group, request.group])
  const { kind } = request.object
  const isBuiltIn = schemaOf(request.group, request.version, kind) !== undefined
  return [...groups].flatMap((group) =>
    rule.versions
      .filter((version) => version !== '*' && (!isBuiltIn || schemaOf(group, version, kind) !== undefined))
      .map((version) => ({ group, version })),
  )
}

function applies(rule: Rule, group: string, version: string, request: AdmissionRequest): boolean {
  return (
    inScope(rule.scope, request) &&
    (rule.operations.includes('*') || rule.operations.includes(request.operation)) &&
    (rule.groups.includes('*') || rule.groups.includes(group)) &&
    (rule.versions.includes('*') || rule.versions.includes(version)) &&
    rule.resources.some((each) => isResource(each, request)) &&
    (rule.names.length === 0 || rule.names.includes(request.object.name))
  )
}

function inScope(scope: string, request: AdmissionRequest): boolean {
  const isClusterWide = request.namespace === '' || isNamespaceObject(request.object)
  if (scope === '' || scope === '*') return true
  if (scope === 'Namespaced') return !isClusterWide
  return scope === 'Cluster' && isClusterWide
}

function isResource(pattern: string, request: AdmissionRequest): boolean {
  const slash = pattern.indexOf('/')
  const resource = slash < 0 ? pattern : pattern.slice(0, slash)
  const subresource = slash < 0 ? '' : pattern.slice(slash + 1)
  return (
    (resource === '*' || resource === request.resource) && (subresource === '*' || subresource === request.subresource)
  )
}
