import { authorize } from '../authz/authorize.ts'
import type { RbacPolicy } from '../authz/policy.ts'
import { isCollection, type Request } from '../authz/rules.ts'
import { implicitGroups, subjectIdsOf } from '../authz/subjects.ts'
import { subjectId } from '../cluster/rbac.ts'
import type { Access } from '../history/history.ts'
import type { AccessBehaviour, Outcome, Who } from './behaviour.ts'
import type { Pods } from './pods.ts'
import { count, Days, type Samples, type Tally } from './seen.ts'
import { type Shown, shownFold } from './shown.ts'

const MAX_BEHAVIOURS = 200_000
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
  readonly silentTokenReviews: Tally | undefined
  /** Service accounts whose tokens someone had reviewed, by subject. */
  readonly reviewedTokens: ReadonlyMap<string, Tally>
  /** `namespace/name` of the CronJobs for which a Job was made. */
  readonly fired: ReadonlySet<string>
  /** Whether more was seen than is kept. */
  readonly overflowed: boolean
}

interface OpenWho extends Who {
  readonly index: number
  readonly behaviours: OpenBehaviour[]
  readonly impersonations: OpenBehaviour[]
  readonly byKey: Map<string, OpenBehaviour>
  dropped: Tally | undefined
}

type OpenBehaviour = AccessBehaviour & Tally

export interface AccessFold {
  add(access: Access): void
  finish(): AccessFacts
}

export function accessFold(policy: RbacPolicy, pods: Pods, samples: Samples): AccessFold {
  const names = namesInRules(policy)
  const whos = new Map<string, OpenWho>()
  const callers = new Map<string, OpenWho>()
  const shown = shownFold()
  const reviewedTokens = new Map<string, Tally>()
  const fired = new Set<string>()
  let silentReviews: Tally | undefined
  let silentTokenReviews: Tally | undefined
  let kept = 0
  const days = new Days()
  let records = 0
  let overflowed = false
  let from = Number.POSITIVE_INFINITY
  let to = 0

  const intern = (user: string, groups: readonly string[], pod: string): OpenWho => {
    const account = SERVICE_ACCOUNT.exec(user)
    const workload = account && pod !== '' ? pods.workloadOf(account[1] as string, pod) : ''
    const subject = subjectId({ kind: 'User', name: user, namespace: '' })
    const all = groups.length > 0 ? [...groups] : implicitGroups(subject)
    const key = JSON.stringify([user, all, workload, pod !== ''])
    let who = whos.get(key)
    if (!who) {
      who = {
        index: whos.size,
        user,
        groups: all,
        subject,
        ids: subjectIdsOf({ user, groups: all }),
        workload,
        namesPod: pod !== '',
        behaviours: [],
        impersonations: [],
        byKey: new Map(),
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
    const key = isUrl
      ? `${outcome}\n${verb}\n${path}\n${impersonator?.index}\n${delegated}`
      : `${outcome}\n${verb}\n${group}\n${resource}\n${subresource}\n${namespace}\n${name}\n${object}\n${impersonator?.index}\n${created}\n${delegated}\n${named}`
    const known = who.byKey.get(key)
    if (known) {
      count(known, access.time)
      return
    }
    if (!delegated) shown.add(access)
    if (kept >= MAX_BEHAVIOURS) {
      overflowed = true
      if (who.dropped) count(who.dropped, access.time)
      else who.dropped = samples.tally(access)
      return
    }
    kept++
    const request = requestOf({ ...asked, name })
    const behaviour: OpenBehaviour = {
      ...samples.tally(access),
      who,
      outcome,
      request,
      hidesNames: named && !isKnown,
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
    finish: () => ({
      records,
      seenDays: days.all,
      from: records === 0 ? 0 : from,
      to,
      whos: [...whos.values()],
      shown,
      silentReviews,
      silentTokenReviews,
      reviewedTokens,
      fired,
      overflowed,
    }),
  }
}

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

function namesInRules(policy: RbacPolicy): ReadonlySet<string> {
  return new Set(policy.roles.flatMap((role) => role.rules.flatMap((rule) => rule.resourceNames)))
}
