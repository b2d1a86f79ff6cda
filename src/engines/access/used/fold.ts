import { authorize } from '../../../authz/authorize.ts'
import type { RbacPolicy } from '../../../authz/policy.ts'
import { isCollection, type Request } from '../../../authz/rules.ts'
import type { Access } from '../../../history/history.ts'
import { count, Days, type Samples, type Tally, trim } from '../../seen.ts'
import type { Outcome, Who } from './behaviour.ts'
import { nameRoom, OpenNames } from './names.ts'
import { addReason } from './reasons.ts'
import { Repeats } from './repeats.ts'
import { isReview, OpenReviews, type SilentReviews } from './reviews.ts'
import { type Shown, shownFold } from './shown.ts'
import { urlClassOf } from './urls.ts'
import { type OpenBehaviour, type OpenWho, whosOf } from './whos.ts'

const MAX_BEHAVIOURS = 200_000
/** Of one subject, so that none leaves no room for others. */
const MAX_OF_SUBJECT = 20_000
/** URLs of one user that only a pattern with a star allows. */
const MAX_URLS = 50
/** Refused requests that are known to be refused by the rules of today; a new one only costs a second look. */
const MAX_REFUSED = 50_000
const MAX_REFUSED_OF_WHO = 200
/** Verbs on kinds of things: anybody may ask for one that there is not. */
const MAX_KINDS = 250_000
const RBAC = 'rbac.authorization.k8s.io'

/** What is left of an audit log when its records are folded into behaviours. */
export interface AccessFacts {
  readonly records: number
  /** Whether names that no rule of today names were kept. */
  readonly detailed: boolean
  readonly seenDays: ReadonlySet<number>
  /** Of when records were written, so that a watch that began before the log does not move its start. */
  readonly from: number
  readonly to: number
  readonly whos: readonly Who[]
  readonly shown: Shown
  readonly silent: SilentReviews
  /** Service accounts whose tokens someone had reviewed, by subject. */
  readonly reviewedTokens: ReadonlyMap<string, Tally>
  /** `namespace/name` of the CronJobs for which a Job was made. */
  readonly fired: ReadonlySet<string>
}

export interface AccessFold {
  add(access: Access): void
  /** `within`: where records of times far from all others are known of, the span of these others. */
  finish(within?: Within): AccessFacts
}

export interface Within {
  readonly from: number
  readonly to: number
}

export interface AccessFoldOptions {
  readonly policy: RbacPolicy
  readonly workloadOf: (namespace: string, pod: string) => string
  readonly samples: Samples
  /** Whether names that no rule of today names are kept too, as far as there is room, and the reasons of the authorizer. */
  readonly detailed?: boolean
}

/** Folds requests into behaviours: memory grows with what is different, not with the log. */
export function accessFold({ policy, workloadOf, samples, detailed = false }: AccessFoldOptions): AccessFold {
  const namesOfRules = namesInRules(policy)
  const urlClass = urlClassOf(policy)
  const ofSubject = new Map<string, number>()
  const refused = new Map<string, OpenBehaviour>()
  const whos = whosOf(policy, workloadOf)
  const kindOf = kinds()
  const room = nameRoom()
  const shown = shownFold()
  const silent = new OpenReviews(samples)
  const reviewedTokens = new Map<string, Tally>()
  const fired = new Set<string>()
  const repeats = new Repeats()
  let kept = 0
  const days = new Days()
  let records = 0
  let from = Number.POSITIVE_INFINITY
  let to = 0

  const drop = (who: OpenWho, access: Access): void => {
    if (who.dropped) count(who.dropped, access.time)
    else who.dropped = samples.tally(access)
  }

  const hasRoom = (who: OpenWho): boolean =>
    !whos.isOthers(who) && kept < MAX_BEHAVIOURS && (ofSubject.get(who.subject) ?? 0) < MAX_OF_SUBJECT

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

  const again = (behaviour: OpenBehaviour, asked: Asked, access: Access): void => {
    count(behaviour, access.time)
    if (!detailed || behaviour.outcome === 'denied') return
    if (behaviour.names) behaviour.names.add(asked.name, access.time, access.place)
    if (behaviour.reasons) addReason(behaviour.reasons, access.reason, access.time)
  }

  /** A behaviour that was not seen before; undefined where there is no room for it. */
  const begin = (
    access: Access,
    who: OpenWho,
    asked: Asked,
    request: Request,
    rest: Pick<OpenBehaviour, 'outcome' | 'hidesNames' | 'object' | 'created' | 'delegated'>,
    impersonator: OpenWho | undefined,
  ): OpenBehaviour | undefined => {
    if (!hasRoom(who) || (impersonator !== undefined && whos.isOthers(impersonator))) {
      // What was refused to people who are not told apart is no use, but it took a right to ask for it as another.
      if (rest.outcome !== 'denied') drop(who, access)
      if (impersonator) drop(impersonator, access)
      return undefined
    }
    kept++
    ofSubject.set(who.subject, (ofSubject.get(who.subject) ?? 0) + 1)
    const behaviour: OpenBehaviour = { ...samples.tally(access), who, request, impersonator, ...rest }
    if (detailed && rest.outcome !== 'denied') {
      const { place, time, reason } = access
      if (!rest.delegated) behaviour.reasons = [{ reason, times: 1, first: time, last: time }]
      if (rest.hidesNames && !('path' in request) && !isNode(who)) {
        const names = new OpenNames(room)
        names.add(asked.name, time, place)
        behaviour.names = names
      }
    }
    who.behaviours.push(behaviour)
    impersonator?.impersonations.push(behaviour)
    return behaviour
  }

  /** What counted it; undefined where nothing did, or the next of its like may be counted by something else. */
  const fold = (
    access: Access,
    who: OpenWho,
    asked: Asked,
    outcome: Outcome,
    created: boolean,
    delegated: boolean,
    impersonator: OpenWho | undefined,
  ): OpenBehaviour | undefined => {
    const { verb, group, resource, subresource, namespace, path } = asked
    const isUrl = resource === ''
    const named = asked.name !== '' && !isCreation(verb, subresource)
    const isKnown = named && namesOfRules.has(asked.name)
    const name = isKnown ? asked.name : ''
    const hidesNames = named && !isKnown
    const isPlain = outcome === 'used' && !created && !delegated && impersonator === undefined
    if (isPlain && !isUrl && !isKnown && group !== RBAC) {
      const kind = kindOf(asked, hidesNames)
      if (kind === undefined) {
        drop(who, access)
        return undefined
      }
      const here = ofKind(who.byKind, kind)
      const known = here.get(namespace)
      if (known) {
        again(known, asked, access)
        return known
      }
      shown.add(access)
      const rest = { outcome, hidesNames, object: '', created, delegated }
      const made = begin(access, who, asked, requestOf(asked, name, path), rest, undefined)
      if (made) here.set(namespace, made)
      return made
    }
    const object = !isUrl && group === RBAC && subresource === '' && !delegated ? nameOf(access) : ''
    // Beyond some, URLs that no rule tells apart are one.
    const pathClass = isUrl && outcome !== 'denied' && who.urls >= MAX_URLS ? urlClass(path) : path
    const key = isUrl
      ? `${outcome}\n${verb}\n${pathClass}\n${impersonator?.index}\n${delegated}`
      : `${outcome}\n${verb}\n${group}\n${resource}\n${subresource}\n${namespace}\n${name}\n${object}\n${impersonator?.index}\n${created}\n${delegated}\n${named}`
    // A path is told by no `alike`, and neither is the name of a role that is made.
    const isTold = !isUrl && group !== RBAC
    const known = who.byKey.get(key)
    if (known) {
      again(known, asked, access)
      return isTold ? known : undefined
    }
    if (!delegated) shown.add(access)
    const request = requestOf(asked, name, pathClass)
    // What was refused must never be granted by a general rule, so that a detailed fold tells some of it apart.
    if (outcome === 'denied' && !whos.isOthers(who) && !(detailed && who.refused++ < MAX_REFUSED_OF_WHO)) {
      who.refusedMore = detailed
      const known = refusal(access, who, request, key, impersonator)
      if (known) {
        count(known, access.time)
        return isTold ? known : undefined
      }
    }
    const hides = hidesNames || pathClass !== path
    const rest = { outcome, hidesNames: hides, object, created, delegated }
    const made = begin(access, who, asked, request, rest, impersonator)
    if (!made) return undefined
    if (isUrl && pathClass === path && urlClass(path) !== path) who.urls++
    who.byKey.set(key, made)
    return isTold ? made : undefined
  }

  /** The next of its like is counted without all this. */
  const remember = (access: Access, behaviour: OpenBehaviour): void => {
    if (!access.alike) return
    const { names, reasons } = behaviour
    const name = names?.kept.get(access.name)
    const reason = reasons?.find((each) => each.reason === access.reason)
    if ((names && !name) || (reasons && !reason)) return
    repeats.keep(access.alike, { behaviour, name, reason })
  }

  const review = (access: Access): void => {
    const told = access.review
    if (!told) {
      silent.add(access)
      return
    }
    if (!told.allowed || told.user === '') return
    const isToken = access.resource === 'tokenreviews'
    const who = whos.of(told.user, told.groups, '')
    // The answer was not recorded: where today's rules refuse it, it was likely refused.
    if (told.unanswered && !isToken && !authorize(policy, who, requestOf(told, told.name, told.path)).allowed) return
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
      const { time, alike } = access
      repeats.at(time)
      if (alike && repeats.again(alike, time)) return
      const outcome = outcomeOf(access)
      if (outcome === undefined) return
      const { verb, resource, group, code, impersonator, pod } = access
      // The pod is that of the token that came: the impersonator's, where there is one.
      const who = whos.of(access.user, access.groups, impersonator ? '' : (pod?.name ?? ''))
      const by = impersonator && whos.of(impersonator.user, impersonator.groups, pod?.name ?? '')
      const created = code === 201 && (verb === 'patch' || verb === 'update')
      const behaviour = fold(access, who, access, outcome, created, false, by)
      const isMade = verb === 'create' && outcome === 'used'
      if (isMade && resource === 'jobs' && group === 'batch') fired.add(cronJobOf(access))
      else if (isMade && isReview(access)) review(access)
      else if (behaviour) remember(access, behaviour)
    },
    finish: (within) => {
      repeats.end()
      const all = whos.all()
      if (within) for (const { behaviours } of all) for (const each of behaviours) trim(each, within.from, within.to)
      return {
        records,
        detailed,
        seenDays: days.within(within),
        from: records === 0 ? 0 : Math.max(from, within?.from ?? from),
        to: Math.min(to, within?.to ?? to),
        whos: all,
        shown,
        silent,
        reviewedTokens,
        fired,
      }
    },
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

function ofKind<K, V>(all: Map<K, Map<string, V>>, kind: K): Map<string, V> {
  let here = all.get(kind)
  if (!here) {
    here = new Map()
    all.set(kind, here)
  }
  return here
}

/** A number for each verb on each kind of thing, by name or not; undefined where there are too many. */
function kinds(): (asked: Asked, named: boolean) => number | undefined {
  const byResource = new Map<string, { verb: string; group: string; subresource: string; kind: number }[]>()
  let count = 0
  return ({ verb, group, resource, subresource }, named) => {
    let same = byResource.get(resource)
    if (same)
      for (const each of same)
        if (each.verb === verb && each.group === group && each.subresource === subresource)
          return each.kind + Number(named)
    if (count >= MAX_KINDS || (same && same.length >= MAX_SAME)) return undefined
    const kind = 2 * count++
    if (!same) {
      same = []
      byResource.set(resource, same)
    }
    same.push({ verb, group, subresource, kind })
    return kind + Number(named)
  }
}

/** Of one resource: verbs, groups and subresources are few. */
const MAX_SAME = 100

function isNode({ user }: Who): boolean {
  return user.startsWith('system:node:')
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

/** A CronJob names its Jobs by the minute at which they were due (pkg/controller/cronjob getJobName). */
function cronJobOf(access: Access): string {
  return `${access.namespace}/${nameOf(access).replace(/-\d{4,}$/, '')}`
}

const OBJECT_NAME = /\\?"objectRef\\?"\s*:\s*\{[^{}]*?\\?"name\\?"\s*:\s*\\?"([^"\\]+)/

/** Of what was written. The authorizer sees no name where something is made; the event has it. */
export function nameOf(access: Access): string {
  return access.name === '' && access.verb === 'create' ? (OBJECT_NAME.exec(access.raw())?.[1] ?? '') : access.name
}

function requestOf(asked: Asked, name: string, path: string): Request {
  const { verb, group, resource, subresource, namespace } = asked
  return resource === '' ? { verb, path } : { verb, group, resource, subresource, namespace, name }
}

function namesInRules(policy: RbacPolicy): ReadonlySet<string> {
  return new Set(policy.roles.flatMap((role) => role.rules.flatMap((rule) => rule.resourceNames)))
}
