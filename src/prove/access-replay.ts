import { authorize, type Decision } from '../authz/authorize.ts'
import { uncovered } from '../authz/covers.ts'
import type { RbacPolicy } from '../authz/policy.ts'
import { type Request, ruleGrants } from '../authz/rules.ts'
import { implicitGroups, NODES, type Requester, subjectIdsOf } from '../authz/subjects.ts'
import { idParts } from '../cluster/object.ts'
import { subjectId } from '../cluster/rbac.ts'
import {
  type AccessBehaviour,
  formatAccess,
  formatPlace,
  formatRequest,
  NOT_KEPT,
  OTHERS,
  type Who,
} from '../engines/access/used/behaviour.ts'
import { bindingOf, rulesOf } from '../engines/access/used/held.ts'
import { type Check, checksOf, impersonates } from '../engines/access/used/secondary.ts'
import type { Move } from './affected.ts'
import { type Facts, recentSince } from './facts.ts'
import { BlindSpots, counterexample, type Part } from './part.ts'
import type { Counterexample } from './proof.ts'
import { givesTheSame, type LostRight } from './rights.ts'
import { formatId, plural } from './words.ts'

/** Someone whose rights changed, and as whom its requests will be made: the same, another account, or nobody at all. */
export interface Affected {
  readonly who: Who
  readonly as: Requester | undefined
  readonly lost: readonly LostRight[]
  /** What a blind spot of it touches: subjects or workloads. */
  readonly touches: Set<string>
}

/** What authorizers beside RBAC let through, before the steps and after them. */
export type Beside = (requester: Requester, request: Request) => boolean

export interface AccessReplay extends Part {
  readonly affected: ReadonlyMap<Who, Affected>
}

type Found = Omit<AccessReplay, 'incidences' | 'limits'>

/** Who of the records is affected: everyone who is bound as a subject that lost something, and the pods that moved. */
export function affectedWhos(
  facts: Facts,
  after: RbacPolicy,
  lost: ReadonlyMap<string, readonly LostRight[]>,
  movedWhos: ReadonlyMap<Who, { readonly move: Move; readonly lost: readonly LostRight[] }>,
): ReadonlyMap<Who, Affected> {
  const found = new Map<Who, Affected>()
  for (const [who, { move, lost: rights }] of movedWhos)
    found.set(who, { who, as: requesterOf(move.to), lost: rights, touches: new Set([move.workload.id]) })
  for (const [subject, rights] of lost) {
    for (const who of facts.whosOf(subject)) {
      const known = found.get(who)
      const touches = known?.touches ?? new Set()
      touches.add(subject)
      // What goes from a group, a member may hold by itself or by another group.
      const own =
        who.subject === OTHERS
          ? rights
          : rights.filter(({ right, namespace }) => uncovered(rulesOf(after, who.ids, namespace), [right]).length > 0)
      found.set(who, { who, as: known ? known.as : who, lost: [...(known?.lost ?? []), ...own], touches })
    }
  }
  return found
}

function requesterOf(account: string | undefined): Requester | undefined {
  if (account === undefined) return undefined
  const { namespace, name } = idParts(account)
  return { user: `system:serviceaccount:${namespace}:${name}`, groups: implicitGroups(account) }
}

/** Every recorded request of theirs under the rules as they were, then as they will be. */
export function replayAccess(
  before: RbacPolicy,
  after: RbacPolicy,
  facts: Facts,
  affected: ReadonlyMap<Who, Affected>,
  beside: Beside = () => false,
): Found {
  const spots = new BlindSpots()
  const counterexamples: Counterexample[] = []
  const recent: { behaviour: string; first: number; place: AccessBehaviour['place'] }[] = []
  const since = recentSince(facts.access ?? { from: 0, to: 0 })
  const isKept = keeping(before, after)
  let explained = 0
  let unexplained = 0
  let replayed = 0

  const replay = (behaviour: AccessBehaviour, { who, as, lost, touches }: Affected): void => {
    const { times, outcome } = behaviour
    const old = decisionOf(before, behaviour)
    const wasAllowed = old.allowed || beside(who, behaviour.request)
    const isExplained = wasAllowed === (outcome !== 'denied') || (outcome !== 'denied' && isNode(who))
    if (isExplained) explained += times
    else unexplained += times
    if (outcome === 'used') {
      replayed += times
      if (behaviour.first >= since)
        recent.push({ behaviour: formatAccess(behaviour), first: behaviour.first, place: behaviour.place })
    }
    if (!isExplained && outcome === 'used' && (lost.length > 0 || as !== who))
      spots.add(unexplainedSpot(behaviour, touches), times, (sum) => unexplainedWords(sum, who))
    if (!old.allowed || outcome === 'dry-run') return
    const isStill = as === who && isKept(old)
    const now = isStill || as === undefined ? undefined : authorize(after, as, behaviour.request)
    if (isStill || now?.allowed || (as !== undefined && beside(as, behaviour.request))) return
    if (outcome === 'denied') spots.add(unexplainedSpot(behaviour, touches), times, (sum) => unexplainedWords(sum, who))
    else if (as && behaviour.hidesNames && isNarrowed(after, as, behaviour))
      spots.add(
        {
          kind: 'names-not-kept',
          message: `of ${formatAccess(behaviour)} the names were not kept, and the new rules tell them apart`,
          instance: formatPlace(behaviour.place),
          touches: [...touches],
        },
        times,
      )
    else counterexamples.push(counterexample(behaviour, formatAccess(behaviour), whyDenied(old, after, as, who)))
  }

  const check = (
    behaviour: AccessBehaviour,
    { words, passes, concerns }: Check,
    { who, as, lost, touches }: Affected,
  ): void => {
    const now = as ? passes(after, as) : 'no'
    if (now === 'yes' || (as === who && !lost.some(({ right }) => concerns(right.resources)))) return
    const what = `${formatAccess(behaviour)}, ${words}`
    if (now === 'no' && passes(before, who) === 'yes') {
      const why = as ? `${as.user} no longer holds what that needs` : 'its pods no longer hold a token'
      counterexamples.push(counterexample(behaviour, what, why))
      return
    }
    spots.add({
      kind: 'secondary-check',
      message: `${what}; whether it still would pass, the record does not show`,
      instance: formatPlace(behaviour.place),
      touches: [...touches],
    })
  }

  for (const each of affected.values()) {
    const { who } = each
    for (const behaviour of who.behaviours) {
      replay(behaviour, each)
      if (behaviour.outcome === 'used') for (const one of checksOf(behaviour, before)) check(behaviour, one, each)
    }
    for (const behaviour of who.impersonations) {
      if (behaviour.outcome !== 'used') continue
      replayed += behaviour.times
      check(behaviour, impersonates(behaviour), each)
    }
  }
  return {
    affected,
    explained,
    unexplained,
    replayed,
    counterexamples,
    blindSpots: spots.list(),
    reasons: [],
    recent,
  }
}

const decisions = new WeakMap<RbacPolicy, Map<AccessBehaviour, Decision>>()

/** Under the rules before any step, which are the same for hundreds of proofs. */
function decisionOf(before: RbacPolicy, behaviour: AccessBehaviour): Decision {
  let known = decisions.get(before)
  if (!known) {
    known = new Map()
    decisions.set(before, known)
  }
  let decision = known.get(behaviour)
  if (!decision) {
    decision = authorize(before, behaviour.who, behaviour.request)
    known.set(behaviour, decision)
  }
  return decision
}

/** Whether what allowed a request stands as it stood: then nothing need be asked again. */
function keeping(before: RbacPolicy, after: RbacPolicy): (decision: Decision) => boolean {
  const known = new Map<unknown, Map<string, boolean>>()
  return (decision) => {
    if (!decision.allowed) return false
    if (decision.by === 'system:masters') return true
    const { binding, subject } = decision.by
    const id = subjectId(subject)
    const ofBinding = known.get(binding) ?? new Map<string, boolean>()
    known.set(binding, ofBinding)
    const kept = ofBinding.get(id) ?? givesTheSame(before, after, binding, id)
    ofBinding.set(id, kept)
    return kept
  }
}

/** The Node authorizer allows nodes what RBAC does not. */
function isNode({ groups, user }: Who): boolean {
  return groups.includes(NODES) && user.startsWith('system:node:')
}

/** A rule that lets some names through: the record's may be among them. */
function isNarrowed(after: RbacPolicy, as: Requester, { request }: AccessBehaviour): boolean {
  if ('path' in request) {
    const prefix = request.path.slice(0, -NOT_KEPT.length)
    return rulesOf(after, subjectIdsOf(as), '').some(
      ({ verbs, nonResourceURLs }) =>
        (verbs.includes('*') || verbs.includes(request.verb)) && nonResourceURLs.some((url) => url.startsWith(prefix)),
    )
  }
  const { verb, group, resource, subresource, namespace } = request
  return rulesOf(after, subjectIdsOf(as), namespace).some(
    (rule) => rule.resourceNames.length > 0 && ruleGrants(rule, verb, group, resource, subresource),
  )
}

function unexplainedSpot(behaviour: AccessBehaviour, touches: ReadonlySet<string>) {
  return {
    kind: 'unexplained',
    message: '',
    instance: `${formatRequest(behaviour.request)} (${formatPlace(behaviour.place)})`,
    touches: [...touches],
  }
}

function unexplainedWords(times: number, who: Who): string {
  return `${plural(times, 'recorded request')} of ${formatId(who.subject)} ${times === 1 ? 'is' : 'are'} not explained by the rules of today`
}

function whyDenied(old: Decision, after: RbacPolicy, as: Requester | undefined, who: Who): string {
  if (!as) return 'its pods no longer hold a token'
  if (!old.allowed || old.by === 'system:masters') return `${as.user} is not allowed it`
  const { binding, role } = old.by
  const name = formatId(binding.object.id)
  if (as !== who) return `${as.user} takes the place of ${who.user}, to which ${name} gave it`
  const kept = bindingOf(after, binding.object.id)
  if (!kept) return `${name} gave it and is gone; nothing else gives it`
  return kept.subjects.some((each) => who.ids.includes(subjectId(each)))
    ? `${formatId(role.object.id)}, which ${name} gives, no longer allows it; nothing else does`
    : `${name} gave it and no longer names ${old.by.subject.name}; nothing else gives it`
}
