import { field, type Json, list, string, strings } from '../../../cluster/json.ts'

/** A request as an audit policy sees it. Undefined: any, or not known. */
export interface Audited {
  readonly user: string | undefined
  readonly groups: readonly string[]
  readonly verb: string
  /** `*` for any; undefined for a request that is for no resource. */
  readonly group: string | undefined
  /** `pods`, `pods/exec`, `*`. */
  readonly resource: string
  readonly namespace: string | undefined
  readonly url: string
}

const STAGES = ['ResponseStarted', 'ResponseComplete']

/**
 * The rule of an audit.k8s.io Policy that keeps such requests, or some of them, out of the log: apiserver/pkg/audit/policy
 * asks the rules in order and the first that matches decides. Undefined where all are shown.
 */
export function droppedBy(policy: Json, request: Audited): string | undefined {
  const omitted = strings(field(policy, 'omitStages'))
  const rules = list(field(policy, 'rules'))
  for (const [index, rule] of rules.entries()) {
    const matches = match(rule, request)
    if (matches === 'no') continue
    const all = [...omitted, ...strings(field(rule, 'omitStages'))]
    if (string(field(rule, 'level')) === 'None' || STAGES.every((stage) => all.includes(stage)))
      return `rule ${index + 1} of the audit policy`
    if (matches === 'yes') return undefined
  }
  return 'the audit policy, of which no rule is for it'
}

type Match = 'yes' | 'no' | 'some'

function match(rule: Json, request: Audited): Match {
  const parts = [
    oneOf(strings(field(rule, 'users')), request.user),
    anyOf(strings(field(rule, 'userGroups')), request.groups),
    oneOf(strings(field(rule, 'verbs')), request.verb),
    what(rule, request),
  ]
  return parts.includes('no') ? 'no' : parts.includes('some') ? 'some' : 'yes'
}

function oneOf(values: readonly string[], wanted: string | undefined): Match {
  if (values.length === 0) return 'yes'
  return wanted === undefined ? 'some' : values.includes(wanted) ? 'yes' : 'no'
}

function anyOf(values: readonly string[], wanted: readonly string[]): Match {
  return values.length === 0 || wanted.some((each) => values.includes(each)) ? 'yes' : 'no'
}

/** A rule that names neither resources nor URLs is for both; one that names one kind is for that kind only. */
function what(rule: Json, request: Audited): Match {
  const resources = list(field(rule, 'resources'))
  const namespaces = strings(field(rule, 'namespaces'))
  const urls = strings(field(rule, 'nonResourceURLs'))
  if (request.group === undefined) {
    if (resources.length > 0 || namespaces.length > 0) return 'no'
    return urls.length === 0 ? 'yes' : urlMatch(urls, request.url)
  }
  if (urls.length > 0) return 'no'
  const inNamespace: Match = namespaces.length === 0 ? 'yes' : oneOf(namespaces, request.namespace)
  if (inNamespace === 'no' || resources.length === 0) return inNamespace
  const each = resources.map((resource) => resourceMatch(resource, request))
  const best: Match = each.includes('yes') ? 'yes' : each.includes('some') ? 'some' : 'no'
  return best === 'yes' ? inNamespace : best
}

function urlMatch(urls: readonly string[], url: string): Match {
  const holds = urls.some(
    (each) => each === '*' || each === url || (each.endsWith('*') && url.startsWith(each.slice(0, -1))),
  )
  return holds ? 'yes' : url.includes('*') ? 'some' : 'no'
}

/** apiserver/pkg/audit/policy/checker.go ruleMatchesResource: `pods` is not `pods/log`; `pods/*` is both. */
function resourceMatch(value: Json, { group, resource }: Audited): Match {
  const ownGroup = string(field(value, 'group')) ?? ''
  if (group !== '*' && ownGroup !== group) return 'no'
  const names = strings(field(value, 'resourceNames'))
  const resources = strings(field(value, 'resources'))
  const [plain = '', sub = ''] = resource.split('/')
  const holds =
    resources.length === 0 ||
    resources.some(
      (each) => each === '*' || each === resource || each === `${plain}/*` || (sub !== '' && each === `*/${sub}`),
    )
  const isAll = group !== '*' && (resource !== '*' || resources.length === 0 || resources.includes('*'))
  if (holds) return names.length === 0 && isAll ? 'yes' : 'some'
  return resource.includes('*') ? 'some' : 'no'
}
