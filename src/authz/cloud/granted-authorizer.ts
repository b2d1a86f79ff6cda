import { letsIn } from '../../cluster/aws-auth.ts'
import type { Because } from '../../cluster/because.ts'
import type { PolicyRule, Subject } from '../../cluster/rbac.ts'
import { parseSubject } from '../../cluster/subject-text.ts'
import type { Asked, Authorizer, Granted } from '../authorizers.ts'
import { isUrlRequest, type Request, ruleAllows } from '../rules.ts'
import type { Requester } from '../subjects.ts'
import { starMatches } from './glob.ts'

/** What a cloud grants to a user besides RBAC, by rules of Kubernetes. */
export interface CloudGrant {
  /** The user name, or a template of user names as aws-auth has them. */
  readonly username: string
  /** Another name of the same principal, by which it may be asked about: its ARN, its e-mail. */
  readonly principal: string
  /** It is a group of this name. */
  readonly group?: string
  /** It is all users whose names end so: `@example.com` of a domain, nothing of everybody. */
  readonly ending?: string
  /** The access policy, or the role of the cloud, that gives the rules. */
  readonly role: string
  readonly rules: readonly PolicyRule[]
  /** Of a group: the rules that one of its members has by it, where the cloud denies some of them to persons. */
  readonly rulesTo?: (requester: Requester) => readonly PolicyRule[]
  /** Namespaces with `*` for any characters; undefined: everywhere. */
  readonly namespaces?: readonly string[]
  readonly because: readonly Because[]
}

/**
 * An authorizer of the cloud that runs the API server, which stands beside RBAC in the union: access policies of EKS, IAM
 * of Google Cloud, Azure RBAC. `namespaces`: those of the cluster, for questions about each of them.
 */
export function cloudAuthorizer(
  name: string,
  grants: readonly CloudGrant[],
  namespaces: readonly string[],
): Authorizer {
  const granted = (grant: CloudGrant, subject: Subject, rule: PolicyRule, namespace: string): Granted => ({
    authorizer: name,
    subject,
    namespace,
    rule,
    because: grant.because,
  })
  return {
    name,
    *grants(requester, request) {
      for (const grant of grants) {
        if (!isFor(grant, requester) || !inScope(grant, request)) continue
        for (const rule of rulesTo(grant, requester))
          if (ruleAllows(rule, request))
            yield granted(grant, subjectOf(grant, requester.user), rule, placeOf(grant, request))
      }
    },
    *holders(asked) {
      for (const grant of grants) {
        for (const { request, namespace } of requestsOf(grant, asked, namespaces)) {
          const rule = grant.rules.find((each) => ruleAllows(each, request))
          if (rule) yield granted(grant, subjectOf(grant, grant.username), rule, namespace)
        }
      }
    },
    *rulesFor(requester, namespace) {
      for (const grant of grants) {
        if (!isFor(grant, requester)) continue
        const places = grant.namespaces
          ? namespace === undefined
            ? grant.namespaces
            : grant.namespaces.some((pattern) => starMatches(pattern, namespace))
              ? [namespace]
              : []
          : ['']
        for (const place of places)
          for (const rule of rulesTo(grant, requester))
            yield granted(grant, subjectOf(grant, requester.user), rule, place)
      }
    },
  }
}

/** What a grant gives to a requester. A question about a group itself has no user. */
export function rulesTo(grant: CloudGrant, requester: Requester): readonly PolicyRule[] {
  return requester.user === '' ? grant.rules : (grant.rulesTo?.(requester) ?? grant.rules)
}

/** As whom a grant is to a user of this name: as itself, or as a group. */
export function subjectOf({ group }: CloudGrant, user: string): Subject {
  return group === undefined ? userOf(user) : { kind: 'Group', namespace: '', name: group }
}

function userOf(name: string): Subject {
  return parseSubject(`user:${name}`) ?? { kind: 'User', namespace: '', name }
}

/** Whether a grant is to this requester: by its name, by another name of its principal, by a group, or as one of a domain. */
export function isFor({ username, principal, group, ending }: CloudGrant, { user, groups }: Requester): boolean {
  if (group !== undefined) return groups.includes(group)
  // Accounts of the cluster have no identity of its cloud, by which members are meant.
  if (ending !== undefined && user !== '' && !user.startsWith('system:'))
    return user === principal || user.toLowerCase().endsWith(ending)
  return user !== '' && (user === principal || letsIn({ username }, user) !== 'no')
}

/** A policy for some namespaces grants nothing of what is in none, and nothing for all at once. */
export function inScope({ namespaces }: CloudGrant, request: Request): boolean {
  if (namespaces === undefined) return true
  if (isUrlRequest(request) || request.namespace === '') return false
  return namespaces.some((pattern) => starMatches(pattern, request.namespace))
}

function placeOf({ namespaces }: CloudGrant, request: Request): string {
  return namespaces === undefined || isUrlRequest(request) ? '' : request.namespace
}

function requestsOf(
  grant: CloudGrant,
  { request, each }: Asked,
  namespaces: readonly string[],
): readonly { readonly request: Request; readonly namespace: string }[] {
  if (each === undefined || isUrlRequest(request) || grant.namespaces === undefined)
    return inScope(grant, request) || (each !== undefined && grant.namespaces === undefined)
      ? [{ request, namespace: placeOf(grant, request) }]
      : []
  const places = namespaces.filter((name) => grant.namespaces?.some((pattern) => starMatches(pattern, name)))
  return places.map((namespace) => ({
    request: { ...request, namespace, ...(each === 'name' ? { name: namespace } : {}) },
    namespace,
  }))
}
