import type { RbacPolicy } from '../authz/policy.ts'
import { implicitGroupIds } from '../authz/subjects.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { field, list, string, strings } from '../cluster/json.ts'
import { idOf } from '../cluster/object.ts'
import type { Workload } from '../cluster/workload.ts'
import { formatPlace, OTHERS, type Who } from '../engines/access/used/behaviour.ts'
import { accessBlindSpots, auditPolicyOf } from './access-blind.ts'
import { type Affected, affectedWhos, type Beside, replayAccess } from './access-replay.ts'
import type { Move } from './affected.ts'
import type { Facts } from './facts.ts'
import { hasFired, NOTHING } from './network-part.ts'
import { BlindSpots, counterexample, type Part } from './part.ts'
import { type LostRight, lostByMove } from './rights.ts'
import { sourceBlindSpots, workloadBlindSpots } from './source-blind.ts'
import { formatId, plural } from './words.ts'

/** What the audit log says of rights that go, and of pods that will ask as someone else or not at all. */
export function accessPart(
  { cluster, beside }: { readonly cluster: Cluster; readonly beside?: Beside | undefined },
  before: RbacPolicy,
  after: RbacPolicy,
  facts: Facts,
  lost: ReadonlyMap<string, readonly LostRight[]>,
  moved: readonly Move[],
): Part {
  const { access } = facts
  if (!access) return { ...NOTHING, reasons: ['no audit log was given'] }
  const spots = new BlindSpots()
  const reasons: string[] = []
  const movedWhos = new Map<Who, { move: Move; lost: readonly LostRight[] }>()
  const ofMoves: LostRight[] = []
  for (const move of moved) {
    const rights = move.to === undefined ? [] : lostByMove(before, after, move.from, move.to)
    ofMoves.push(...rights)
    const { own, unclear } = whosOfMove(cluster, facts, move)
    for (const who of own) movedWhos.set(who, { move, lost: rights })
    if (unclear)
      spots.add({
        kind: 'unattributed',
        message: `requests of ${formatId(move.from)} do not tell which of its workloads made them`,
        instance: formatPlace(unclear),
        touches: [move.workload.id],
      })
    const asks = own.some((who) => isUsed(who))
    // Without a token nothing is lost where nothing was ever asked; with another account, what is asked next may fail.
    if (!asks && move.to !== undefined) reasons.push(`nothing was recorded for ${formatId(move.workload.id)}`)
    if (move.to === undefined) tokenBlindSpots(facts, move, spots)
    workloadBlindSpots(move.workload, access, asks || hasFired(facts, move.workload), [move.workload.id], spots)
  }
  const affected = affectedWhos(facts, after, lost, movedWhos)
  const replayed = replayAccess(before, after, facts, affected, beside)
  for (const [subject, rights] of lost) {
    const whos = facts.whosOf(subject)
    if (!whos.some(isUsed)) reasons.push(`nothing was recorded for ${formatId(subject)}`)
    if (rights.length === 0) continue
    for (const workload of runningAs(cluster, subject)) {
      const isSeen = whos.some((who) => isUsed(who) && isOf(cluster, who, workload))
      workloadBlindSpots(workload, access, isSeen || hasFired(facts, workload), [subject], spots)
    }
  }
  const allLost = [...[...lost.values()].flat(), ...ofMoves]
  accessBlindSpots(cluster, facts, allLost, affected.values(), spots)
  const isTouched = allLost.length > 0 || moved.length > 0
  if (isTouched) sourceBlindSpots(facts, 'audit', spots)
  const onlyTokens = lost.size === 0 && moved.every(({ to }) => to === undefined)
  const reviewed = moved.flatMap((move) => reviewedOf(cluster, facts, move))
  return {
    ...replayed,
    replayed: onlyTokens ? access.records : replayed.replayed,
    counterexamples: [...replayed.counterexamples, ...reviewed],
    blindSpots: [...replayed.blindSpots, ...spots.list()],
    reasons,
    limits: [],
    incidences: { of: [...affected.values()].flatMap(incidencesOf), days: access.days },
  }
}

/** What was not kept is taken for a use: it may have been one. */
function isUsed({ behaviours, impersonations, dropped }: Who): boolean {
  return dropped !== undefined || behaviours.some(({ outcome }) => outcome === 'used') || impersonations.length > 0
}

function incidencesOf({ who }: Affected) {
  return [...who.behaviours, ...who.impersonations].filter(({ outcome }) => outcome === 'used')
}

/** Whose requests were those of the workload's pods; and where some may have been that are not told apart. */
function whosOfMove(cluster: Cluster, facts: Facts, { workload, from }: Move) {
  const isAlone = runningAs(cluster, from).length === 1
  const all = facts.whosOf(from).filter((who) => who.subject === from && isUsed(who))
  const own = all.filter((who) => who.workload === workload.id || (isAlone && who.workload === ''))
  const untold = isAlone ? undefined : all.find((who) => who.workload === '' && placeOf(who) !== undefined)
  const others = facts.whosOf(from).find((who) => who.subject === OTHERS && who.ids.includes(from))
  return { own, unclear: (untold && placeOf(untold)) ?? others?.dropped?.place }
}

function placeOf({ behaviours, dropped }: Who) {
  return (behaviours[0] ?? dropped)?.place
}

/** Workloads whose pods are a subject: those that run as a service account, or as one of a group of them. */
export function runningAs(cluster: Cluster, subject: string): readonly Workload[] {
  return cluster.workloads.filter(
    ({ finished, specs, namespace }) =>
      !finished &&
      specs.some(({ pod }) => {
        const account = idOf('ServiceAccount', namespace, pod.serviceAccountName)
        return account === subject || implicitGroupIds(account).includes(subject)
      }),
  )
}

function isOf(cluster: Cluster, who: Who, workload: Workload): boolean {
  return who.workload === workload.id || (who.workload === '' && runningAs(cluster, who.subject).length === 1)
}

/** Tokens are used outside of the API too: who asks whether they are good does not always have it recorded whose. */
function tokenBlindSpots(facts: Facts, { workload, from }: Move, spots: BlindSpots): void {
  const touches = [workload.id]
  const { silent, whos } = facts.access as NonNullable<Facts['access']>
  if (silent.token)
    spots.add({
      kind: 'delegated-check',
      message: `${plural(silent.token.times, 'TokenReview')} ${silent.token.times === 1 ? 'was' : 'were'} recorded without a body; tokens may be of use outside of the API server`,
      instance: formatPlace(silent.token.place),
      touches,
    })
  const rule = list(field(auditPolicyOf(facts), 'rules')).findIndex((each) => dropsAccount(each, from))
  if (rule >= 0)
    spots.add({
      kind: 'dropped-by-audit-policy',
      message: `the audit policy keeps requests of ${formatId(from)} out of the log`,
      instance: `rule ${rule + 1} of the audit policy`,
      touches,
    })
  const isKnown = whos.some((who) => who.subject.startsWith('ServiceAccount/'))
  if (!isKnown)
    spots.add({
      kind: 'not-shown',
      message: 'the audit log holds no request of any service account',
      instance: from,
      touches,
    })
}

function dropsAccount(rule: Parameters<typeof field>[0], account: string): boolean {
  const [, namespace = '', name = ''] = account.split('/')
  const groups = implicitGroupIds(account).map((id) => id.slice('Group//'.length))
  return (
    string(field(rule, 'level')) === 'None' &&
    (strings(field(rule, 'users')).includes(`system:serviceaccount:${namespace}:${name}`) ||
      strings(field(rule, 'userGroups')).some((group) => groups.includes(group) && group !== 'system:authenticated'))
  )
}

function reviewedOf(cluster: Cluster, facts: Facts, { workload, from, to }: Move) {
  const seen = facts.access?.reviewedTokens.get(from)
  if (!seen || to !== undefined || runningAs(cluster, from).length > 1) return []
  return [
    counterexample(
      seen,
      `someone had the token of ${formatId(from)} reviewed`,
      `the pods of ${formatId(workload.id)} no longer hold it`,
    ),
  ]
}
