import { authorize } from '../../authz/authorize.ts'
import type { CloudGrant } from '../../authz/cloud/granted-authorizer.ts'
import { type RbacPolicy, rbacPolicy } from '../../authz/policy.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { createdAt } from '../../cluster/created.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { type Binding, type PolicyRule, type Subject, subjectId } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import type { Who } from '../../engines/access/used/behaviour.ts'
import type { CloudAccess } from '../../engines/access/used/cloud-grants.ts'
import type { AccessFacts } from '../../engines/access/used/fold.ts'
import type { Sight } from '../../engines/access/used/observable.ts'
import type { Fix } from '../fix.ts'
import { allotted, countOf, subjectOfUser } from './allot.ts'
import { type Atom, requestsOf, ruleOf } from './atom.ts'
import { Budget, type Generalised } from './budget.ts'
import { changesOf } from './changes.ts'
import { askedOf, type CloudHeld, cloudHeld, isKeptInCloud, sessionGroups } from './cloud-held.ts'
import { generalise, withoutDoubles } from './general.ts'
import type { Grantee, Use } from './grantee.ts'
import { mustStay } from './must-stay.ts'
import { objectsOf, type Pair, pairsOf } from './objects.ts'
import { Refusals } from './refusals.ts'
import { grantsOf, type Kept, staysBecause } from './stays.ts'
import { atomText } from './text.ts'
import { universeOf, unseenRights } from './unseen.ts'
import { type Ungranted, usesOf } from './uses.ts'

export const MAX_SPARE = 0.05

export interface MinimizeOptions {
  /** Empty: everybody who was recorded. */
  readonly subjects: readonly Subject[]
  readonly keep: ReadonlySet<string>
  /** Most that all general rules together may grant beyond what was used, as a share of it. */
  readonly maxSpare: number
  readonly sight: Sight
  /** What clouds grant beside RBAC; undefined where no export was given. */
  readonly cloud?: CloudAccess | undefined
}

/** What one subject is granted. */
export interface MinimizedSubject {
  readonly subject: Subject
  readonly text: string
  /** Rights (verb, group, resource, namespace): used, granted beyond that by general rules, kept because no use would be seen. */
  readonly used: number
  readonly spare: number
  readonly kept: number
  /** Requests that were refused. */
  readonly denied: number
  readonly rules: readonly { readonly namespace: string; readonly rule: PolicyRule }[]
}

export interface Minimized {
  readonly subjects: readonly MinimizedSubject[]
  /** Sorted: roles and bindings as they are to be. */
  readonly objects: readonly KubeObject[]
  readonly generalised: readonly Generalised[]
  readonly kept: readonly Kept[]
  readonly ungranted: readonly Ungranted[]
  /** What clouds grant beside RBAC to those who were recorded, and what was used of it. */
  readonly cloud: readonly CloudHeld[]
  /** Of today's objects; empty without any. */
  readonly fixes: readonly Fix[]
}

/**
 * Roles and bindings that give what was used and, but for told general rules, nothing else. `today`: the cluster whose
 * rules are made smaller; without it they come from the log alone. `cluster`: who runs as what, and which namespaces are.
 */
export function minimized(
  facts: AccessFacts,
  cluster: Cluster,
  today: RbacPolicy | undefined,
  { subjects, keep, maxSpare, sight, cloud }: MinimizeOptions,
): Minimized {
  const defaults = rbacPolicy({ roles: [], bindings: [], version: cluster.version })
  const { asked, groups: askedGroups, principals } = askedOf(facts, subjects, cloud)
  const staysInCloud = (grant: CloudGrant): boolean => isKeptInCloud(keep, grant)
  const seen = new Set(facts.whos.flatMap(({ subject, ids }) => [subject, ...ids]))
  const isWanted = (subject: Subject): boolean =>
    seen.has(subjectId(subject)) && (asked.size === 0 || asked.has(subjectId(subject)))
  const context = today && { cluster, policy: today, isWanted, must: mustStay(facts, today), keep }
  const whys = new Map<Binding, ReadonlyMap<string, string | undefined>>()
  const why = (binding: Binding, id: string): string | undefined => {
    const known =
      whys.get(binding) ??
      new Map(binding.subjects.map((each) => [subjectId(each), context && staysBecause(context, binding, each)]))
    whys.set(binding, known)
    return known.get(id)
  }
  const found = usesOf(facts, {
    today,
    defaults,
    stays: (binding, id) => why(binding, id) !== undefined,
    cloud,
    staysInCloud,
  })
  const uses = found.uses.flatMap((use) => wantedUse(use, asked, askedGroups, keep))
  const refusals = new Refusals(facts)
  const budget = new Budget(countOf(uses), maxSpare)
  const groups = new Set([...askedGroups, ...sessionGroups(cloud)])
  const { grantees, generalised } = allotted(facts, uses, { groups, budget, refusals })
  const whoOf = new Map(facts.whos.map((who) => [who.subject, who]))
  const mayGive = (grantee: Grantee, atom: Atom): boolean => {
    if (refusals.covers(grantee.id, atom)) return false
    if (!today) return true
    const who = whoOf.get(grantee.id) ?? { user: '', groups: [grantee.subject.name] }
    return (
      requestsOf(atom).every((request) => authorize(today, who, request).allowed) ||
      cloud?.covers(grantee.subject, atom.namespace, ruleOf(atom)) === true
    )
  }
  const all = grantees.list()
  const namespaces = namespacesOf(facts, cluster)
  const general = generalise(all, {
    cluster,
    budget,
    mayGive,
    namespaces,
    newNamespaces: makesNamespaces(facts, cluster),
  })
  const kept: Kept[] = []
  const touched = new Map<Binding, readonly Subject[]>()
  const keptOf = new Map<string, number>()
  if (today) {
    const universe = universeOf(facts, today)
    const impersonators = new Set(
      facts.whos.flatMap(({ ids, impersonations }) => (impersonations.length > 0 ? ids : [])),
    )
    for (const { binding, subject, id } of grantsOf(today)) {
      const reason = why(binding, id)
      if (reason !== undefined) {
        if (!binding.assumed && (asked.size === 0 || asked.has(id)))
          kept.push({ subject: subjectText(subject), what: bindingText(binding), why: reason })
        continue
      }
      touched.set(binding, [...(touched.get(binding) ?? []), subject])
      const grantee = grantees.of(subject)
      const hasWritten = grantee.atoms.list().some(({ verb }) => WRITES.has(verb))
      const done = { hasWritten, hasImpersonated: impersonators.has(id) }
      for (const each of unseenRights(sight, today, universe, binding, subject, done)) {
        const known = grantee.atoms.get(each.atom)
        if (known && (!known.names || each.atom.names)) continue
        grantee.atoms.add(each.atom)
        keptOf.set(id, (keptOf.get(id) ?? 0) + 1)
        kept.push({ subject: grantee.text, what: atomText(each.atom), why: each.why })
      }
    }
  }
  for (const subject of subjects)
    if (!seen.has(subjectId(subject)) && !principals.has(subject))
      kept.push({ subject: subjectText(subject), what: 'all that it may do', why: 'nothing was recorded of it' })
  const [node] = found.nodes
  if (node && asked.size === 0)
    kept.push({
      subject: found.nodes.length === 1 ? `user:${node.user}` : 'group:system:nodes',
      what: found.nodes.length === 1 ? 'what it asked for' : `what ${found.nodes.length} nodes asked for`,
      why: 'the Node authorizer gives it, and no role',
    })
  const granted = grantees.list()
  for (const each of granted) withoutDoubles(each)
  const many = untoldNames(uses)
  const pairs = pairsOf(granted)
  const window = `${timeText(facts.from)}/${timeText(facts.to)}`
  const changed = today
    ? changesOf(cluster, today, pairs, touched, window)
    : { placed: pairs.map((pair) => place(pair, window)), withdrawn: [], fixes: [] }
  const spare = new Map<string, number>()
  const rulesOf = rulesBySubject(pairs)
  const allGeneral = [...generalised, ...many, ...general]
  for (const { subject, spare: own } of allGeneral) spare.set(subject, (spare.get(subject) ?? 0) + own)
  return {
    subjects: granted.map(({ subject, text, id, used }) => ({
      subject,
      text,
      used,
      spare: spare.get(text) ?? 0,
      kept: keptOf.get(id) ?? 0,
      denied: found.denied.get(id) ?? 0,
      rules: rulesOf.get(text) ?? [],
    })),
    objects: [...changed.placed.flatMap(({ role, binding }) => [role, binding]), ...changed.withdrawn].sort(byKind),
    generalised: allGeneral,
    kept,
    cloud: cloud
      ? cloudHeld(cloud, facts, found.cloud, (who) => isAskedFor(who, asked, askedGroups, keep), staysInCloud)
      : [],
    ungranted: found.ungranted.filter(({ user }) => asked.size === 0 || asked.has(subjectId(subjectOfUser(user)))),
    fixes: changed.fixes,
  }
}

function rulesBySubject(pairs: readonly Pair[]): ReadonlyMap<string, MinimizedSubject['rules']> {
  const found = new Map<string, { namespace: string; rule: PolicyRule }[]>()
  for (const { namespace, rules, texts } of pairs)
    for (const text of texts) {
      const own = found.get(text) ?? []
      found.set(text, own)
      for (const rule of rules) own.push({ namespace, rule })
    }
  return found
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

function place(pair: Parameters<typeof objectsOf>[0], window: string) {
  const [role, binding] = objectsOf(pair, { window, isTaken: () => false })
  return { pair, role, binding, isNew: true }
}

/** Whether someone who was recorded is minimised. */
function isAskedFor(
  { user, subject, groups }: Who,
  asked: ReadonlySet<string>,
  askedGroups: ReadonlySet<string>,
  keep: ReadonlySet<string>,
): boolean {
  if (keep.has(subjectText(subjectOfUser(user)))) return false
  return asked.size === 0 || asked.has(subject) || groups.some((each) => askedGroups.has(each))
}

/** Uses of those who were asked about; a group is asked about by what its bindings gave, where that is known. */
function wantedUse(
  use: Use,
  asked: ReadonlySet<string>,
  groups: ReadonlySet<string>,
  keep: ReadonlySet<string>,
): readonly Use[] {
  const { who, group } = use
  if (keep.has(subjectText(subjectOfUser(who.user)))) return []
  if (asked.size === 0) return [use]
  const ofGroup =
    group === undefined ? who.groups.find((each) => groups.has(each)) : groups.has(group) ? group : undefined
  if (ofGroup !== undefined) return [{ ...use, group: ofGroup }]
  return asked.has(who.subject) ? [{ ...use, group: undefined }] : []
}

/** Names that were more than are kept, or that the log does not tell: any name is granted. */
function untoldNames(uses: readonly Use[]): readonly Generalised[] {
  const found = new Map<string, Generalised>()
  for (const { who, atom, behaviour } of uses) {
    const beyond = behaviour.names?.beyond
    const isSigner = atom.resource === 'signers'
    if (atom.names || (!beyond && !isSigner)) continue
    const subject = subjectText(subjectOfUser(who.user))
    const what = `${atomText(atom)}: any name`
    const like = beyond && beyond.prefix !== '' ? `, such as ${beyond.prefix}…` : ''
    const why = isSigner
      ? 'the log does not tell the signer'
      : `more names than are kept (${behaviour.names?.kept.size ?? 0})${like}`
    found.set(`${subject}\n${what}`, { rule: isSigner ? 'unknown-signer' : 'many-names', subject, what, why, spare: 0 })
  }
  return [...found.values()]
}

function namespacesOf(facts: AccessFacts, cluster: Cluster): ReadonlySet<string> {
  const known = cluster.ofKind('Namespace').map(({ name }) => name)
  if (known.length > 0) return new Set(known)
  const found = new Set<string>()
  for (const { behaviours } of facts.whos)
    for (const { request, outcome } of behaviours)
      if (outcome === 'used' && 'namespace' in request && request.namespace !== '') found.add(request.namespace)
  return found
}

/** Whether a namespace was made while the log was written. */
function makesNamespaces(facts: AccessFacts, cluster: Cluster): boolean {
  return (
    cluster.ofKind('Namespace').some(({ body }) => (createdAt(body) ?? 0) > facts.from) ||
    facts.whos.some(({ behaviours }) =>
      behaviours.some(
        ({ request, outcome }) =>
          outcome === 'used' && 'resource' in request && request.resource === 'namespaces' && request.verb === 'create',
      ),
    )
  )
}

function bindingText({ kind, namespace, name }: Binding): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

const KINDS = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']

function byKind(a: KubeObject, b: KubeObject): number {
  const key = ({ kind, namespace, name }: KubeObject): string =>
    `${KINDS.indexOf(kind) < 2 ? '' : namespace}\n${name}\n${KINDS.indexOf(kind)}`
  return key(a) < key(b) ? -1 : 1
}

function timeText(time: number): string {
  return time > 0 && time < 8.64e15 ? new Date(time).toISOString() : ''
}
