import type { FlowRequest } from './flow-request.ts'
import type { FlowRule, FlowSchema, FlowSubject, NonResourceRule, ResourceRule } from './flow-schema.ts'

const ACCOUNT = 'system:serviceaccount:'

/** Whether a FlowSchema takes a request (apiserver/pkg/util/flowcontrol/rule.go). */
export function matchesSchema(request: FlowRequest, { rules }: FlowSchema): boolean {
  return rules.some((rule) => matchesRule(request, rule))
}

export function matchesRule(request: FlowRequest, rule: FlowRule): boolean {
  if (!rule.subjects.some((subject) => matchesSubject(request, subject))) return false
  return request.resource === ''
    ? rule.nonResourceRules.some((each) => matchesUrl(request, each))
    : rule.resourceRules.some((each) => matchesResource(request, each))
}

export function matchesSubject({ user, groups }: Pick<FlowRequest, 'user' | 'groups'>, subject: FlowSubject): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === '*' || subject.name === user
    case 'Group':
      return subject.name === '*' || groups.includes(subject.name)
    case 'ServiceAccount': {
      const prefix = `${ACCOUNT}${subject.namespace}:`
      return subject.name === '*' ? user.startsWith(prefix) : user === prefix + subject.name
    }
  }
}

function matchesResource(request: FlowRequest, rule: ResourceRule): boolean {
  const { verb, group, resource, subresource, namespace } = request
  return (
    holds(rule.verbs, verb) &&
    holds(rule.resources, subresource === '' ? resource : `${resource}/${subresource}`) &&
    holds(rule.apiGroups, group) &&
    (namespace === '' ? rule.clusterScope : holds(rule.namespaces, namespace))
  )
}

function matchesUrl({ verb, path }: FlowRequest, rule: NonResourceRule): boolean {
  return (
    holds(rule.verbs, verb) && rule.nonResourceURLs.some((url) => url === '*' || url === path || isBelow(path, url))
  )
}

function isBelow(path: string, url: string): boolean {
  const prefix = url.endsWith('*') ? url.slice(0, -1) : url
  return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}

/** A star stands for all values only where it stands alone. */
function holds(values: readonly string[], value: string): boolean {
  return (values.length === 1 && values[0] === '*') || values.includes(value)
}
