import { authorize } from '../authz/authorize.ts'
import type { RbacPolicy } from '../authz/policy.ts'
import { isCollection, type Request } from '../authz/rules.ts'
import { implicitGroups, subjectIdsOf } from '../authz/subjects.ts'
import { subjectId } from '../cluster/rbac.ts'
import type { Access } from '../history/history.ts'
import { type AccessBehaviour, NOT_KEPT, OTHERS, type Outcome, type Who } from './behaviour.ts'
import type { Pods } from './pods.ts'
import { count, Days, type Samples, type Tally, trim } from './seen.ts'
import { type Shown, shownFold } from './shown.ts'

const MAX_BEHAVIOURS = 200_000
/** Of one subject, so that none leaves no room for others. */
const MAX_OF_SUBJECT = 20_000
/** Users with their groups and workloads; twice as many where they are bound by name, or are service accounts. */
const MAX_WHOS = 50_000
/** URLs of one user that only a pattern with a star allows. */
const MAX_URLS = 50
/** Refused requests that are known to be refused by the rules of today; a new one only costs a second look. */
const MAX_REFUSED = 50_000
/** Of pods and group sets; a new one only costs a second look. */
const MAX_CALLERS = 100_000
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):(.+)$/
const RBAC = 'rbac.authorization.k8s.io'

/** What is left of an audit log when its records are folded into behaviours. */
export interface AccessFacts {
  readonly records: number
  readonly seenDays: ReadonlySet<number>
  /** Of when records were written, so that a watch that began before the log does not move its start. */
  readonly from: number
  readonly to: number
  readonly whos: readonly Who[]
  readonly shown: Shown
  /** SubjectAccessReviews whose bodies were not recorded: someone's rights were used and it is not known whose. */
  readonly silentReviews: Tally | undefined
  /** Those of them that neither a node nor the control plane made: by kube-rbac-proxy and the like, of any right. */
  readonly silentReviewsOfAny: Tally | undefined
  readonly silentTokenReviews: Tally | undefined
  /** Service accounts whose tokens someone had reviewed, by subject. */
  readonly reviewedTokens: ReadonlyMap<string, Tally>
  /** `namespace/name` of the CronJobs for which a Job was made. */
  readonly fired: ReadonlySet<string>
}

interface OpenWho extends Who {
  readonly index: number
  readonly behaviours: OpenBehaviour[]
  readonly impersonations: OpenBehaviour[]
  readonly byKey: Map<string, OpenBehaviour>
  urls: number
  dropped: Tally | undefined
}

type OpenBehaviour = AccessBehaviour & Tally

export interface AccessFold {
  add(access: Access): void
  /** `within`: where records of times far from all others are known of, the span of these others. */
  finish(within?: Within): AccessFacts
}

export interface Within {
  readonly from: number
  readonly to: number
}

export function accessFold(policy: RbacPolicy, pods: Pods, samples: Samples): AccessFold {
  const names = namesInRules(policy)
  const urlClass = urlClassOf(policy)
  const ofSubject = new Map<string, number>()
  const refused = new Map<string, OpenBehaviour>()
  const otherIds = new Set<string>()
  const whos = new Map<string, OpenWho>()
  const callers = new Map<string, OpenWho>()
  const shown = shownFold()
  const reviewedTokens = new Map<string, Tally>()
  const fired = new Set<string>()
  let silentReviews: Tally | undefined
  let silentReviewsOfAny: Tally | undefined
  let silentTokenReviews: Tally | undefined
  let others: OpenWho | undefined
  let kept = 0
  const days = new Days()
  let records = 0
  let from = Number.POSITIVE_INFINITY
  let to = 0

  /** Everyone for whom there is no room: as whom they are bound is kept, and that they did something. */
  const other = (ids: readonly string[]): OpenWho => {
    for (const id of ids) {
      if (otherIds.has(id) || otherIds.size >= MAX_CALLERS) continue
      if (policy.bindingsOf(id).length > 0 || id.startsWith('ServiceAccount/')) otherIds.add(id)
    }
    others ??= {
      index: -1,
      user: 'users beyond those that are kept',
      groups: [],
      subject: OTHERS,
      ids: [],
      workload: '',
      namesPod: false,
      behaviours: [],
      impersonations: [],
      byKey: new Map(),
      urls: 0,
      dropped: undefined,
    }
    return others
  }

  const intern = (user: string, groups: readonly string[], pod: string): OpenWho => {
    const account = SERVICE_ACCOUNT.exec(user)
    const workload = account && pod !== '' ? pods.workloadOf(account[1] as string, pod) : ''
    const subject = subjectId({ kind: 'User', name: user, namespace: '' })
    const all = groups.length > 0 ? [...groups] : implicitGroups(subject)
    const key = JSON.stringify([user, all, workload, pod !== ''])
    let who = whos.get(key)
    if (!who) {
      const ids = subjectIdsOf({ user, groups: all })
      const isOwn = account !== null || policy.bindingsOf(subject).length > 0
      if (whos.size >= (isOwn ? 2 * MAX_WHOS : MAX_WHOS)) return other(ids)
      who = {
        index: whos.size,
        user,
        groups: all,
        subject,
        ids,
        workload,
        namesPod: pod !== '',
        behaviours: [],
        impersonations: [],
        byKey: new Map(),
        urls: 0,
        dropped: undefined,
      }
      whos.set(key, who)
    }
    return who
  }

  const callerOf = (user: string, groups: readonly string[], pod: string): OpenWho => {
    const key = `${user}\n${pod}\n${groups.join('\n')}`
    let who = callers.get(key)
    if (!who) {
      who = intern(user, groups, pod)
      if (callers.size >= MAX_CALLERS) callers.clear()
      callers.set(key, who)
    }
    return who
  }

  const drop = (who: OpenWho, access: Access): void => {
    if (who.dropped) count(who.dropped, access.time)
    else who.dropped = samples.tally(access)
  }

  const hasRoom = (who: OpenWho): boolean =>
    who !== others && kept < MAX_BEHAVIOURS && (ofSubject.get(who.subject) ?? 0) < MAX_OF_SUBJECT

  /** Whoever may not do anything may still ask for everything: what the rules of today refuse too is one behaviour. */
  const refusal = (
    access: Access,
    who: OpenWho,
    request: Request,
    key: string,
    impersonator: OpenWho | undefined,
  ): OpenBehaviour | undefined => {
    const full = `${who.index}\n${key}`
    const seen = refused.get(full)
    if (seen) return seen
    if (authorize(policy, who, request).allowed) return undefined
    const short = `refused\n${impersonator?.index}`
    let behaviour = who.byKey.get(short)
    if (!behaviour) {
      const rest = { hidesNames: false, object: '', created: false, impersonator, delegated: false }
      behaviour = { ...samples.tally(access), who, outcome: 'denied', request, ...rest, times: 0 }
      who.byKey.set(short, behaviour)
      who.behaviours.push(behaviour)
      impersonator?.impersonations.push(behaviour)
    }
    if (refused.size >= MAX_REFUSED) refused.clear()
    refused.set(full, behaviour)
    return behaviour
  }

  const fold = (
    access: Access,
    who: OpenWho,
    asked: Asked,
    outcome: Outcome,
    created: boolean,
    delegated: boolean,
    impersonator: OpenWho | undefined,
  ): void => {
    const { verb, group, resource, subresource, namespace, path } = asked
    const isUrl = resource === ''
    const named = asked.name !== '' && !isCreation(verb, subresource)
    const isKnown = named && names.has(asked.name)
    const name = isKnown ? asked.name : ''
    const object = !isUrl && group === RBAC && subresource === '' && !delegated ? nameOf(access) : ''
    // Beyond some, URLs that no rule tells apart are one.
    const pathClass = isUrl && outcome !== 'denied' && who.urls >= MAX_URLS ? urlClass(path) : path
    const key = isUrl
      ? `${outcome}\n${verb}\n${pathClass}\n${impersonator?.index}\n${delegated}`
      : `${outcome}\n${verb}\n${group}\n${resource}\n${subresource}\n${namespace}\n${name}\n${object}\n${impersonator?.index}\n${created}\n${delegated}\n${named}`
    const known = who.byKey.get(key)
    if (known) {
      count(known, access.time)
      return
    }
    if (!delegated) shown.add(access)
    const request = requestOf({ ...asked, name, path: pathClass })
    if (outcome === 'denied' && who !== others) {
      const known = refusal(access, who, request, key, impersonator)
      if (known) {
        count(known, access.time)
        return
      }
    }
    if (!hasRoom(who) || (impersonator !== undefined && impersonator === others)) {
      // What was refused to people who are not told apart is no use, but it took a right to ask for it as another.
      if (outcome !== 'denied') drop(who, access)
      if (impersonator) drop(impersonator, access)
      return
    }
    kept++
    ofSubject.set(who.subject, (ofSubject.get(who.subject) ?? 0) + 1)
    if (isUrl && pathClass === path && urlClass(path) !== path) who.urls++
    const behaviour: OpenBehaviour = {
      ...samples.tally(access),
      who,
      outcome,
      request,
      hidesNames: (named && !isKnown) || pathClass !== path,
      object,
      created,
      impersonator,
      delegated,
    }
    who.byKey.set(key, behaviour)
    who.behaviours.push(behaviour)
    impersonator?.impersonations.push(behaviour)
  }

  const review = (access: Access): void => {
    const isToken = access.resource === 'tokenreviews'
    const told = access.review
    if (!told) {
      if (!isToken && !ASKED_OF_NODES.test(access.user)) {
        if (silentReviewsOfAny) count(silentReviewsOfAny, access.time)
        else silentReviewsOfAny = samples.tally(access)
      }
      const tally = isToken ? silentTokenReviews : silentReviews
      if (tally) count(tally, access.time)
      else if (isToken) silentTokenReviews = samples.tally(access)
      else silentReviews = samples.tally(access)
      return
    }
    if (!told.allowed || told.user === '') return
    const who = callerOf(told.user, told.groups, '')
    // The answer was not recorded: where today's rules refuse it, it was likely refused.
    if (told.unanswered && !isToken && !authorize(policy, who, requestOf(told)).allowed) return
    if (isToken) {
      const tally = reviewedTokens.get(who.subject)
      if (tally) count(tally, access.time)
      else reviewedTokens.set(who.subject, samples.tally(access))
      return
    }
    fold(access, who, told, 'used', false, true, undefined)
  }

  return {
    add(access) {
      records++
      const written = Math.max(access.end, access.time)
      if (written < from) from = written
      if (written > to) to = written
      days.add(written)
      const outcome = outcomeOf(access)
      if (outcome === undefined) return
      const { verb, resource, group, code, impersonator, pod } = access
      // The pod is that of the token that came: the impersonator's, where there is one.
      const who = callerOf(access.user, access.groups, impersonator ? '' : (pod?.name ?? ''))
      const by = impersonator && callerOf(impersonator.user, impersonator.groups, pod?.name ?? '')
      const created = code === 201 && (verb === 'patch' || verb === 'update')
      fold(access, who, access, outcome, created, false, by)
      if (verb !== 'create' || outcome !== 'used') return
      if (resource === 'jobs' && group === 'batch') fired.add(cronJobOf(access))
      else if (isReview(access)) review(access)
    },
    finish: (within) => {
      const all = [...whos.values(), ...(others ? [{ ...others, ids: [...otherIds] }] : [])]
      if (within) for (const { behaviours } of all) for (const each of behaviours) trim(each, within.from, within.to)
      return {
        records,
        seenDays: days.within(within),
        from: records === 0 ? 0 : Math.max(from, within?.from ?? from),
        to: Math.min(to, within?.to ?? to),
        whos: all,
        shown,
        silentReviews,
        silentReviewsOfAny,
        silentTokenReviews,
        reviewedTokens,
        fired,
      }
    },
  }
}

/** Who asks about rights on nodes or of its own clients only: kubelets and the control plane. */
const ASKED_OF_NODES = /^(system:node:.+|kubelet|system:kube-.+|system:apiserver)$/

interface Asked {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
}

/** Undefined for a request of nobody (401). An admission plugin's 403 is of a request that the authorizer let through. */
function outcomeOf({ decision, code, dryRun }: Access): Outcome | undefined {
  if (code === 401) return undefined
  if (decision === 'forbid' || (decision === 'untold' && code === 403)) return 'denied'
  return dryRun ? 'dry-run' : 'used'
}

/** The name of what a request for a collection made is recorded, and the authorizer did not see it. */
function isCreation(verb: string, subresource: string): boolean {
  return isCollection(verb, subresource) && (verb === 'create' || verb === 'deletecollection')
}

function isReview({ group, resource }: Access): boolean {
  return group === 'authorization.k8s.io'
    ? resource === 'subjectaccessreviews' || resource === 'localsubjectaccessreviews'
    : group === 'authentication.k8s.io' && resource === 'tokenreviews'
}

/** A CronJob names its Jobs by the minute at which they were due (pkg/controller/cronjob getJobName). */
function cronJobOf(access: Access): string {
  return `${access.namespace}/${nameOf(access).replace(/-\d{4,}$/, '')}`
}

const OBJECT_NAME = /\\?"objectRef\\?"\s*:\s*\{[^{}]*?\\?"name\\?"\s*:\s*\\?"([^"\\]+)/

/** Of what was written. The authorizer sees no name where something is made; the event has it. */
function nameOf(access: Access): string {
  return access.name === '' && access.verb === 'create' ? (OBJECT_NAME.exec(access.raw())?.[1] ?? '') : access.name
}

function requestOf({ verb, group, resource, subresource, namespace, name, path }: Asked): Request {
  return resource === '' ? { verb, path } : { verb, group, resource, subresource, namespace, name }
}

/**
 * A path as rules see it: itself where one names it, else what the longest pattern with a star says of it and the mark of
 * those that are not kept, which no narrower pattern matches.
 */
function urlClassOf(policy: RbacPolicy): (path: string) => string {
  const patterns = new Set(policy.roles.flatMap((role) => role.rules.flatMap((rule) => rule.nonResourceURLs)))
  const prefixes = [...patterns]
    .filter((each) => each.endsWith('*'))
    .map((each) => each.replace(/\*+$/, ''))
    .sort((a, b) => b.length - a.length)
  return (path) =>
    patterns.has(path) ? path : `${prefixes.find((prefix) => path.startsWith(prefix)) ?? ''}${NOT_KEPT}`
}

function namesInRules(policy: RbacPolicy): ReadonlySet<string> {
  return new Set(policy.roles.flatMap((role) => role.rules.flatMap((rule) => rule.resourceNames)))
}
