import { atoms as atomsOf } from '../../authz/covers.ts'
import type { RbacPolicy } from '../../authz/policy.ts'
import { ruleGrants } from '../../authz/rules.ts'
import { KINDS } from '../../cluster/kinds.ts'
import type { Binding, PolicyRule, Subject } from '../../cluster/rbac.ts'
import type { AccessFacts } from '../../engines/access/used/fold.ts'
import { askerOf } from '../../engines/access/used/granted.ts'
import type { NameSeen } from '../../engines/access/used/names.ts'
import { isFinalizers, type Sight, unseenBecause } from '../../engines/access/used/observable.ts'
import { isUntold } from '../access/untold.ts'
import type { Atom } from './atom.ts'

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']
const ALL = '*'

export interface UnseenRight {
  readonly atom: Atom
  readonly why: string
}

/** Kinds of things that there are: of Kubernetes, and those that the log or a rule names. */
export function universeOf(
  facts: AccessFacts,
  policy: RbacPolicy,
): readonly (readonly [group: string, resource: string])[] {
  const found = new Map<string, readonly [string, string]>()
  const add = (group: string, resource: string): void => {
    if (group !== ALL && !resource.includes(ALL)) found.set(`${group}/${resource}`, [group, resource])
  }
  for (const { group, plural } of KINDS) add(group, plural)
  for (const resource of ['nodes/metrics', 'nodes/stats', 'nodes/healthz', 'nodes/configz']) add('', resource)
  for (const { behaviours } of facts.whos)
    for (const { request } of behaviours)
      if (!('path' in request))
        add(request.group, request.subresource === '' ? request.resource : `${request.resource}/${request.subresource}`)
  for (const { rules } of policy.roles)
    for (const { apiGroups, resources } of rules)
      for (const group of apiGroups) for (const each of resources) add(group, each)
  return [...found.values()]
}

/**
 * The rights of a subject by one binding whose use may have left no record: these stay. Of a wildcard, what of it is not
 * shown; the wildcard itself, for a verb of which nothing is shown.
 */
export function unseenRights(
  sight: Sight,
  policy: RbacPolicy,
  universe: ReturnType<typeof universeOf>,
  binding: Binding,
  subject: Subject,
  done: Done,
): readonly UnseenRight[] {
  const asker = askerOf(sight.facts.whos, subject)
  const { namespace } = binding
  const found: UnseenRight[] = []
  for (const rule of policy.roleOf(binding)?.rules ?? []) {
    const names = rule.resourceNames.length === 0 ? undefined : new Map(rule.resourceNames.map((name) => [name, NEVER]))
    const keep = (verb: string, group: string, resource: string, why: string): void =>
      void found.push({ atom: { verb, group, resource, namespace, url: '', names }, why })
    for (const verb of new Set(rule.verbs.flatMap((each) => (each === ALL ? VERBS : [each])))) {
      for (const url of rule.nonResourceURLs.flatMap(urlsOf)) {
        const why = unseenBecause(sight, { verb, group: undefined, resource: '', namespace: '', url }, asker)
        // Only ClusterRoleBindings give URLs.
        if (why !== undefined && (verb === 'get' || verb === 'post' || rule.verbs.includes(verb)) && namespace === '')
          found.push({ atom: { verb, group: '', resource: '', namespace: '', url, names: undefined }, why })
      }
      keepOf(rule, verb, sight, universe, namespace, asker, done, keep)
    }
    if (done.hasImpersonated) keepIdentity(rule, keep)
  }
  return found
}

/** What a subject was seen to do that asks for more than its own request shows. */
export interface Done {
  readonly hasWritten: boolean
  readonly hasImpersonated: boolean
}

const IDENTITY = 'authentication.k8s.io'
const IMPERSONATE = 'impersonate'

/** The log does not tell with which uid and extra fields somebody was impersonated. */
function keepIdentity(
  rule: PolicyRule,
  keep: (verb: string, group: string, resource: string, why: string) => void,
): void {
  if (!rule.verbs.includes(IMPERSONATE) && !rule.verbs.includes(ALL)) return
  if (!rule.apiGroups.includes(IDENTITY) && !rule.apiGroups.includes(ALL)) return
  for (const resource of rule.resources)
    if (resource === ALL || resource === 'uids' || resource.startsWith('userextras'))
      keep(IMPERSONATE, IDENTITY, resource, 'with which uid and extra fields it impersonated is not in the log')
}

/** Of paths of the API server that a star stands for, those that not everybody is given. */
function urlsOf(url: string): readonly string[] {
  if (!url.endsWith(ALL)) return [url]
  const prefix = url.replace(/\*+$/, '')
  const known = URLS.filter((each) => each.startsWith(prefix))
  return known.length > 0 ? known : [url]
}

const URLS = [
  '/metrics',
  '/metrics/slis',
  '/metrics/resources',
  '/logs/',
  '/debug/pprof/profile',
  '/configz',
  '/flagz',
  '/statusz',
]

const NEVER: NameSeen = { times: 0, first: 0, last: 0, days: [], file: '', line: 0 }

function keepOf(
  rule: PolicyRule,
  verb: string,
  sight: Sight,
  universe: ReturnType<typeof universeOf>,
  namespace: string,
  asker: Parameters<typeof unseenBecause>[2],
  { hasWritten }: Done,
  keep: (verb: string, group: string, resource: string, why: string) => void,
): void {
  const named = atomsOf({ ...rule, verbs: [verb], resourceNames: [], nonResourceURLs: [] })
  for (const {
    apiGroups: [group = ''],
    resources: [resource = ''],
  } of named) {
    if (group === ALL || resource.includes(ALL)) continue
    if (isFinalizers(resource) && !hasWritten) continue
    const why = unseenBecause(sight, { verb, group, resource, namespace, url: '' }, asker)
    if (why !== undefined) keep(verb, group, resource, why)
  }
  const wide = named.filter(({ apiGroups, resources }) => apiGroups[0] === ALL || resources[0]?.includes(ALL))
  for (const each of wide) {
    const within = universe.filter(([group, resource]) => {
      const [plain = '', sub = ''] = resource.split('/')
      return !isFinalizers(resource) && ruleGrants(each, verb, group, plain, sub)
    })
    const hidden = within.flatMap(([group, resource]) => {
      // What would give control of pods is not kept for the sake of a wildcard.
      if (resource.startsWith('nodes/') && !(verb === 'get' && isUntold({ verb, group, resource }))) return []
      const why = unseenBecause(sight, { verb, group, resource, namespace, url: '' }, asker)
      return why === undefined ? [] : [{ group, resource, why }]
    })
    const [first] = hidden
    const plain = within.filter(([, resource]) => !resource.startsWith('nodes/'))
    if (first && hidden.length >= plain.length && plain.length > 0)
      keep(verb, each.apiGroups[0] ?? '', each.resources[0] ?? '', first.why)
    else for (const { group, resource, why } of hidden) keep(verb, group, resource, why)
  }
}
