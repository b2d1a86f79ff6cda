import type { RbacPolicy } from '../authz/policy.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { policyOf } from '../engines/access/policy.ts'
import { type Enforced, networkModel } from '../engines/network/model.ts'
import type { Fix } from '../fix/fix.ts'
import { accessPart } from './access-part.ts'
import type { Beside } from './access-replay.ts'
import { admissionPart } from './admission-part.ts'
import { differences, mayChangeNetwork, moves, networkChange, stricterNamespaces } from './affected.ts'
import type { Facts } from './facts.ts'
import { NOTHING, networkPart } from './network-part.ts'
import type { Part } from './part.ts'
import type { Proof, Verdict } from './proof.ts'
import { lostRights } from './rights.ts'
import { unseenMass } from './unseen.ts'

/** A cluster as steps 1..k leave it, and whether policies cut in it. */
export interface Proved {
  readonly cluster: Cluster
  readonly enforced: Enforced
  /** What authorizers beside RBAC let through (those of clouds): no step changes it. */
  readonly beside?: Beside | undefined
}

export interface ProofOptions {
  /** `--min-days`: below it the unseen mass is not estimated. */
  readonly minDays: number
  /** `--max-unseen`. */
  readonly maxUnseen: number
}

export const PROOF_OPTIONS: ProofOptions = { minDays: 7, maxUnseen: 0.01 }

const MOST_EXAMPLES = 1_000
const MOST_RECENT = 100

/** What recorded history says of the cluster after all of these fixes, never of one of them alone. */
export function prove(
  before: Proved,
  after: Proved,
  fixes: readonly Fix[],
  facts: Facts | undefined,
  options: ProofOptions = PROOF_OPTIONS,
): Proof {
  const parts = partsOf(before, after, fixes, facts)
  const masses = parts.flatMap(({ incidences }) => (incidences ? [massOf(incidences, options)] : []))
  const mass = masses.some((each) => each === undefined) ? undefined : Math.max(0, ...(masses as number[]))
  const counterexamples = parts.flatMap((part) => part.counterexamples).sort((a, b) => b.times - a.times)
  const blindSpots = parts.flatMap((part) => part.blindSpots)
  const replayed = sum(parts, (part) => part.replayed)
  const reasons = [
    ...parts.flatMap((part) => part.reasons),
    ...(parts.length === 0 ? unwitnessed(fixes) : []),
    ...(parts.every((part) => part.reasons.length === 0) && replayed === 0 ? ['nothing was replayed'] : []),
    ...shortWindow(parts, options),
    ...masses.flatMap((each) =>
      each !== undefined && each > options.maxUnseen
        ? [`unseen mass ${formatMass(each)} is above ${options.maxUnseen}`]
        : [],
    ),
    ...blindSpots.map(({ message }) => message),
    ...unwitnessed(fixes),
  ]
  const verdict: Verdict = counterexamples.length > 0 ? 'breaks' : reasons.length > 0 ? 'unknown' : 'holds'
  return {
    verdict,
    reasons: verdict === 'breaks' ? [] : [...new Set(verdict === 'unknown' ? reasons : parts.flatMap((p) => p.limits))],
    window: facts?.window ?? { from: 0, to: 0, days: 0, sources: [] },
    control: { explained: sum(parts, (part) => part.explained), unexplained: sum(parts, (part) => part.unexplained) },
    replayed,
    counterexamples: counterexamples.slice(0, MOST_EXAMPLES),
    blindSpots,
    unseenMass: masses.length === 0 ? undefined : mass,
    recent: parts
      .flatMap((part) => part.recent)
      .sort((a, b) => b.first - a.first)
      .slice(0, MOST_RECENT),
  }
}

function partsOf(before: Proved, after: Proved, fixes: readonly Fix[], given: Facts | undefined): readonly Part[] {
  const changed = differences(before.cluster, after.cluster)
  const old = policyOf(before.cluster)
  const now = policyOf(after.cluster)
  const lost = lostRights(old, now)
  const moved = moves(before.cluster, after.cluster, changed)
  const stricter = stricterNamespaces(before.cluster, after.cluster, changed)
  const parts: Part[] = []
  const facts = given?.toldApart(newNames(old, now))
  if (!facts) {
    const needsHistory = fixes.some(({ witness }) => witness !== 'admission' && witness !== 'none')
    if (needsHistory || (fixes.length === 0 && stricter.length === 0))
      parts.push({ ...NOTHING, reasons: ['no recorded history was given'] })
  } else {
    if (lost.size > 0 || moved.length > 0) parts.push(accessPart(before, old, now, facts, lost, moved))
    if (mayChangeNetwork(before.cluster, after.cluster, changed)) {
      const model = networkModel(before.cluster, { enforced: before.enforced })
      const next = networkModel(after.cluster, { enforced: after.enforced })
      const change = networkChange(model, next, changed)
      if (change.workloads.size > 0 || change.unevaluated.length > 0)
        parts.push(networkPart(model, next, facts, change))
    }
  }
  if (stricter.length > 0) parts.push(admissionPart(after.cluster, facts, stricter))
  return parts
}

/** Objects that rules name and named none of before: what was asked of them must be told apart now. */
function newNames(before: RbacPolicy, after: RbacPolicy): ReadonlySet<string> {
  if (before === after) return new Set()
  const names = ({ roles }: RbacPolicy): Set<string> =>
    new Set(roles.flatMap(({ rules }) => rules.flatMap(({ resourceNames }) => resourceNames)))
  return names(after).difference(names(before))
}

/** Below `minDays` it says nothing; below two days there is nothing to estimate from. */
function massOf({ of, days }: NonNullable<Part['incidences']>, { minDays }: ProofOptions): number | undefined {
  return days >= 2 && days < minDays ? undefined : unseenMass(of, days)
}

function shortWindow(parts: readonly Part[], { minDays }: ProofOptions): readonly string[] {
  return parts.flatMap(({ incidences }) =>
    incidences && incidences.days < minDays ? [`the window is ${incidences.days} of at least ${minDays} days`] : [],
  )
}

/** Rounded up, so that what is above a limit never reads as the limit. */
function formatMass(mass: number): string {
  return String(Math.ceil(mass * 1_000) / 1_000)
}

function unwitnessed(fixes: readonly Fix[]): readonly string[] {
  return fixes.some(({ witness }) => witness === 'none') ? ['no source records what the process does'] : []
}

function sum(parts: readonly Part[], of: (part: Part) => number): number {
  return parts.reduce((total, part) => total + of(part), 0)
}
