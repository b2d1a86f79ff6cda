import type { KubeObject } from '../cluster/object.ts'
import type { Fix } from '../fix/fix.ts'
import type { Patch, PatchedFiles } from '../fix/patches.ts'
import type { Proof } from '../prove/proof.ts'
import type { Delta } from './delta.ts'
import type { Outlook } from './outlook.ts'

/** What the ranking needs of the house; `loop.ts` wires it. */
export interface PlanPorts {
  readonly base: Outlook
  judge(objects: readonly KubeObject[]): Outlook
  propose(outlook: Outlook): readonly Fix[]
  readonly files: PatchedFiles
  /** The verdict on the last step: what the cluster before it allows and the cluster after it denies. What an earlier step would have broken was never taken. */
  prove(before: Outlook, after: Outlook, fixes: readonly Fix[]): Proof
  /** The first cluster under equal weights; absent where these are the user's. */
  readonly equal?: () => Outlook
  /** Whether there is anything to replay. */
  readonly hasHistory: boolean
  /** How many steps are looked for. */
  readonly steps: number
}

/** Whether the plan begins alike when everything is worth the same. */
export interface Stability {
  readonly isStable: boolean
  /** What it would begin with. */
  readonly first?: { readonly id: string; readonly title: string }
}

export interface Plan {
  readonly steps: readonly Step[]
  readonly stability: Stability
  /** Fixes that would help and must not be made, or cannot be. */
  readonly rejected: readonly Rejected[]
  readonly residual: Residual
}

/** One step: a fix, or several that only help together. */
export interface Step {
  readonly id: string
  readonly title: string
  readonly fixes: readonly Fix[]
  /** Patches of the user's files, on top of those of the steps before. */
  readonly patches: readonly Patch[]
  /** Ids of edges. */
  readonly cuts: readonly string[]
  readonly adds: readonly string[]
  readonly risk: { readonly before: number; readonly after: number; readonly share: number }
  readonly proof: Proof
  /** The entries that lose most by it. */
  readonly relief: readonly Relief[]
}

/** What an entry reaches before and after a step. */
export interface Relief {
  readonly entry: string
  readonly before: Loss
  readonly after: Loss
}

export interface Loss {
  readonly controls: number
  readonly contacts: number
  /** The expected share of all value that a breach of it costs. */
  readonly loss: number
}

export interface Rejected {
  readonly id: string
  readonly title: string
  readonly why: 'breaks' | 'cannot-be-edited'
  readonly reason: string
  readonly gain: number
  readonly proof?: Proof
}

/** What the plan leaves, and why. */
export interface Residual {
  readonly risk: number
  /** Of the risk before the plan. */
  readonly share: number
  /** Fixes that would still lower the risk, or may: beyond the steps that were asked for. */
  readonly further: number
  readonly why: readonly string[]
}

/** Less is not a change: sums of the same values in another order differ so much. */
export const LEAST = 1e-12

/** A step while the plan is made. The clusters between are not kept: each is as large as the first. */
export interface Taken {
  readonly fixes: readonly Fix[]
  readonly delta: Delta
  readonly risk: { readonly before: number; readonly after: number }
  readonly relief: readonly Relief[]
  readonly proof: Proof
  readonly patches: readonly Patch[]
}

/** What is chosen next: one fix, or several that only help together. */
export interface Found {
  readonly fixes: readonly Fix[]
  /** After them. */
  readonly objects: readonly KubeObject[]
}

export function idOfStep(fixes: readonly Fix[]): string {
  return fixes.map(({ id }) => id).join('+')
}

export function titleOfStep(fixes: readonly Fix[]): string {
  const [first, ...more] = fixes.map(({ title }) => title)
  if (more.length === 0) return first ?? ''
  return `Together: ${[first, ...more].join('; ')}`
}
