import type { Applications } from '../cluster/application/application.ts'
import { isObject, type Json, type JsonObject } from '../cluster/json.ts'
import { applyFix } from '../fix/apply.ts'
import type { Fix } from '../fix/fix.ts'
import type { Patch } from '../fix/patches.ts'
import type { Plan, Rejected, Relief, Step } from '../plan/ports.ts'
import type { BlindSpot, Proof, Verdict } from '../prove/proof.ts'
import { type ResourceRef, resourceRef } from './evidence.ts'

/** The plan as programs read it (docs/reference/plan.md). */

export interface ReportPlan {
  readonly plan: readonly ReportStep[]
  readonly rejected: readonly ReportRejected[]
  readonly residual: Plan['residual']
  readonly stability: Plan['stability']
}

export interface ReportStep {
  readonly rank: number
  readonly id: string
  readonly title: string
  /** Whoever owns the application of the first object that it changes. */
  readonly owner?: string
  /** The kinds of the fixes: more than one in a step that only helps whole. */
  readonly kinds: readonly string[]
  /** Objects to apply, whole. */
  readonly objects: readonly Json[]
  readonly deletes: readonly ResourceRef[]
  readonly patches: readonly Patch[]
  readonly cuts: readonly string[]
  readonly adds: readonly string[]
  readonly risk: Step['risk']
  readonly relief: readonly Relief[]
  readonly proof: ReportProof
  readonly notes: readonly string[]
}

export interface ReportProof {
  readonly verdict: Verdict
  readonly reasons: readonly string[]
  /** Times are RFC 3339; empty where nothing was recorded. */
  readonly window: {
    readonly from: string
    readonly to: string
    readonly days: number
    readonly sources: readonly string[]
  }
  readonly control: Proof['control']
  readonly replayed: number
  readonly counterexamples: readonly ReportCounterexample[]
  readonly blindSpots: readonly BlindSpot[]
  /** Null where it was not estimated. */
  readonly unseenMass: number | null
  readonly recent: readonly {
    readonly behaviour: string
    readonly first: string
    readonly file: string
    readonly line: number
    readonly item?: string
  }[]
}

export interface ReportCounterexample {
  readonly what: string
  readonly why: string
  readonly times: number
  readonly first: string
  readonly last: string
  readonly file: string
  readonly line: number
  /** Which of several in that line. */
  readonly item?: string
  /** The record as it was written, without bodies. */
  readonly raw: string
}

export interface ReportRejected extends Omit<Rejected, 'proof'> {
  readonly proof?: ReportProof
}

export function reportPlan({ steps, rejected, residual, stability }: Plan, applications: Applications): ReportPlan {
  return {
    plan: steps.map((step, at) => reportStep(step, at + 1, applications)),
    rejected: rejected.map(({ proof, ...rest }) => ({ ...rest, ...(proof ? { proof: reportProof(proof) } : {}) })),
    residual,
    stability,
  }
}

function reportStep(step: Step, rank: number, applications: Applications): ReportStep {
  const { id, title, fixes, patches, cuts, adds, risk, relief, proof } = step
  const owner = ownerOf(fixes, applications)
  return {
    rank,
    id,
    title,
    ...(owner === undefined ? {} : { owner }),
    kinds: [...new Set(fixes.map((fix) => fix.kind))],
    ...toApply(fixes),
    patches,
    cuts,
    adds,
    risk,
    relief,
    proof: reportProof(proof),
    notes: [...new Set(fixes.flatMap((fix) => fix.notes))],
  }
}

/** Whoever is named as the owner of the application of what is changed, or served by what is new. */
export function ownerOf(fixes: readonly Fix[], applications: Applications): string | undefined {
  for (const fix of fixes) {
    for (const id of [fix.serves, ...fix.changes.map(({ object }) => object.id)]) {
      const owner = id === undefined ? undefined : applications.applicationsOf(id)[0]?.owner?.name
      if (owner !== undefined) return owner
    }
  }
  return undefined
}

/** The objects after the fixes, and those that go; what controllers make of them is left to the controllers. */
export function toApply(fixes: readonly Fix[]): { objects: readonly Json[]; deletes: readonly ResourceRef[] } {
  const before = new Map<string, Fix['changes'][number]['object']>()
  const derived = new Set<string>()
  for (const { changes } of fixes) {
    for (const change of changes) {
      const { object } = change
      if (change.action !== 'add' && !before.has(object.id)) before.set(object.id, object)
      if ('derived' in change && change.derived) derived.add(object.id)
    }
  }
  const after = fixes.reduce(applyFix, [...before.values()])
  const left = new Set(after.map(({ id }) => id))
  return {
    objects: after.filter(({ id }) => !derived.has(id)).map(({ body }) => manifest(body)),
    deletes: [...before.values()].filter(({ id }) => !left.has(id) && !derived.has(id)).map(resourceRef),
  }
}

/** What the API server writes itself is not applied. */
const SERVER_SIDE = ['managedFields', 'resourceVersion', 'uid', 'creationTimestamp', 'generation', 'selfLink']

function manifest(body: JsonObject): Json {
  const { status: _, metadata, ...rest } = body
  if (!isObject(metadata)) return { ...rest, ...(metadata === undefined ? {} : { metadata }) }
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !SERVER_SIDE.includes(key)))
  const { apiVersion, kind, ...others } = rest
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: kept,
    ...others,
  }
}

export function reportProof(proof: Proof): ReportProof {
  const { verdict, reasons, window, control, replayed, counterexamples, blindSpots, unseenMass, recent } = proof
  return {
    verdict,
    reasons,
    window: { ...window, from: timeText(window.from), to: timeText(window.to) },
    control,
    replayed,
    counterexamples: counterexamples.map(({ what, why, times, first, last, place, raw }) => ({
      what,
      why,
      times,
      first: timeText(first),
      last: timeText(last),
      file: place.file,
      line: place.line,
      ...(place.item === undefined ? {} : { item: place.item }),
      raw,
    })),
    blindSpots,
    unseenMass: unseenMass ?? null,
    recent: recent.map(({ behaviour, first, place }) => ({
      behaviour,
      first: timeText(first),
      file: place.file,
      line: place.line,
      ...(place.item === undefined ? {} : { item: place.item }),
    })),
  }
}

function timeText(time: number): string {
  return time > 0 && time < 8.64e15 ? new Date(time).toISOString() : ''
}
