import { dnsLabelProblems, dnsSubdomainProblems } from '../cel/library/dns-name.ts'
import type { Request, ResourceRequest } from './rules.ts'
import {
  ANONYMOUS,
  AUTHENTICATED,
  MASTERS,
  NODES,
  type Requester,
  SERVICE_ACCOUNTS,
  UNAUTHENTICATED,
} from './subjects.ts'

/** Whom the `Impersonate-*` headers ask for. */
export interface Wanted {
  readonly user: string
  readonly uid?: string
  readonly groups?: readonly string[]
  /** Keys in lower case, as headers come in. */
  readonly extra?: ReadonlyMap<string, readonly string[]>
}

export interface Impersonator extends Requester {
  /** authentication.kubernetes.io/node-name of its extra fields: the node of the pod that holds the token. */
  readonly node?: string
}

/** The ways in which it may be allowed, in the order in which they are tried: KEP-5284, and the one of old. */
export type ImpersonationMode = 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | 'legacy'

/** A right that the impersonator needs; where several of a kind are asked for, one for all of them does `instead`. */
export interface Need {
  readonly request: Request
  readonly instead?: ResourceRequest
}

export interface Attempt {
  readonly mode: ImpersonationMode
  /** authenticationMetadata.impersonationConstraint of the audit event: the verb of the mode, empty for `legacy`. */
  readonly constraint: string
  /** All of them. */
  readonly needs: readonly Need[]
  /** Why no right helps in this mode. */
  readonly never?: string
  /** As whom the request goes on. */
  readonly as: Requester
}

/** The gate ConstrainedImpersonation: alpha and off in 1.35, beta and on from 1.36 to 1.37. */
export function isConstrainedByDefault(minor: number): boolean {
  return minor >= 36
}

/**
 * All modes that apply, in order; the first that the impersonator has all rights for is the one. apiserver/pkg/endpoints/
 * filters/impersonation. The server tries the mode first by which the same impersonator came last, so that the
 * constraint in the log may be of a later mode than the first that would do; whether it is allowed is the same.
 */
export function attempts(
  impersonator: Impersonator,
  wanted: Wanted,
  request: Request,
  constrained: boolean,
): readonly Attempt[] {
  const legacy = legacyAttempt(wanted)
  if (!constrained) return [legacy]
  const onlyUser = !wanted.uid && !wanted.groups?.length && !wanted.extra?.size
  const node = nodeOf(wanted.user)
  const account = accountOf(wanted.user)
  const found: Attempt[] = []
  if (onlyUser && node !== undefined) {
    if (accountOf(impersonator.user) && impersonator.node === node)
      // Asked for all nodes: the answer is kept for the same account on others.
      found.push(nodeAttempt('associated-node', '*', wanted, request))
    found.push(nodeAttempt('arbitrary-node', node, wanted, request))
  }
  if (onlyUser && account) found.push(accountAttempt(account, wanted, request))
  if (node === undefined && !account) found.push(userAttempt(wanted, request))
  return [...found, legacy]
}

export type Impersonation =
  | { readonly allowed: true; readonly attempt: Attempt }
  | { readonly allowed: false; readonly attempts: readonly Attempt[] }
  /** Groups, a uid or extra fields without a user: status 400, before 1.35 500. */
  | { readonly allowed: false; readonly malformed: true }

export function impersonation(
  impersonator: Impersonator,
  wanted: Wanted,
  request: Request,
  constrained: boolean,
  may: (request: Request) => boolean,
): Impersonation {
  if (wanted.user === '') return { allowed: false, malformed: true }
  const all = attempts(impersonator, wanted, request, constrained)
  const attempt = all.find((each) => isMet(each, may))
  return attempt ? { allowed: true, attempt } : { allowed: false, attempts: all }
}

export function isMet({ never, needs }: Attempt, may: (request: Request) => boolean): boolean {
  return never === undefined && needs.every(({ request, instead }) => may(request) || (instead && may(instead)))
}

const AUTHENTICATION = 'authentication.k8s.io'
/** From so many on, the constrained modes ask for all at once first. */
const MANY = 4

function legacyAttempt(wanted: Wanted): Attempt {
  const account = accountOf(wanted.user)
  const needs = [
    account
      ? need('impersonate', '', 'serviceaccounts', account.name, account.namespace)
      : need('impersonate', '', 'users', wanted.user),
    ...uidNeeds('impersonate', wanted),
    ...(wanted.groups ?? []).map((group) => need('impersonate', '', 'groups', group)),
    ...extraNeeds('impersonate', wanted),
  ]
  const groups = account && !wanted.groups?.length ? accountGroups(account.namespace) : (wanted.groups ?? [])
  return { mode: 'legacy', constraint: '', needs, as: become(wanted.user, groups) }
}

/** The modes of KEP-5284: a right on whom to be, and one to do just this request as them. */
function constrainedAttempt(
  mode: Exclude<ImpersonationMode, 'legacy'>,
  request: Request,
  needs: readonly Need[],
  as: Requester,
): Attempt {
  const on: Need = { request: { ...request, verb: `impersonate-on:${mode}:${request.verb}` } }
  return { mode, constraint: `impersonate:${mode}`, needs: [on, ...needs], as }
}

function nodeAttempt(
  mode: 'associated-node' | 'arbitrary-node',
  name: string,
  { user }: Wanted,
  request: Request,
): Attempt {
  const be = need(`impersonate:${mode}`, AUTHENTICATION, 'nodes', name)
  return constrainedAttempt(mode, request, [be], become(user, [NODES]))
}

function accountAttempt({ namespace, name }: Account, { user }: Wanted, request: Request): Attempt {
  const be = need('impersonate:serviceaccount', AUTHENTICATION, 'serviceaccounts', name, namespace)
  return constrainedAttempt('serviceaccount', request, [be], become(user, accountGroups(namespace)))
}

function userAttempt(wanted: Wanted, request: Request): Attempt {
  const verb = 'impersonate:user-info'
  const groups = wanted.groups ?? []
  const asked = groups.map((group) => need(verb, AUTHENTICATION, 'groups', group))
  const allGroups = need(verb, AUTHENTICATION, 'groups', '*').request
  const extra = extraNeeds(verb, wanted)
  const allExtra = extraNeed(verb, '*', '*').request
  const isMuch = (wanted.extra?.size ?? 0) >= MANY || extra.length >= MANY
  const needs = [
    need(verb, AUTHENTICATION, 'users', wanted.user),
    ...uidNeeds(verb, wanted),
    ...(groups.length >= MANY ? asked.map((each) => ({ ...each, instead: allGroups })) : asked),
    ...(isMuch ? extra.map((each) => ({ ...each, instead: allExtra })) : extra),
  ]
  const attempt = constrainedAttempt('user-info', request, needs, become(wanted.user, groups))
  const never = neverGroups(groups) ?? neverExtra(wanted.extra)
  return never === undefined ? attempt : { ...attempt, never }
}

function neverGroups(groups: readonly string[]): string | undefined {
  if (groups.includes('')) return 'a group has no name'
  return groups.includes(MASTERS) ? `${MASTERS} is not given to anyone` : undefined
}

/** apimachinery/pkg/util/validation httpPathFmt. */
const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/

function neverExtra(extra: Wanted['extra']): string | undefined {
  for (const [key, values] of extra ?? []) {
    const slash = key.indexOf('/')
    const isKey = slash > 0 && dnsSubdomainProblems(key.slice(0, slash)).length === 0 && PATH.test(key.slice(slash + 1))
    if (!isKey) return `the key ${key} is no path after a domain`
    if (key !== key.toLowerCase()) return `the key ${key} is not in lower case`
    if (values.length === 0 || values.includes('')) return `the key ${key} has an empty value`
  }
  return undefined
}

function uidNeeds(verb: string, { uid }: Wanted): readonly Need[] {
  return uid ? [need(verb, AUTHENTICATION, 'uids', uid)] : []
}

function extraNeeds(verb: string, { extra }: Wanted): readonly Need[] {
  return [...(extra ?? [])].flatMap(([key, values]) => values.map((value) => extraNeed(verb, key, value)))
}

function extraNeed(verb: string, subresource: string, name: string): Need & { readonly request: ResourceRequest } {
  return {
    request: { verb, group: AUTHENTICATION, resource: 'userextras', subresource, namespace: '', name },
  }
}

function need(
  verb: string,
  group: string,
  resource: string,
  name: string,
  namespace = '',
): Need & { readonly request: ResourceRequest } {
  return { request: { verb, group, resource, subresource: '', namespace, name } }
}

/** Everyone is in one of the two groups; who asks for the second does not get the first. */
function become(user: string, groups: readonly string[]): Requester {
  const isAnonymous = user === ANONYMOUS
  if (!isAnonymous && groups.includes(UNAUTHENTICATED)) return { user, groups }
  const all = isAnonymous ? UNAUTHENTICATED : AUTHENTICATED
  return { user, groups: groups.includes(all) ? groups : [...groups, all] }
}

function accountGroups(namespace: string): readonly string[] {
  return [SERVICE_ACCOUNTS, `${SERVICE_ACCOUNTS}:${namespace}`]
}

interface Account {
  readonly namespace: string
  readonly name: string
}

/** serviceaccount.SplitUsername: a name that no service account can have is a user's like any other. */
export function accountOf(user: string): Account | undefined {
  const parts = user.split(':')
  const [system, kind, namespace = '', name = ''] = parts
  if (parts.length !== 4 || system !== 'system' || kind !== 'serviceaccount') return undefined
  const isOne = dnsLabelProblems(namespace).length === 0 && dnsSubdomainProblems(name).length === 0
  return isOne ? { namespace, name } : undefined
}

const NODE = 'system:node:'

function nodeOf(user: string): string | undefined {
  const name = user.startsWith(NODE) ? user.slice(NODE.length) : ''
  return name !== '' && dnsSubdomainProblems(name).length === 0 ? name : undefined
}

/**
 * Whom the headers may have asked for, of the one that a log tells: without what the API server adds by itself. Only a
 * node can be read in two ways: the constrained modes give it its group, by the one of old it was asked for.
 */
export function wantedOf({ user, groups }: Requester): readonly Wanted[] {
  const account = accountOf(user)
  const added = new Set([AUTHENTICATED, ...(user === ANONYMOUS ? [UNAUTHENTICATED] : [])])
  const asked = groups.filter((group) => !added.has(group))
  if (account) {
    const own = accountGroups(account.namespace)
    const isOwn = asked.length === own.length && own.every((group) => asked.includes(group))
    return [{ user, groups: isOwn ? [] : asked }]
  }
  const isNode = nodeOf(user) !== undefined && asked.length === 1 && asked[0] === NODES
  return isNode ? [{ user }, { user, groups: asked }] : [{ user, groups: asked }]
}
