import { implicitGroups } from '../authz/subjects.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { createdAt } from '../cluster/created.ts'
import type { Json } from '../cluster/json.ts'
import { idParts } from '../cluster/object.ts'
import { isBinding } from '../cluster/rbac.ts'
import { droppedBy } from '../engines/access/used/audit-policy.ts'
import { formatPlace, OTHERS } from '../engines/access/used/behaviour.ts'
import type { AccessFacts } from '../engines/access/used/fold.ts'
import {
  extensionGroups,
  isFinalizers,
  isImpersonation,
  isKubelets,
  isNeverShown,
  REVIEWS,
  shownBy,
} from '../engines/access/used/observable.ts'
import type { Affected } from './access-replay.ts'
import type { Facts } from './facts.ts'
import type { BlindSpots } from './part.ts'
import { formatRight, type LostRight } from './rights.ts'
import { formatId, formatTime, plural } from './words.ts'

/** What an audit log could not have shown of the rights that go. */
export function accessBlindSpots(
  cluster: Cluster,
  facts: Facts,
  lost: readonly LostRight[],
  affected: Iterable<Affected>,
  spots: BlindSpots,
): void {
  const { access } = facts
  if (!access) return
  const policy = auditPolicyOf(facts)
  if (lost.length > 0) actedAs(facts, spots)
  for (const each of lost) {
    if (isDelegated(cluster, each)) unheard(facts, each, spots)
    else {
      notShown(facts, policy, each, spots)
      askedOfAny(access, each, spots)
    }
  }
  for (const { who, as, lost: rights, touches } of affected) {
    if (who.dropped && (rights.length > 0 || as !== who))
      spots.add({
        kind: 'too-many-behaviours',
        message:
          who.subject === OTHERS
            ? 'more users asked than are told apart, some of whom it may concern'
            : `${formatId(who.subject)} did more kinds of things than are kept`,
        instance: formatPlace(who.dropped.place),
        touches: [...touches],
      })
    if (rights.length === 0) continue
    for (const { request, first, place } of who.behaviours) {
      // Requests are written when they end: one that came before the log began was open across its start.
      if (first >= access.from - LONG_MS) continue
      spots.add(
        {
          kind: 'opened-before',
          message: `${formatId(who.subject)} had a ${request.verb} open when the audit log began; others like it may not have ended since`,
          instance: formatPlace(place),
          touches: [...touches],
        },
        1,
      )
    }
  }
  for (const { binding, subject } of lost) {
    const created = createdAt(binding.object.body)
    if (created === undefined || created <= access.from || !isBinding(binding.object)) continue
    spots.add({
      kind: 'younger-than-window',
      message: `${formatId(binding.object.id)} was made on ${formatTime(created)}, after the audit log began`,
      instance: binding.object.id,
      touches: [subject],
    })
  }
}

/** Whoever may impersonate has done, under its own name, what the rights of another let it do. */
function actedAs({ coverage }: Facts, spots: BlindSpots): void {
  for (const { kind, forms, files } of coverage.sources) {
    const hiding = kind === 'audit' ? forms.find(({ hides }) => hides.fields.includes('impersonation')) : undefined
    if (!hiding) continue
    spots.add({
      kind: 'hidden-impersonation',
      message: `${plural(hiding.records, 'record')} of the audit log ${hiding.records === 1 ? 'tells' : 'tell'} who asked and not as whom (rows of AKSAudit or AKSAuditAdmin), so that any right may have been used by whoever impersonates its holder`,
      instance: files.join(', '),
      touches: [],
    })
  }
}

const LONG_MS = 60_000

export function auditPolicyOf(facts: Facts): Json | undefined {
  return facts.coverage.sources.find((source) => source.auditPolicy !== undefined)?.auditPolicy
}

/** Rights that others check: the kubelet, kube-rbac-proxy, extension API servers. Their uses leave no event of the subject. */
function isDelegated(cluster: Cluster, { right }: LostRight): boolean {
  const custom = extensionGroups(cluster)
  return (
    right.nonResourceURLs.length > 0 ||
    right.resources.some((resource) => resource === '*' || isKubelets(resource)) ||
    right.apiGroups.some((group) => (group === '*' ? custom.size > 0 : custom.has(group)))
  )
}

/** Who asks for others whether they may (kube-rbac-proxy, aggregated servers, operators) may ask about any right. */
function askedOfAny(
  { silent: { ofAny: silent } }: AccessFacts,
  { right, subject }: LostRight,
  spots: BlindSpots,
): void {
  if (!silent) return
  spots.add({
    kind: 'delegated-check',
    message: `${formatRight(right)} may be checked by others too: ${plural(silent.times, 'SubjectAccessReview')} of neither nodes nor the control plane ${silent.times === 1 ? 'was' : 'were'} recorded without a body`,
    instance: formatPlace(silent.place),
    touches: [subject],
  })
}

function unheard(facts: Facts, { right, subject }: LostRight, spots: BlindSpots): void {
  const access = facts.access as NonNullable<Facts['access']>
  const policy = auditPolicyOf(facts)
  if (access.silent.access) {
    spots.add({
      kind: 'delegated-check',
      message: `${formatRight(right)} is checked by others too, and ${plural(access.silent.access.times, 'SubjectAccessReview')} ${access.silent.access.times === 1 ? 'was' : 'were'} recorded without a body`,
      instance: formatPlace(access.silent.access.place),
      touches: [subject],
    })
    return
  }
  const dropped =
    policy === undefined
      ? access.shown.shows('create', ...REVIEWS)
        ? undefined
        : 'the audit log shows no SubjectAccessReview, nor that it would'
      : droppedBy(policy, {
          user: undefined,
          groups: [],
          verb: 'create',
          group: REVIEWS[0],
          resource: REVIEWS[1],
          namespace: '',
          url: '',
        })
  if (dropped !== undefined)
    spots.add({
      kind: 'delegated-check',
      message: `${formatRight(right)} is checked by others too, whose SubjectAccessReviews are not in the log`,
      instance: dropped,
      touches: [subject],
    })
}

function notShown(facts: Facts, policy: Json | undefined, lost: LostRight, spots: BlindSpots): void {
  const { right, subject } = lost
  const [verb = ''] = right.verbs
  const [group = ''] = right.apiGroups
  const [resource = ''] = right.resources
  const add = (kind: string, message: string, instance: string): void =>
    spots.add({ kind, message, instance, touches: [subject] })
  if (isImpersonation(verb)) return
  if (isNeverShown(verb)) {
    add('secondary-check', `no source shows whether ${formatRight(right)} was used`, lost.binding.object.id)
    return
  }
  if (isFinalizers(resource)) {
    add(
      'secondary-check',
      `${formatRight(right)} is also asked for when objects that others own are made, which leaves no record`,
      lost.binding.object.id,
    )
    return
  }
  const asked = shownBy(verb, group, resource)
  if (policy === undefined) {
    const { shown } = facts.access as NonNullable<Facts['access']>
    if (!shown.shows(...asked))
      add(
        'not-shown',
        `the audit log does not show that it would hold ${formatRight(right)}`,
        `${lost.binding.object.id}: ${formatRight(right)}`,
      )
    return
  }
  for (const { user, groups } of knownAs(facts, subject)) {
    const dropped = droppedBy(policy, {
      user,
      groups,
      verb: asked[0],
      group: asked[1],
      resource: asked[2],
      namespace: lost.namespace === '' ? undefined : lost.namespace,
      url: '',
    })
    if (dropped === undefined) continue
    add(
      'dropped-by-audit-policy',
      `the audit policy keeps ${formatRight(right)} of ${formatId(subject)} out of the log`,
      dropped,
    )
    return
  }
}

const MANY = 50

function knownAs(facts: Facts, subject: string): readonly { user: string | undefined; groups: readonly string[] }[] {
  const whos = facts
    .whosOf(subject)
    .slice(0, MANY)
    .filter((who) => who.subject !== OTHERS)
  if (whos.length > 0) return whos
  const { kind, namespace, name } = idParts(subject)
  const user =
    kind === 'ServiceAccount' ? `system:serviceaccount:${namespace}:${name}` : kind === 'User' ? name : undefined
  return [{ user, groups: kind === 'Group' ? [name, ...implicitGroups(subject)] : implicitGroups(subject) }]
}
