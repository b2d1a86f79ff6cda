import type { PolicyRule } from '../cluster/rbac.ts'

/** Matching of one rule, as pkg/apis/rbac/v1/evaluation_helpers.go and plugin/pkg/auth/authorizer/rbac/rbac.go RuleAllows. */

export interface ResourceRequest {
  readonly verb: string
  readonly group: string
  readonly resource: string
  /** Empty for the resource itself. */
  readonly subresource: string
  /** Empty for a cluster-scoped request or one over all namespaces. */
  readonly namespace: string
  /** Empty for a request without a name: create and deletecollection of a collection, list and watch without a field selector. */
  readonly name: string
}

export interface UrlRequest {
  readonly verb: string
  readonly path: string
}

export type Request = ResourceRequest | UrlRequest

export function isUrlRequest(request: Request): request is UrlRequest {
  return 'path' in request
}

const ALL = '*'

function holds(values: readonly string[], wanted: string): boolean {
  return values.includes(ALL) || values.includes(wanted)
}

/** `*` matches subresources too; `*\/scale` matches that subresource of any resource; `pods/*` matches nothing real. */
export function resourceMatches(rule: PolicyRule, resource: string, subresource: string): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return rule.resources.some(
    (each) =>
      each === ALL ||
      each === combined ||
      (subresource !== '' && each.length === subresource.length + 2 && each === `*/${subresource}`),
  )
}

/** Requests without a name: those for a collection. A list or a watch has one where its field selector gives it. */
export function isCollection(verb: string, subresource: string): boolean {
  return subresource === '' && (verb === 'create' || verb === 'list' || verb === 'watch' || verb === 'deletecollection')
}

/** An empty list is every name. `*` and the empty string are names like any other. */
export function nameMatches(rule: PolicyRule, name: string): boolean {
  return rule.resourceNames.length === 0 || rule.resourceNames.includes(name)
}

/** Exact, `*`, or a prefix before a trailing `*`; a star elsewhere is literal. */
export function urlMatches(rule: PolicyRule, path: string): boolean {
  return rule.nonResourceURLs.some(
    (each) => each === ALL || each === path || (each.endsWith(ALL) && path.startsWith(each.replace(/\*+$/, ''))),
  )
}

/** The rule allows the request whatever object it names, or those that `resourceNames` lists. */
export function ruleGrants(
  rule: PolicyRule,
  verb: string,
  group: string,
  resource: string,
  subresource: string,
): boolean {
  return holds(rule.verbs, verb) && holds(rule.apiGroups, group) && resourceMatches(rule, resource, subresource)
}

/** The index of a rule that allows every verb on every resource of every group, or -1. */
export function everythingRule(rules: readonly PolicyRule[]): number {
  return rules.findIndex(
    (rule) =>
      rule.verbs.includes(ALL) &&
      rule.apiGroups.includes(ALL) &&
      rule.resources.includes(ALL) &&
      rule.resourceNames.length === 0,
  )
}

export function ruleAllows(rule: PolicyRule, request: Request): boolean {
  if (isUrlRequest(request)) return holds(rule.verbs, request.verb) && urlMatches(rule, request.path)
  return (
    ruleGrants(rule, request.verb, request.group, request.resource, request.subresource) &&
    nameMatches(rule, request.name)
  )
}
