import { authorize } from '../../authz/authorize.ts'
import type { CloudGrant } from '../../authz/cloud/granted-authorizer.ts'
import type { RbacPolicy } from '../../authz/policy.ts'
import { bindingOfReason } from '../../authz/reason.ts'
import type { Request } from '../../authz/rules.ts'
import { MASTERS } from '../../authz/subjects.ts'
import { idOf } from '../../cluster/object.ts'
import { type Binding, subjectId } from '../../cluster/rbac.ts'
import { type AccessBehaviour, formatRequest, OTHERS, type Who } from '../../engines/access/used/behaviour.ts'
import type { CloudAccess, CloudGiven } from '../../engines/access/used/cloud-grants.ts'
import type { AccessFacts } from '../../engines/access/used/fold.ts'
import { bindingOf } from '../../engines/access/used/held.ts'
import { sideUses } from '../../engines/access/used/secondary.ts'
import { type Atom, atomOf } from './atom.ts'
import type { Use } from './grantee.ts'
import { namesOf } from './names.ts'
import { passing } from './passing.ts'

/** A use that is not granted, and why. */
export interface Ungranted {
  readonly user: string
  readonly what: string
  readonly why: string
}

export interface UsesOptions {
  /** Undefined: nothing is known of today's rules, and the log alone decides. */
  readonly today: RbacPolicy | undefined
  /** Rules of Kubernetes itself: what everybody is given is not given again. */
  readonly defaults: RbacPolicy
  /** Whether a binding goes on giving a subject, whose id this is, what it gives. */
  readonly stays: (binding: Binding, subject: string) => boolean
  /** What clouds grant beside RBAC, and whether what was used by such a grant is left to it. */
  readonly cloud?: CloudAccess | undefined
  readonly staysInCloud?: (grant: CloudGrant) => boolean
}

/** A use that a grant of a cloud let through: the log says so, or nothing else gives it today. */
export interface CloudUse {
  readonly who: Who
  readonly atom: Atom
  readonly given: CloudGiven
}

export interface Uses {
  readonly uses: readonly Use[]
  readonly ungranted: readonly Ungranted[]
  /** Rights that no RBAC gives: by the Node authorizer. */
  readonly nodes: readonly Who[]
  readonly masters: ReadonlySet<string>
  readonly denied: ReadonlyMap<string, number>
  readonly cloud: readonly CloudUse[]
}

/** All that was used and must be granted by a Role: what stays, and what everybody has, needs none. */
export function usesOf(facts: AccessFacts, options: UsesOptions): Uses {
  const { today, defaults, stays, cloud, staysInCloud } = options
  const ofCloud: CloudUse[] = []
  const uses: Use[] = []
  const ungranted = new Map<string, Ungranted>()
  const nodes = new Map<string, Who>()
  const masters = new Set<string>()
  const denied = new Map<string, number>()
  const refuse = (who: Who, request: Request, why: string): void => {
    const what = formatRequest('path' in request ? request : { ...request, name: '' })
    ungranted.set(`${who.user}\n${what}`, { user: who.user, what, why })
  }
  const use = (who: Who, behaviour: AccessBehaviour, atom: Atom, request: Request): void => {
    if (atom.url !== '' && isEverybodys(defaults, request)) return
    const given = givenBy(who, behaviour, request, today)
    const kept = given.filter(({ binding, subject }) => binding && stays(binding, subject))
    if (given.length > 0 && kept.length === given.length) return
    const named = cloud && namedBy(cloud, who, behaviour, request)
    const isMaster = who.groups.includes(MASTERS)
    const fromCloud = named ?? (today && given.length === 0 && !isMaster ? cloud?.givenBy(who, request) : undefined)
    if (fromCloud && cloud) {
      ofCloud.push({ who, atom, given: fromCloud })
      if (staysInCloud?.(fromCloud.grant)) return
      if (given.length === 0) {
        const isSession = cloud.isOfSessions(fromCloud.grant) || fromCloud.grant.group !== undefined
        uses.push({ who, atom, behaviour, group: isSession ? cloud.ownGroupOf(fromCloud.grant) : undefined })
        return
      }
    }
    if (today && given.length === 0 && !isMaster) {
      refuse(who, request, 'no binding of today allows it')
      return
    }
    const [first] = given.filter((each) => !kept.includes(each))
    uses.push({ who, atom, behaviour, group: first?.group })
  }
  for (const who of facts.whos) {
    if (who.subject === OTHERS) continue
    if (who.user.startsWith('system:node:')) {
      nodes.set(who.user, who)
      continue
    }
    if (who.groups.includes(MASTERS)) masters.add(who.subject)
    for (const behaviour of who.behaviours) {
      const { outcome, request, times } = behaviour
      if (outcome === 'denied') {
        denied.set(who.subject, (denied.get(who.subject) ?? 0) + times)
        continue
      }
      use(who, behaviour, atomOf(request, namesOf(behaviour)), request)
    }
    const beside = today
      ? sideUses(who, today, (request) => cloud?.givenBy(who, request) !== undefined)
      : passing(who, (behaviour, why) => refuse(who, behaviour.request, why))
    for (const { behaviour, request } of beside) {
      const names =
        'path' in request || request.name === '' ? undefined : namesOf({ ...behaviour, request, hidesNames: false })
      use(who, { ...behaviour, reasons: [] }, atomOf(request, names), request)
    }
  }
  return { uses, ungranted: [...ungranted.values()], nodes: [...nodes.values()], masters, denied, cloud: ofCloud }
}

/** The grant of a cloud that the log names. */
function namedBy(
  cloud: CloudAccess,
  who: Who,
  { reasons = [] }: AccessBehaviour,
  request: Request,
): CloudGiven | undefined {
  for (const { reason } of reasons) {
    const given = cloud.namedBy(reason, who, request)
    if (given) return given
  }
  return undefined
}

interface Given {
  readonly binding: Binding | undefined
  /** The id as whom it names the user. */
  readonly subject: string
  /** The group that the binding names the user by. */
  readonly group: string | undefined
}

/** By which bindings a use was allowed: the log says it, else today's rules do; none where neither does. */
function givenBy(
  who: Who,
  behaviour: AccessBehaviour,
  request: Request,
  today: RbacPolicy | undefined,
): readonly Given[] {
  const told = (behaviour.reasons ?? []).flatMap(({ reason }): Given[] => {
    const named = bindingOfReason(reason)
    if (!named) return []
    const group = named.subject.kind === 'Group' ? named.subject.name : undefined
    const subject = subjectId(named.subject)
    if (!today) return [{ binding: undefined, subject, group }]
    const binding = bindingOf(today, idOf(named.kind, named.namespace, named.name))
    const still = binding?.subjects.some((each) => subjectId(each) === subject)
    return still ? [{ binding, subject, group }] : []
  })
  if (!today) return told
  const decision = authorize(today, who, anyName(behaviour, request))
  if (!decision.allowed) return []
  if (told.length > 0) return told
  if (decision.by === 'system:masters') return []
  const { binding, subject } = decision.by
  return [{ binding, subject: subjectId(subject), group: subject.kind === 'Group' ? subject.name : undefined }]
}

/** Of several names that no rule tells apart, one is like another. */
function anyName({ names }: AccessBehaviour, request: Request): Request {
  if ('path' in request || request.name !== '') return request
  const [name] = names?.kept.keys() ?? []
  return name === undefined ? request : { ...request, name }
}

const ANYBODY = { user: 'anybody', groups: ['system:authenticated'] }

/** Discovery and health, by system:discovery and system:public-info-viewer. */
function isEverybodys(defaults: RbacPolicy, request: Request): boolean {
  return authorize(defaults, ANYBODY, request).allowed
}
