import { authorize, type Grant } from '../../../authz/authorize.ts'
import { atoms } from '../../../authz/covers.ts'
import type { RbacPolicy } from '../../../authz/policy.ts'
import { bindingOfReason } from '../../../authz/reason.ts'
import { type Request, ruleAllows } from '../../../authz/rules.ts'
import { implicitGroupIds, MASTERS } from '../../../authz/subjects.ts'
import { idOf } from '../../../cluster/object.ts'
import { type Binding, type PolicyRule, type Subject, subjectId } from '../../../cluster/rbac.ts'
import { type AccessBehaviour, OTHERS, type Who } from './behaviour.ts'
import type { CloudAccess, CloudGiven } from './cloud-grants.ts'
import { bindingOf } from './held.ts'
import { type RightAtom, type Sight, unseenBecause } from './observable.ts'
import { sideUses } from './secondary.ts'

/** Uses of one right in one namespace. */
export interface UsedRight {
  readonly request: Request
  readonly times: number
  readonly first: number
  readonly last: number
  /** Objects that were asked for by name, as far as they were kept; `isMore`: there were others. */
  readonly names: ReadonlySet<string>
  readonly isMore: boolean
  /** `reason`: the log says which binding allowed it; `rules`: today's do; `passing`: asked for beside another request. */
  readonly by: 'reason' | 'rules' | 'passing'
}

/** One rule that a binding gives to one subject, and what was used of it. */
export interface GrantedRule {
  readonly binding: Binding
  /** As whom the binding names it. */
  readonly subject: Subject
  readonly rule: number
  readonly granted: readonly PolicyRule[]
  readonly used: readonly UsedRight[]
  /** Those of `granted` that were not used. */
  readonly unused: readonly PolicyRule[]
  /** What of it may have been used without a record. */
  readonly unseen: readonly { readonly right: PolicyRule; readonly why: string }[]
}

/** A use that no binding of today explains. */
export interface Unexplained {
  readonly who: Who
  readonly used: UsedRight
  /** What the log says of who allowed it; empty where it says nothing. */
  readonly reason: string
  readonly why:
    | 'no binding of today allows it'
    | 'no binding of today allows it, nor an export'
    | 'system:masters'
    | 'the Node authorizer'
    | 'no RBAC was given'
}

/** One rule that a cloud gives besides RBAC, and what was used of it. */
export interface CloudGrantedRule extends Omit<GrantedRule, 'binding'>, Omit<CloudGiven, 'rule'> {}

export interface GrantedAgainstUsed {
  readonly rules: readonly GrantedRule[]
  readonly cloud: readonly CloudGrantedRule[]
  readonly unexplained: readonly Unexplained[]
}

interface OpenUse {
  request: Request
  times: number
  first: number
  last: number
  readonly names: Set<string>
  isMore: boolean
  by: UsedRight['by']
}

type Uses = Map<string, OpenUse>

/**
 * What every binding gives, rule by rule, against what was used of it. `asked`: only one subject's, by all that it is
 * bound as; a group's, by all of its members; a principal's of a cloud, by all whom it is let in as. Defaults of Kubernetes
 * that the input does not hold are left out where nothing was used of them.
 */
export function grantedAgainstUsed(
  policy: RbacPolicy,
  sight: Sight,
  asked: Subject | undefined,
  cloud?: CloudAccess,
): GrantedAgainstUsed {
  const wanted = asked && subjectId(asked)
  const isGroup = asked?.kind === 'Group'
  const { whos } = sight.facts
  const own = whos.filter(
    (who) =>
      who.subject !== OTHERS &&
      (wanted === undefined ||
        who.subject === wanted ||
        (isGroup
          ? who.ids.includes(wanted)
          : asked !== undefined && cloud?.isPrincipal(asked.name, who.user) === true)),
  )
  const uses = new Map<string, Map<number, Uses>>()
  const ofCloud = new Map<CloudGiven['grant'], Map<number, Uses>>()
  const loose = new Map<string, Unexplained & { used: OpenUse }>()
  const hasRules = policy.bindings.some((binding) => !binding.assumed)
  const isAsked = ({ binding, subject }: Pick<Grant, 'binding' | 'subject'>): boolean =>
    !isGroup || subjectId(subject) === wanted || binding.subjects.some((each) => subjectId(each) === wanted)

  const besideOf = (who: Who) => (request: Request) => cloud?.givenBy(who, request) !== undefined

  const use = (who: Who, behaviour: AccessBehaviour, request: Request, times: Times, by: UsedRight['by']): void => {
    const told = by === 'reason' ? grantOfReason(policy, times.reason, request) : undefined
    const named = told || by !== 'reason' ? undefined : cloud?.namedBy(times.reason, who, request)
    const decision = told || named ? undefined : authorize(policy, who, request)
    const grant = told ?? (decision?.allowed && decision.by !== 'system:masters' ? decision.by : undefined)
    if (grant) {
      if (!isAsked(grant)) return
      const rules = at(uses, keyOf(grant.binding, grant.subject), () => new Map<number, Uses>())
      add(
        at(rules, grant.rule, () => new Map()),
        behaviour,
        request,
        times,
        told ? 'reason' : by === 'reason' ? 'rules' : by,
      )
      return
    }
    const isMaster = decision?.allowed === true
    const given = named ?? (isMaster ? undefined : cloud?.givenBy(who, request))
    if (given) {
      if (isGroup && given.grant.group !== asked?.name) return
      const rules = at(ofCloud, given.grant, () => new Map<number, Uses>())
      const how = named ? 'reason' : by === 'reason' ? 'rules' : by
      add(
        at(rules, given.rule, () => new Map()),
        behaviour,
        request,
        times,
        how,
      )
      return
    }
    if (by === 'passing') return
    const why = who.groups.includes(MASTERS)
      ? 'system:masters'
      : who.user.startsWith('system:node:')
        ? 'the Node authorizer'
        : hasRules || cloud
          ? cloud
            ? 'no binding of today allows it, nor an export'
            : 'no binding of today allows it'
          : 'no RBAC was given'
    const key = JSON.stringify([who.subject, placeOf(request), times.reason])
    const known = loose.get(key)
    const sum: Uses = new Map(known ? [['', known.used]] : [])
    add(sum, behaviour, request, times, by, '')
    if (!known) loose.set(key, { who, used: sum.get('') as OpenUse, reason: times.reason, why })
  }

  for (const who of own) {
    for (const behaviour of who.behaviours) {
      if (behaviour.outcome === 'denied') continue
      for (const times of behaviour.reasons ?? [{ ...behaviour, reason: '' }])
        use(who, behaviour, behaviour.request, times, behaviour.delegated ? 'passing' : 'reason')
    }
    for (const { behaviour, request } of sideUses(who, policy, besideOf(who)))
      use(who, behaviour, request, { ...behaviour, reason: '' }, 'passing')
  }
  const ids =
    wanted === undefined
      ? undefined
      : new Set([wanted, ...implicitGroupIds(wanted), ...(isGroup ? [] : own.flatMap((who) => who.ids))])
  const rules = policy.bindings.flatMap((binding) =>
    [...new Map(binding.subjects.map((each) => [subjectId(each), each])).values()].flatMap((subject) => {
      if (ids && !ids.has(subjectId(subject))) return []
      const used = uses.get(keyOf(binding, subject))
      return binding.assumed && !used ? [] : rulesOf(policy, sight, whos, binding, subject, used)
    }),
  )
  const given = cloud?.all.filter(({ grant }) => cloud.isOf(grant, asked, own)) ?? []
  return {
    rules,
    cloud: given.flatMap((each) => cloudRulesOf(sight, whos, each, cloud?.namedAs(each.grant, asked), ofCloud)),
    unexplained: [...loose.values()],
  }
}

function cloudRulesOf(
  sight: Sight,
  whos: readonly Who[],
  { authorizer, grant }: Omit<CloudGiven, 'rule'>,
  named: Subject | undefined,
  uses: ReadonlyMap<CloudGiven['grant'], ReadonlyMap<number, Uses>>,
): readonly CloudGrantedRule[] {
  if (!named) return []
  const asker = askerOf(whos, named)
  const { group } = grant
  // Google resolves its groups by itself, and its log names none: whose uses were by the group is not told.
  const isUntold = authorizer === 'GKE IAM' && group !== undefined && !whos.some(({ groups }) => groups.includes(group))
  return grant.rules.map((each, rule) => {
    const told = againstUsed(sight, each, '', asker, uses.get(grant)?.get(rule))
    const unseen = isUntold ? told.granted.map((right) => ({ right, why: UNTOLD_GROUP })) : told.unseen
    return { authorizer, grant, subject: named, rule, ...told, unseen }
  })
}

const UNTOLD_GROUP = 'the log does not tell who is in the group'

interface Times {
  readonly times: number
  readonly first: number
  readonly last: number
  readonly reason: string
}

function rulesOf(
  policy: RbacPolicy,
  sight: Sight,
  whos: readonly Who[],
  binding: Binding,
  subject: Subject,
  uses: ReadonlyMap<number, Uses> | undefined,
): readonly GrantedRule[] {
  const rules = policy.roleOf(binding)?.rules ?? []
  const asker = askerOf(whos, subject)
  return rules.map((rule, index) => ({
    binding,
    subject,
    rule: index,
    ...againstUsed(sight, rule, binding.namespace, asker, uses?.get(index)),
  }))
}

function againstUsed(
  sight: Sight,
  rule: PolicyRule,
  namespace: string,
  asker: ReturnType<typeof askerOf>,
  uses: Uses | undefined,
): Pick<GrantedRule, 'granted' | 'used' | 'unused' | 'unseen'> {
  const used = [...(uses?.values() ?? [])].sort(byRight)
  const granted = atoms(rule)
  return {
    granted,
    used,
    unused: granted.filter((atom) => !used.some(({ request, names }) => isUseOf(atom, request, names))),
    unseen: granted.flatMap((right) => {
      const why = unseenBecause(sight, rightAtom(right, namespace), asker)
      return why === undefined ? [] : [{ right, why }]
    }),
  }
}

function isUseOf(atom: PolicyRule, request: Request, names: ReadonlySet<string>): boolean {
  if ('path' in request) return ruleAllows(atom, request)
  const { resourceNames } = atom
  return (
    ruleAllows({ ...atom, resourceNames: [] }, request) &&
    (resourceNames.length === 0 || resourceNames.some((name) => name === request.name || names.has(name)))
  )
}

export function rightAtom({ verbs, apiGroups, resources, nonResourceURLs }: PolicyRule, namespace: string): RightAtom {
  const [url] = nonResourceURLs
  const group = url === undefined ? (apiGroups[0] ?? '') : undefined
  return { verb: verbs[0] ?? '', group, resource: resources[0] ?? '', namespace, url: url ?? '' }
}

const indices = new WeakMap<readonly Who[], ReadonlyMap<string, Who>>()

/** Of several who are one subject, the first. */
function bySubject(whos: readonly Who[]): ReadonlyMap<string, Who> {
  const known = indices.get(whos) ?? new Map(whos.toReversed().map((who) => [who.subject, who]))
  indices.set(whos, known)
  return known
}

/** As an audit policy sees those who are bound so; of many, the first that was seen. */
export function askerOf(
  whos: readonly Who[],
  subject: Subject,
): { readonly user: string | undefined; readonly groups: readonly string[] } {
  const id = subjectId(subject)
  const seen = bySubject(whos).get(id)
  if (seen) return seen
  const groups = implicitGroupIds(id).map((each) => each.slice('Group//'.length))
  if (subject.kind === 'Group') return { user: undefined, groups: [subject.name, ...groups] }
  const account = `system:serviceaccount:${subject.namespace}:${subject.name}`
  return { user: subject.kind === 'ServiceAccount' ? account : subject.name, groups }
}

/** Where today's cluster has the binding that the log names, and its role still allows the request. */
function grantOfReason(policy: RbacPolicy, reason: string, request: Request): Grant | undefined {
  const told = bindingOfReason(reason)
  if (!told) return undefined
  const binding = bindingOf(policy, idOf(told.kind, told.namespace, told.name))
  const subject = binding?.subjects.find((each) => subjectId(each) === subjectId(told.subject))
  const role = binding && policy.roleOf(binding)
  const rule = role ? role.rules.findIndex((each) => ruleAllows(each, request)) : -1
  return binding && role && subject && rule >= 0 ? { binding, role, rule, subject } : undefined
}

function add(
  uses: Uses,
  { names, hidesNames }: AccessBehaviour,
  request: Request,
  { times, first, last }: Times,
  by: UsedRight['by'],
  key = placeOf(request),
): void {
  const known = uses.get(key)
  const own = 'path' in request || request.name === '' ? [...(names?.kept.keys() ?? [])] : [request.name]
  const isMore = hidesNames && (names === undefined || names.beyond !== undefined)
  if (!known) {
    uses.set(key, { request, times, first, last, names: new Set(own), isMore, by })
    return
  }
  known.times += times
  known.first = Math.min(known.first, first)
  known.last = Math.max(known.last, last)
  known.isMore ||= isMore
  if (by === 'reason') known.by = 'reason'
  for (const name of own) known.names.add(name)
}

/** All of a request but the name. */
function placeOf(request: Request): string {
  if ('path' in request) return `${request.verb}\n${request.path}`
  const { verb, group, resource, subresource, namespace } = request
  return `${resource}\n${subresource}\n${group}\n${namespace}\n${verb}`
}

function byRight(a: UsedRight, b: UsedRight): number {
  return placeOf(a.request) < placeOf(b.request) ? -1 : 1
}

function keyOf(binding: Binding, subject: Subject): string {
  return `${binding.object.id}\n${subjectId(subject)}`
}

function at<K, V>(all: Map<K, V>, key: K, make: () => V): V {
  const known = all.get(key) ?? make()
  all.set(key, known)
  return known
}
